import Base
import Customers
import SQL
import Synchronization
import TestKit

@testable import Commerce

/// A shop with three stores in Riga's streets, `near`, `far` and `night`, and what is told, sold and set aside there.
struct Depot {
  let store: TestStore
  let timers: TimerRunner

  static let stores = [
    #"{"id": "near", "name": "Near", "location": {"lat": 56.9496, "lon": 24.1052}, "timeZone": "Europe/Riga", "hours": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "open": "09:00", "close": "21:00"}]}"#,
    #"{"id": "far", "name": "Far", "location": {"lat": 56.5047, "lon": 27.3427}, "timeZone": "Europe/Riga", "offlineAllowance": 50}"#,
    #"{"id": "night", "name": "Night", "location": {"lat": 56.96, "lon": 24.12}, "timeZone": "Europe/Riga", "pickup": false, "hours": [{"days": ["thu", "fri"], "open": "22:00", "close": "04:00"}]}"#,
  ]

  init(chance: UInt64 = 1) throws {
    store = try TestStore(chance: chance, hasCommerce: true)
    timers = TimerRunner(
      database: store.database, intake: store.intake, acts: [ReservationEnd()], clock: store.clock,
      log: Log(clock: store.clock, threshold: .error))
    for text in Self.stores { try put(.store, text) }
  }

  func put(_ kind: DocumentKind, _ text: String) throws {
    let draft = try kind.draft(JSONDocument(Array(text.utf8)).root)
    let now = store.clock.now
    _ = try store.database.write { [intake = store.intake] session in
      try DocumentStore.put(draft, author: "test", at: now, through: intake, in: session)
    }
  }

  // MARK: What is told

  /// Sends a list of stock.
  @discardableResult
  func tell(_ items: String..., id: String? = nil) throws -> [StockList.Result] {
    let lines = try JSONDocument(Array("[\(items.joined(separator: ","))]".utf8)).root.elements.map { $0 }
    let list = StockList(lines, source: "api:erp", now: store.clock.now)
    let message = id ?? store.tokens.next("req_")
    return try store.database.write { [intake = store.intake] session in
      try list.record(messageID: message, author: "api:erp", through: intake, in: session)?.results ?? []
    }
  }

  /// A line of a list: `count` of them, `minutes` ago.
  func count(_ count: String, of sku: String = "A", in place: String = "near", minutes: Double = 0) -> String {
    #"{"store": "\#(place)", "sku": "\#(sku)", "onHand": \#(count), "asOf": "\#(ago(minutes).text)"}"#
  }

  func delta(_ delta: String, of sku: String = "A", in place: String = "near", minutes: Double = 0, id: String? = nil)
    -> String
  {
    let id = id.map { #", "id": "\#($0)""# } ?? ""
    return #"{"store": "\#(place)", "sku": "\#(sku)", "delta": \#(delta), "asOf": "\#(ago(minutes).text)"\#(id)}"#
  }

  func ago(_ minutes: Double) -> Instant { store.clock.now - .milliseconds(Int64(minutes * 60_000)) }

  // MARK: What orders do

  /// Records an entry about which `decide` decides.
  @discardableResult
  func record(
    _ name: String, id: String? = nil, at origin: Int64? = nil,
    decide: @escaping @Sendable (inout Outcome, any Session) throws -> Void
  ) throws -> Intake.Answer {
    let (now, message) = (store.clock.now, id ?? store.tokens.next("req_"))
    return try store.database.write { [intake = store.intake] session in
      try intake.record(
        .request(.order, name: name, body: Array("{}".utf8), messageID: message, at: now), at: origin,
        author: "api:shop", in: session
      ) { try decide(&$0, session) }
    }
  }

  func sell(_ lines: (String, String)..., in place: String = "near", order: String = "O-1", minutes: Double = 0) throws
  {
    let (lines, time) = (Self.lines(lines), ago(minutes))
    try record("sell") { try Stock.sell(lines, at: place, time: time, order: order, into: &$0, in: $1) }
  }

  func restock(_ lines: (String, String)..., in place: String = "near", order: String = "O-1", minutes: Double = 0)
    throws
  {
    let (lines, time) = (Self.lines(lines), ago(minutes))
    try record("restock") { try Stock.restock(lines, at: place, time: time, order: order, into: &$0, in: $1) }
  }

  func reserve(
    _ lines: (String, String)..., in place: String = "near", order: String = "O-1", hours: Int? = nil,
    at origin: Int64? = nil
  ) throws {
    let (lines, now) = (Self.lines(lines), store.clock.now)
    let until = hours.map { now + .seconds($0 * 3600) }
    try record("reserve", at: origin) {
      try Stock.reserve(lines, at: place, until: until, order: order, now: now, into: &$0, in: $1)
    }
  }

  func release(_ lines: (String, String)..., order: String = "O-1") throws {
    let lines = lines.isEmpty ? nil : Self.lines(lines)
    try record("release") { try Stock.release(order: order, lines: lines, into: &$0, in: $1) }
  }

  static func lines(_ lines: [(String, String)]) -> [Stock.Line] {
    lines.map { ($0, Quantity(decimal: $1) ?? .zero) }
  }

  // MARK: What there is

  /// `on hand, reserved, missing`, the last as the shortages explain it.
  func books(_ sku: String = "A", in place: String = "near") throws -> String {
    try sums(of: [StockPlace(store: place, sku: sku)])[0].map { Quantity(thousandths: $0).decimal }
      .joined(separator: ", ")
  }

  /// The same of each place, in thousandths.
  func sums(of places: [StockPlace]) throws -> [[Int64]] {
    try store.database.read { session in
      var book = try StockBook(Outcome(.matched, origin: nil), in: session)
      return try places.map { place in
        let level = try book.level(place)
        let shortages = try StockShortages(store: place.store, sku: place.sku, limit: 1000, in: session).rows
        return [level.onHand, level.reserved, shortages.reduce(Int64(0)) { $0 + $1.remaining }]
      }
    }
  }

  func available(_ sku: String = "A", in place: String = "near") throws -> String {
    let now = store.clock.now
    return try store.database.read { session in
      try Availability(of: sku, near: nil, now: now, in: session).stores.first { $0.store.id == place }?
        .available.decimal ?? "-"
    }
  }

  /// Whether everything holds.
  func findings() throws -> [Finding] { try store.verify() + store.replay() }
}
