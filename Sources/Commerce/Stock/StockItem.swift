package import Base
import Customers

/// One line of a list of stock: what somebody has counted, or by how much it changed.
///
/// ```json
/// {"store": "riga-1", "sku": "A-17", "onHand": 3, "asOf": "2026-11-23T10:00:00Z", "source": "erp", "id": "4711"}
/// ```
package struct StockItem: Sendable {
  package static let longestSource = 64
  package static let longestID = 200
  /// How far a sender's clock may be ahead: what is taken for later would count as known what is still to be sold.
  package static let mostAhead: Duration = .seconds(300)

  private static let fields: Set = ["store", "sku", "onHand", "delta", "asOf", "source", "id"]

  let place: StockPlace
  /// A count, else a change; in thousandths.
  let told: Int64
  let isCount: Bool
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
    guard json.kind == .object else {
      throw Failure(.invalid, "a line of stock is an object", faults: [.init("", "is no object")])
    }
    var faults = json.members.filter { !Self.fields.contains($0.key) }.map {
      Failure.Fault("/\(JSON.pointerToken($0.key))", "is unknown")
    }
    func given(_ name: StaticString) -> JSON? { json[name].flatMap { $0.isNull ? nil : $0 } }
    func text(_ name: StaticString, upTo longest: Int) -> String {
      let text = given(name)?.string ?? ""
      if !text.isPlainText(upTo: longest) {
        faults.append(.init("/\(name)", "has not 1 to \(longest) characters, or control characters"))
      }
      return text
    }
    place = StockPlace(store: text("store", upTo: Store.longestID), sku: text("sku", upTo: Sale.longestSKU))
    let (count, delta) = (given("onHand"), given("delta"))
    isCount = count != nil
    let quantity = (count ?? delta).flatMap { Quantity($0) }
    if (count == nil) == (delta == nil) {
      faults.append(.init("/onHand", "is needed, or delta, and not both"))
    } else if quantity == nil {
      let most = Quantity(thousandths: Quantity.most).decimal
      faults.append(.init(isCount ? "/onHand" : "/delta", "is no quantity of at most 3 decimals up to \(most)"))
    } else if isCount, let quantity, quantity < .zero {
      faults.append(.init("/onHand", "is below 0"))
    }
    told = quantity?.thousandths ?? 0
    let time = given("asOf").map { $0.string.flatMap { Instant($0) } } ?? now
    if let time, time > now + Self.mostAhead {
      faults.append(.init("/asOf", "is more than \(Self.mostAhead.components.seconds / 60) minutes in the future"))
    } else if time == nil {
      faults.append(.init("/asOf", "is no time as in RFC 3339"))
    }
    at = min(time ?? now, now)
    said = given("asOf") == nil ? nil : time
    self.source = given("source") == nil ? source : text("source", upTo: Self.longestSource)
    id = given("id") == nil ? nil : text("id", upTo: Self.longestID)
    if !faults.isEmpty { throw Failure(.invalid, "a line of stock is wrong", faults: faults) }
  }

  /// Whether the line says what was taken under its id; the time may differ by as much as clocks do.
  func isSame(as place: StockPlace, isCount: Bool, told: Int64, at: Instant) -> Bool {
    let isNear = said.map { $0 - Self.mostAhead <= at && at <= $0 + Self.mostAhead } ?? true
    return self.place == place && self.isCount == isCount && self.told == told && isNear
  }
}
