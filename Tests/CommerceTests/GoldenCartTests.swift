import Base
import Customers
import FoundationEssentials
import TestKit
import Testing

@testable import Commerce

/// The table of carts that `Tests/Golden/carts.py` worked out, in a shop of its own.
private struct GoldenTable {
  static let folder = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Golden"

  let shop: Shop
  let root: JSON
  let bought: [Origin.Number: [String: Quantity]]

  init() throws {
    let file = try #require(FileManager.default.contents(atPath: "\(Self.folder)/carts.json"))
    root = try JSONDocument(Array(file)).root
    shop = try Shop()
    for (kind, list) in [("product", "products"), ("price", "prices"), ("promotion", "promotions")] {
      for document in try #require(root.member(list)).elements {
        try shop.put(kind, String(decoding: document.bytes, as: UTF8.self))
      }
    }
    var bought: [Origin.Number: [String: Quantity]] = [:]
    for customer in try #require(root["customers"]).elements {
      let user = try #require(customer["user"]?.string)
      try shop.send(String(decoding: customer.bytes, as: UTF8.self), of: user, kind: .identify)
      bought[try shop.leader(user)] = Dictionary(
        uniqueKeysWithValues: customer["bought"]?.members.compactMap { sku, quantity in
          Quantity(quantity).map { (sku, $0) }
        } ?? [])
    }
    self.bought = bought
  }

  var carts: [JSON] { root["carts"]?.elements.map { $0 } ?? [] }

  /// What a cart costs at a door.
  func quote(_ cart: JSON, store: String?) throws -> Quote {
    var context = try shop.context(
      #require(cart["currency"]?.string), of: cart["customer"]?.string.map { try shop.leader($0) },
      coupons: cart["coupons"]?.elements.compactMap { $0.string } ?? [])
    context.region = cart["region"]?.string
    context.store = store
    context.now = try #require(root["now"]?.string.flatMap { Instant($0) })
    context.purchases = { [bought] leader, _ in bought[leader] ?? [:] }
    let lines = try #require(cart["lines"]).elements.map { line in
      let fields = Array(line.elements)
      return (sku: fields[0].string ?? "", quantity: Quantity(fields[1]) ?? .zero)
    }
    return try shop.quote(lines, context)
  }

  /// A quote in the words of the table.
  static func told(_ quote: Quote) -> [UInt8] {
    var writer = JSONWriter()
    func pair(_ writer: inout JSONWriter, _ name: String, _ amount: Int64) {
      writer.array { writer in
        writer.value(name)
        writer.value(amount)
      }
    }
    writer.object { writer in
      writer.key("lines")
      writer.array { writer in
        for line in quote.lines {
          writer.object { writer in
            writer.field("sku", line.sku)
            writer.field("unitPrice", orNull: line.unitPrice)
            writer.field("total", orNull: line.total)
            writer.key("discounts")
            writer.array { writer in for discount in line.discounts { pair(&writer, discount.rule, discount.amount) } }
            writer.key("issues")
            writer.array { writer in for issue in line.issues { writer.value(issue.code.rawValue) } }
          }
        }
      }
      writer.key("coupons")
      writer.array { writer in
        for coupon in quote.coupons {
          writer.array { writer in
            writer.value(coupon.code)
            writer.value(coupon.state.rawValue)
          }
        }
      }
      writer.key("trace")
      writer.array { writer in
        for step in quote.trace {
          writer.array { writer in
            writer.value(step.rule)
            writer.value(step.line)
            writer.value(step.amount)
          }
        }
      }
      writer.key("totals")
      writer.object { writer in
        writer.field("goods", quote.goods)
        writer.field("discount", quote.discount)
        writer.field("due", quote.total)
      }
    }
    return writer.bytes
  }
}

@Test func `a hundred carts cost what was worked out by hand, at every door`() throws {
  let table = try GoldenTable()
  #expect(table.carts.count == 100)
  for (number, cart) in table.carts.enumerated() {
    let expected = try #require(cart["expect"])
    for store in [nil, "s-1", "s-2"] {
      let told = try JSONDocument(GoldenTable.told(table.quote(cart, store: store))).root
      let differences = told.differences(from: expected).map { "\($0.pointer)" }
      #expect(differences == [], "cart \(number)")
    }
  }
  #expect(try table.shop.findings() == [])
}

@Test func `the table of carts is what its script writes`() throws {
  let script = try #require(FileManager.default.contents(atPath: "\(GoldenTable.folder)/carts.py"))
  let wrapped =
    String(decoding: script, as: UTF8.self).split(separator: #"if __name__ == "__main__":"#)[0]
    + "\nsys.stdout.write(text())\n"
  let written = try Python.run(String(wrapped))
  let kept = try #require(FileManager.default.contents(atPath: "\(GoldenTable.folder)/carts.json"))
  #expect(written == Array(kept))
}

@Test func `what a quote writes is read back as it was`() throws {
  let table = try GoldenTable()
  for cart in table.carts {
    let quote = try table.quote(cart, store: "s-1")
    var writer = JSONWriter()
    writer.object { quote.write(to: &$0) }
    #expect(Quote(json: try JSONDocument(writer.bytes).root) == quote)
    #expect(quote.trace.reduce(0) { $0 + $1.amount } == quote.total)
  }
}
