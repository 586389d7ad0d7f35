package import Base
import Customers

/// One line of a list of stock: what somebody has counted, by how much it changed, or what is on its way.
///
/// ```json
/// {"store": "riga-1", "sku": "A-17", "onHand": 3, "asOf": "2026-11-23T10:00:00Z", "source": "erp", "id": "4711"}
/// {"store": "riga-1", "sku": "A-17", "incoming": 12, "expectedAt": "2026-11-25T08:00:00Z"}
/// ```
package struct StockItem: Sendable {
  package static let longestSource = 64
  package static let longestID = 200
  /// How far a sender's clock may be ahead: what is taken for later would count as known what is still to be sold.
  package static let mostAhead: Duration = .seconds(300)

  private static let fields: Set = [
    "store", "sku", "onHand", "delta", "incoming", "expectedAt", "asOf", "source", "id",
  ]

  let place: StockPlace
  /// A count, a change, or what is expected to come; in thousandths.
  let told: Int64
  let isCount: Bool
  /// Whether it tells what is on its way.
  let isExpected: Bool
  let expectedAt: Instant?
  let at: Instant
  /// The time that the line says.
  let said: Instant?
  let source: String
  let id: String?

  /// - Parameters:
  ///   - json: the line.
  ///   - source: who tells it where the line does not say.
  ///   - now: when, where the line does not say.
  /// - Throws: `invalid` with every field at fault.
  package init(_ json: JSON, source: String, now: Instant) throws {
    var fields = try FieldReader(json, "a line of stock", known: Self.fields)
    place = StockPlace(
      store: fields.text("store", upTo: Store.longestID, isNeeded: true) ?? "",
      sku: fields.text("sku", upTo: Sale.longestSKU, isNeeded: true) ?? "")
    let given = ["onHand", "delta", "incoming"].filter { fields.given($0) != nil }
    let name = given.first ?? "onHand"
    (isCount, isExpected) = (name == "onHand", name == "incoming")
    let quantity = fields.given(name).flatMap { Quantity($0) }
    if given.count != 1 {
      fields.fault("/onHand", "is needed, or delta, or incoming, and one of them")
    } else if quantity == nil {
      let most = Quantity(thousandths: Quantity.most).decimal
      fields.fault("/\(name)", "is no quantity of at most 3 decimals up to \(most)")
    } else if name != "delta", let quantity, quantity < .zero {
      fields.fault("/\(name)", "is below 0")
    }
    expectedAt = fields.time("expectedAt")
    fields.check(isExpected || fields.given("expectedAt") == nil, "/expectedAt", "is told of incoming alone")
    // What is told again takes the place of what was told, so it needs no id to count once.
    fields.check(!isExpected || fields.given("id") == nil, "/id", "is not told of incoming")
    told = quantity?.thousandths ?? 0
    said = fields.time("asOf")
    if let said, said > now + Self.mostAhead {
      fields.fault("/asOf", "is more than \(Self.mostAhead.components.seconds / 60) minutes in the future")
    }
    at = min(said ?? now, now)
    self.source = fields.text("source", upTo: Self.longestSource) ?? source
    id = fields.text("id", upTo: Self.longestID)
    try fields.finish()
  }

  /// Whether the line says what was taken under its id; the time may differ by as much as clocks do.
  func isSame(as place: StockPlace, isCount: Bool, told: Int64, at: Instant) -> Bool {
    let isNear = said.map { $0 - Self.mostAhead <= at && at <= $0 + Self.mostAhead } ?? true
    return self.place == place && self.isCount == isCount && self.told == told && isNear
  }
}
