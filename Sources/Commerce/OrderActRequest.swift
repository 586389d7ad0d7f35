package import Base
import Customers

/// What a request asks to be done with an order.
///
/// ```json
/// {"lines": [{"line": 1, "quantity": 1}, {"sku": "mug"}], "reason": "broken", "amount": {"amount": 500, "currency": "EUR"},
///  "code": "7KM3QX", "carrier": "DPD", "tracking": "…", "store": "riga", "restock": false, "payments": […]}
/// ```
package struct OrderActRequest: Sendable {
  package var act: OrderAct
  /// Nil for all that can.
  package var lines: [Order.Selection]?
  /// How much of a line was expected where less of it was found.
  package var expected: [Quantity?] = []
  package var amount: Money?
  package var code: String?
  package var store: String?
  /// Whether goods that come back go to a shelf.
  package var restock: Bool
  package var payments: [(method: String, amount: Money)]

  /// What each act may say.
  private static func fields(_ act: OrderAct) -> Set<String> {
    let own: Set<String> =
      switch act {
      case .collect: ["code", "payments"]
      case .ship: ["carrier", "tracking"]
      case .move: ["store"]
      case .return: ["store", "restock"]
      case .refund: ["store", "restock", "amount"]
      case .pay: ["payments"]
      default: []
      }
    return own.union(act == .pay ? ["reason"] : ["lines", "reason"])
  }

  /// - Throws: `invalid` with every field at fault, `tooLarge` with too many lines.
  package init(_ act: OrderAct, _ body: JSON) throws {
    self.act = act
    var reader = try FieldReader(body, "the request", known: Self.fields(act))
    _ = reader.text("reason", upTo: OrderDraft.longestText)
    _ = reader.text("tracking", upTo: OrderDraft.longestCode)
    let carrier = reader.text("carrier", upTo: OrderDraft.longestCode)
    if act == .ship, carrier == nil, reader.faults.isEmpty { reader.fault("/carrier", "is missing") }
    code = reader.text("code", upTo: OrderDraft.longestCode)
    store = reader.text("store", upTo: OrderDraft.longestCode)
    if act == .move, store == nil, reader.faults.isEmpty { reader.fault("/store", "is missing") }
    restock = reader.flag("restock", usual: true)
    if let given = reader.given("amount") {
      amount = Money(given)
      if amount.map({ $0.amount <= 0 }) ?? true { reader.fault("/amount", "is no amount of money above 0") }
    }
    payments = OrderDraft.payments(body, &reader)
    if act == .pay, payments.isEmpty, reader.faults.isEmpty { reader.fault("/payments", "is missing") }
    if let given = reader.given("lines") {
      if amount != nil { reader.fault("/amount", "is said beside lines, which have theirs") }
      guard given.count <= Order.mostLines else {
        throw Failure(
          .tooLarge, "an order has at most \(Order.mostLines) lines",
          faults: [.init("/lines", "has more than \(Order.mostLines) lines")])
      }
      if given.kind != .array || given.count == 0 { reader.fault("/lines", "is no list of at least one line") }
      var selections: [Order.Selection] = []
      for (index, line) in given.elements.enumerated() {
        read(line, "/lines/\(index)", into: &selections, &reader)
      }
      lines = selections
    }
    try reader.finish()
  }

  private mutating func read(
    _ line: JSON, _ place: String, into selections: inout [Order.Selection], _ reader: inout FieldReader
  ) {
    let fields: Set = ["line", "sku", act == .pick ? "found" : "quantity"]
    reader.knows(fields, in: line, at: place)
    let (number, sku) = (line["line"]?.integer, line["sku"]?.string)
    guard number.map({ (1...Int64(Order.mostLines)).contains($0) }) ?? (sku != nil) else {
      return reader.fault(place, "names neither a line by its number nor a sku")
    }
    var selection = Order.Selection(pointer: place, line: number.map { Int($0) }, sku: sku)
    if let given = line[act == .pick ? "found" : "quantity"], !given.isNull {
      let least: Int64 = act == .pick ? 0 : 1
      guard let quantity = Quantity(given), quantity.thousandths >= least else {
        return reader.fault("\(place)/\(act == .pick ? "found" : "quantity")", "is no quantity")
      }
      selection.quantity = quantity
    }
    selections.append(selection)
  }
}
