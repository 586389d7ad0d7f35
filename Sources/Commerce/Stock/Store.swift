package import Base
package import Customers

/// A place where goods are: a shop, a warehouse; a document of the kind `store`.
///
/// ```json
/// {"id": "riga-1", "name": "Old Town", "location": {"lat": 56.9496, "lon": 24.1052}, "timeZone": "Europe/Riga",
///  "hours": [{"days": ["mon", "fri"], "open": "09:00", "close": "21:00"}], "pickup": true, "safetyStock": 1}
/// ```
package struct Store: Sendable {
  package static let documentKind = "store"
  package static let longestID = Sale.longestSKU
  package static let longestName = 200

  package let id: String
  package let name: String
  /// None for one that nobody looks for by its place.
  package let location: Coordinates?
  /// As the system's zoneinfo calls it.
  package let timeZone: String
  /// None where nobody has said when it is open.
  package let hours: OpeningHours?
  /// Whether customers fetch orders there.
  package let pickup: Bool
  /// So much of each article is never promised, for what is broken, stolen or miscounted.
  package let safetyStock: Quantity
  /// So many percent of what is on hand, less the safety stock, are kept for the tills there: no other door promises
  /// them, so the tills may sell them while they have no connection.
  package let offlineAllowance: Int64

  private static let fields: Set = [
    "id", "name", "location", "timeZone", "hours", "pickup", "safetyStock", "offlineAllowance",
  ]

  /// The store that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(document: JSON) throws { try self.init(document, isZone: { TimeZoneRules.named($0) != nil }) }

  /// The store that a document holds which was checked before, whatever zones the system knows by now.
  init(recorded document: JSON) throws { try self.init(document, isZone: { _ in true }) }

  private init(_ document: JSON, isZone: (String) -> Bool) throws {
    var fields = try FieldReader(document, "a store", known: Self.fields)
    id = fields.text("id", upTo: Self.longestID, isNeeded: true) ?? ""
    name = fields.text("name", upTo: Self.longestName, isNeeded: true) ?? ""
    let place = fields.given("location")
    location = place.flatMap { Coordinates($0) }
    fields.check(place == nil || location != nil, "/location", "is no place as {\"lat\": 56.95, \"lon\": 24.1}")
    timeZone = document["timeZone"]?.string ?? ""
    fields.check(isZone(timeZone), "/timeZone", "is no zone that the system knows, such as Europe/Riga")
    hours = fields.given("hours").map { OpeningHours($0, at: "/hours", faults: &fields.faults) }
    pickup = fields.flag("pickup", usual: true)
    let safety = fields.given("safetyStock").map { Quantity($0) } ?? .zero
    fields.check(safety.map { $0 >= .zero } == true, "/safetyStock", "is no quantity from 0 on")
    safetyStock = safety ?? .zero
    offlineAllowance = fields.integer("offlineAllowance", in: 0...100) ?? 0
    try fields.finish()
  }

  /// As the table keeps it.
  init(
    id: String, name: String, location: Coordinates?, timeZone: String, hours: OpeningHours?, pickup: Bool,
    safetyStock: Quantity, offlineAllowance: Int64
  ) {
    (self.id, self.name, self.location, self.timeZone) = (id, name, location, timeZone)
    (self.hours, self.pickup, self.safetyStock) = (hours, pickup, safetyStock)
    self.offlineAllowance = offlineAllowance
  }

  /// Whether it is open at that moment; nil where nobody has said when it is.
  package func isOpen(at now: Instant) -> Bool? {
    guard let hours, let rules = TimeZoneRules.named(timeZone) else { return nil }
    return hours.isOpen(at: rules.wallClock(at: now))
  }

  /// How much of what is on hand is kept for its tills, in whole units; both in thousandths.
  ///
  /// What is reserved does not change it, so that however much others promise while a till has no connection, it may sell
  /// what it was told.
  package func kept(of onHand: Int64) -> Int64 {
    let share = Int128(max(0, onHand - safetyStock.thousandths)) * Int128(offlineAllowance) / 100
    return Int64(share) / 1000 * 1000
  }

  /// The document that holds it.
  package var document: [UInt8] {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.bytes
  }

  /// Writes it as the API shows it.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", id)
      writer.field("name", name)
      writer.key("location")
      if let location { location.write(to: &writer) } else { writer.null() }
      writer.field("timeZone", timeZone)
      writer.key("hours")
      if let hours { hours.write(to: &writer) } else { writer.null() }
      writer.field("pickup", pickup)
      writer.field("safetyStock", safetyStock)
      writer.field("offlineAllowance", offlineAllowance)
    }
  }
}

extension DocumentKind {
  /// Who sells reads where.
  private static let sellers = staff.union([.store, .storefront])

  package static let store = DocumentKind(
    name: Store.documentKind, readers: sellers, writers: administrators, defaults: nil, identity: .member("id")
  ) { try Store(document: $0).document }

  package static let stockPolicy = DocumentKind(
    name: StockPolicy.documentKind, readers: sellers, writers: administrators, defaults: StockPolicy().document,
    identity: .only
  ) { try StockPolicy(document: $0).document }
}
