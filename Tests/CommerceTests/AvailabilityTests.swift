import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

@Suite struct AvailabilityTests {
  @Test(arguments: [
    ("56.9496,24.1052", "56.9496,24.1052", 0), ("55.7558,37.6173", "59.9343,30.3351", 634_000),
    ("0,179.5", "0,-179.5", 111_000), ("90,0", "-90,0", 20_015_000),
    ("-33.8688,151.2093", "51.5074,-0.1278", 16_994_000),
  ])
  func `distances are along great circles`(from: String, to: String, metres: Int64) throws {
    let distance = try #require(Coordinates(from)).distance(to: #require(Coordinates(to)))
    #expect(abs(distance - metres) <= 1000, "\(distance)")
  }

  @Test(arguments: ["", "1", "1,2,3", "91,0", "0,180.1", "a,b", "1e1,0", "NaN,0"])
  func `what is no place is none`(text: String) { #expect(Coordinates(text) == nil) }

  @Test(arguments: [
    // Thursday and Friday in Riga, two hours before Universal Time.
    ("2026-01-01T06:59:59Z", false, false), ("2026-01-01T07:00:00Z", true, false),
    ("2026-01-01T18:59:59Z", true, false), ("2026-01-01T19:00:00Z", false, false),
    ("2026-01-01T20:00:00Z", false, true), ("2026-01-02T01:59:59Z", false, true),
    ("2026-01-02T02:00:00Z", false, false),
    ("2026-01-03T01:00:00Z", false, true), ("2026-01-04T01:00:00Z", false, false),
    // In summer three hours.
    ("2026-07-02T06:00:00Z", true, false),
  ])
  func `stores are open by the clocks of their place`(time: String, near: Bool, night: Bool) throws {
    let stores = try Depot.stores.map { try Store(document: JSONDocument(Array($0.utf8)).root) }
    let now = try #require(Instant(time))
    #expect(stores.map { $0.isOpen(at: now) } == [near, nil, night])
  }

  private static func hours(_ span: String) -> String {
    #"{"id": "a", "name": "N", "timeZone": "Etc/UTC", "hours": [\#(span)]}"#
  }

  @Test(arguments: [
    (#"{"name": "N", "timeZone": "Etc/UTC"}"#, "/id"), (#"{"id": "a", "timeZone": "Etc/UTC"}"#, "/name"),
    (#"{"id": "a", "name": "N"}"#, "/timeZone"), (#"{"id": "a", "name": "N", "timeZone": "Mars/Base"}"#, "/timeZone"),
    (#"{"id": "a", "name": "N", "timeZone": "Etc/UTC", "location": {"lat": 91, "lon": 0}}"#, "/location"),
    (#"{"id": "a", "name": "N", "timeZone": "Etc/UTC", "hours": {}}"#, "/hours"),
    (Self.hours(#"{"days": ["day"], "open": "09:00", "close": "10:00"}"#), "/hours/0/days"),
    (Self.hours(#"{"days": ["mon"], "open": "24:00", "close": "10:00"}"#), "/hours/0/open"),
    (Self.hours(#"{"days": ["mon"], "open": "09:00", "close": "24:01"}"#), "/hours/0/close"),
    (Self.hours(#"{"days": ["mon"], "open": "9:00", "close": "10:00"}"#), "/hours/0/open"),
    (#"{"id": "a", "name": "N", "timeZone": "Etc/UTC", "safetyStock": -1}"#, "/safetyStock"),
    (#"{"id": "a", "name": "N", "timeZone": "Etc/UTC", "offlineAllowance": 101}"#, "/offlineAllowance"),
    (#"{"id": "a", "name": "N", "timeZone": "Etc/UTC", "pickup": 1}"#, "/pickup"),
    (#"{"id": "a", "name": "N", "timeZone": "Etc/UTC", "colour": 1}"#, "/colour"), ("[]", ""),
  ])
  func `a store that is wrong is refused with the field`(document: String, pointer: String) throws {
    do {
      _ = try Store(document: JSONDocument(Array(document.utf8)).root)
      Issue.record("it was taken")
    } catch let failure as Failure {
      #expect(failure.faults.map { $0.pointer } == [pointer])
    }
  }

  @Test(arguments: [
    (#"{"staleAfter": 0}"#, "/staleAfter"), (#"{"promisedFor": 527041}"#, "/promisedFor"),
    (#"{"staleAfter": 20, "promisedFor": 19}"#, "/promisedFor"), (#"{"x": 1}"#, "/x"), ("1", ""),
  ])
  func `a policy that is wrong is refused with the field`(document: String, pointer: String) throws {
    do {
      _ = try StockPolicy(document: JSONDocument(Array(document.utf8)).root)
      Issue.record("it was taken")
    } catch let failure as Failure {
      #expect(failure.faults.map { $0.pointer } == [pointer])
    }
    _ = try StockPolicy(document: JSONDocument(Array(#"{"staleAfter": 1, "promisedFor": 527040}"#.utf8)).root)
  }

  @Test func `stores are told the nearest first, with what a till may promise alone`() throws {
    let depot = try Depot()
    try depot.tell(depot.count("3"), depot.count("7.5", in: "far"), depot.count("0", in: "night"))
    let now = depot.store.clock.now
    let stores = try depot.store.database.read {
      try Availability(of: "A", near: Coordinates("56.9600,24.1201"), now: now, in: $0).stores
    }
    #expect(stores.map { $0.store.id } == ["night", "near", "far"])
    #expect(stores.map { $0.offline.decimal } == ["0", "0", "3"])
    #expect(stores.map { ($0.distance ?? 0) / 1000 } == [0, 1, 202])
  }

  // MARK: Several lines

  private func sourcing(_ depot: Depot, _ lines: (String, String)..., isPickup: Bool = false) throws -> [String] {
    let (lines, now) = (Depot.lines(lines), depot.store.clock.now)
    let sourcing = try depot.store.database.read {
      try Sourcing(of: lines, near: Coordinates("56.95,24.1"), isPickup: isPickup, now: now, in: $0)
    }
    func told(_ share: Sourcing.Share) -> String {
      "\(share.store.id) " + share.lines.map { "\($0.sku)\($0.quantity.decimal)" }.joined(separator: " ")
    }
    return sourcing.stores.map(told) + sourcing.split.map { "split " + told($0) }
      + sourcing.short.map { "short \($0.sku)\($0.available.decimal)" }
  }

  @Test func `one store that has all lines, else the fewest that have them among them`() throws {
    let depot = try Depot()
    // It is Friday, 05:04 in Riga: `near` and `night` are closed, `far` never said when it is, and keeps half for its
    // tills.
    for (sku, counts) in [("A", ["3", "1", "3"]), ("B", ["0", "5", "2"]), ("C", ["0", "0", "4"])] {
      for (store, count) in zip(["near", "far", "night"], counts) {
        try depot.tell(depot.count(count, of: sku, in: store))
      }
    }
    #expect(try sourcing(depot, ("A", "1")) == ["far A1", "near A3", "night A3"])
    #expect(try sourcing(depot, ("A", "1"), ("B", "1")) == ["far A1 B3", "night A3 B2"])
    #expect(try sourcing(depot, ("A", "1"), ("A", "1"), ("B", "1")) == ["night A3 B2"])
    #expect(try sourcing(depot, ("A", "4"), ("C", "1")) == ["split far A1", "split night A3 C1"])
    #expect(try sourcing(depot, ("A", "7"), ("C", "4")) == ["split night A3 C4", "split near A3", "split far A1"])
    #expect(try sourcing(depot, ("A", "8"), ("B", "1")) == ["short A7"])
    #expect(try sourcing(depot, ("C", "1"), isPickup: true) == ["short C0"])
    #expect(try sourcing(depot, ("X", "1")) == ["short X0"])
  }
}
