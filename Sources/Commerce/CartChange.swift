package import Base
import Customers

/// What a request changes in a cart.
///
/// ```json
/// {"lines": [{"sku": "A-1", "quantity": 2}, {"sku": "B-2", "delta": -1}, {"sku": "C-3", "saved": true}],
///  "coupons": {"add": ["SPRING"], "remove": ["WINTER"]}, "acknowledge": true}
/// ```
package struct CartChange: Sendable {
  package enum Act: Sendable, Equatable {
    /// So much is in the cart from now on.
    case set(Quantity)
    /// So much more, or less.
    case add(Quantity)
    /// All of it is saved for later, or all that is saved comes back.
    case save(Bool)
    /// So much is saved for later from now on.
    case setSaved(Quantity)
  }

  package struct Line: Sendable, Equatable {
    package var sku: String
    package var act: Act

    package init(sku: String, act: Act) {
      self.sku = sku
      self.act = act
    }
  }

  package var lines: [Line] = []
  package var added: [String] = []
  package var removed: [String] = []
  /// Whether the prices as they are now have been seen, so that no difference is told any more.
  package var acknowledges = false

  /// A code has at most so many characters.
  package static let longestCoupon = 64
  private static let members: Set = ["lines", "coupons", "acknowledge"]

  package init() {}

  /// The change of one line.
  package init(_ line: Line) { lines = [line] }

  /// - Throws: `invalid` with every field at fault, `tooLarge` for more lines than a cart has.
  package init(_ body: JSON) throws {
    var fields = try FieldReader(body, "a change of a cart", known: Self.members)
    if let given = body["lines"] {
      fields.check(given.kind == .array, "/lines", "is no list")
      guard given.count <= Cart.mostLines else { throw Self.tooLong }
      for (index, line) in given.elements.enumerated() { read(line, "/lines/\(index)", &fields.faults) }
    }
    if let coupons = body["coupons"] {
      fields.check(coupons.kind == .object, "/coupons", "is no object")
      fields.knows(["add", "remove"], in: coupons, at: "/coupons")
      added = Self.codes(coupons["add"], "/coupons/add", &fields.faults)
      removed = Self.codes(coupons["remove"], "/coupons/remove", &fields.faults)
    }
    acknowledges = fields.flag("acknowledge", usual: false)
    try fields.finish()
  }

  /// The line that a path names, as a request puts it.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(putting body: JSON, under sku: String) throws {
    var fields = try FieldReader(body, "a line", known: ["quantity"])
    let quantity = Self.quantity(body["quantity"], "/quantity", &fields.faults)
    try fields.finish()
    lines = quantity.map { [Line(sku: sku, act: .set($0))] } ?? []
  }

  /// What a change of lines is as the body of a request.
  package var body: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("lines")
      writer.array { writer in
        for line in lines {
          writer.object { writer in
            writer.field("sku", line.sku)
            switch line.act {
            case .set(let quantity): writer.field("quantity", quantity)
            case .add(let quantity): writer.field("delta", quantity)
            case .save(let saved): writer.field("saved", saved)
            case .setSaved(let quantity): writer.field("savedQuantity", quantity)
            }
          }
        }
      }
    }
    return writer.bytes
  }

  /// Whether something may be the name of an article.
  package static func isSKU(_ text: String) -> Bool { text.isPlainText(upTo: Sale.longestSKU) }

  static let tooLong = Failure(
    .tooLarge, "a cart has at most \(Cart.mostLines) lines",
    faults: [.init("/lines", "has more than \(Cart.mostLines) lines")])

  private mutating func read(_ line: JSON, _ place: String, _ faults: inout [Failure.Fault]) {
    guard line.kind == .object else { return faults.append(.init(place, "is no object")) }
    guard let sku = line["sku"]?.string, Self.isSKU(sku) else {
      return faults.append(
        .init("\(place)/sku", "has not 1 to \(Sale.longestSKU) characters, or control characters"))
    }
    if lines.contains(where: { $0.sku == sku }) { return faults.append(.init("\(place)/sku", "comes twice")) }
    let given = line.members.map { $0.key }.filter { $0 != "sku" }
    guard given.count == 1, let name = given.first else {
      return faults.append(.init(place, "has not one of quantity, delta, saved, savedQuantity"))
    }
    switch name {
    case "quantity":
      guard let quantity = Self.quantity(line["quantity"], "\(place)/quantity", &faults) else { return }
      lines.append(Line(sku: sku, act: .set(quantity)))
    case "savedQuantity":
      guard let quantity = Self.quantity(line["savedQuantity"], "\(place)/savedQuantity", &faults) else { return }
      lines.append(Line(sku: sku, act: .setSaved(quantity)))
    case "delta":
      guard let delta = line["delta"].flatMap({ Quantity($0) }), max(delta, -delta) <= Cart.mostOfLine else {
        return faults.append(.init("\(place)/delta", "is no quantity up to \(Cart.mostOfLine.decimal) either way"))
      }
      lines.append(Line(sku: sku, act: .add(delta)))
    case "saved":
      guard let saved = line["saved"]?.bool else {
        return faults.append(.init("\(place)/saved", "is neither true nor false"))
      }
      lines.append(Line(sku: sku, act: .save(saved)))
    default: faults.append(.init("\(place)/\(JSON.pointerToken(name))", "is unknown"))
    }
  }

  private static func quantity(_ json: JSON?, _ place: String, _ faults: inout [Failure.Fault]) -> Quantity? {
    guard let quantity = json.flatMap({ Quantity($0) }), quantity >= .zero, quantity <= Cart.mostOfLine else {
      faults.append(.init(place, "is no quantity from 0 to \(Cart.mostOfLine.decimal), with at most 3 decimals"))
      return nil
    }
    return quantity
  }

  private static func codes(_ json: JSON?, _ place: String, _ faults: inout [Failure.Fault]) -> [String] {
    guard let json else { return [] }
    guard json.kind == .array, json.count <= Cart.mostCoupons else {
      faults.append(.init(place, "is no list of at most \(Cart.mostCoupons) codes"))
      return []
    }
    var codes: [String] = []
    for (index, code) in json.elements.enumerated() {
      guard let code = code.string, code.isPlainText(upTo: longestCoupon) else {
        faults.append(.init("\(place)/\(index)", "has not 1 to \(longestCoupon) characters, or control characters"))
        continue
      }
      if !codes.contains(code) { codes.append(code) }
    }
    return codes
  }
}
