package import Base
import Customers
package import SQL

/// A cart as it is shown: its lines with what they cost now, and what has changed since they were shown last.
package struct CartView: Sendable {
  package let cart: Cart
  package let prices: CartPrices
  /// What is saved for later is called, by sku.
  private let savedNames: [String: String]

  package init(
    _ cart: Cart, _ context: CartContext, by pricing: any CartPricing, in session: any Session
  ) throws {
    self.cart = cart
    var context = context
    context.coupons = cart.coupons
    let goods = cart.goods
    var prices = try pricing.price(
      goods.map { CartShare.Line(sku: $0.sku, quantity: $0.quantity) }, context, in: session)
    for (index, line) in goods.enumerated() where prices.lines.indices.contains(index) {
      guard let old = line.price, let new = prices.lines[index].unitPrice, old != new else { continue }
      prices.lines[index].issues.append(
        CartIssue(.priceChanged, "it costs another price than before", old: old, new: new))
    }
    self.prices = prices
    savedNames = try cart.savedLines.reduce(into: [:]) { names, line in
      names[line.sku] = try Catalogue.product(line.sku, in: session)?.name
    }
  }

  /// Writes it as the API shows it.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", orNull: cart.id)
      writer.field("version", cart.version)
      writer.field("state", cart.state?.rawValue ?? Self.none)
      writer.key("lines")
      writer.array { writer in
        for (index, line) in cart.goods.enumerated() {
          let price = prices.lines.indices.contains(index) ? prices.lines[index] : CartPrices.Line()
          writer.object { Self.write(line.sku, line.quantity, price, since: line.since, to: &$0) }
        }
      }
      writer.key("savedForLater")
      writer.array { writer in
        for line in cart.savedLines {
          writer.object { writer in
            writer.field("sku", line.sku)
            writer.field("name", ifPresent: savedNames[line.sku])
            writer.field("quantity", line.saved)
          }
        }
      }
      writer.key("coupons")
      writer.array { writer in for code in cart.coupons { writer.value(code) } }
      Self.writeTotals(prices, to: &writer)
    }
  }

  /// What stands for the state of a customer who has no cart.
  private static let none = "empty"

  /// Writes a line into an open object.
  package static func write(
    _ sku: String, _ quantity: Quantity, _ price: CartPrices.Line, since: Instant? = nil, to writer: inout JSONWriter
  ) {
    writer.field("sku", sku)
    writer.field("name", ifPresent: price.name)
    writer.field("quantity", quantity)
    write("unitPrice", price.unitPrice, to: &writer)
    write("total", price.total, to: &writer)
    writer.key("discounts")
    writer.raw(price.discounts)
    writer.key("issues")
    writer.array { writer in for issue in price.issues { issue.write(to: &writer) } }
    if let since { writer.field("since", since.text) }
  }

  /// Writes `totals` and `trace` into an open object.
  package static func writeTotals(_ prices: CartPrices, to writer: inout JSONWriter) {
    writer.key("totals")
    writer.object { writer in
      write("goods", prices.goods, to: &writer)
      write("discount", prices.discount, to: &writer)
      write("points", prices.points, to: &writer)
      write("due", prices.due, to: &writer)
    }
    writer.key("trace")
    writer.raw(prices.trace)
  }

  private static func write(_ name: String, _ money: Money?, to writer: inout JSONWriter) {
    writer.key(name)
    if let money { money.write(to: &writer) } else { writer.null() }
  }
}
