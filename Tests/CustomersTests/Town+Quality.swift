import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// Sends an event with the traits of somebody, as an adapter reads them.
  func say(
    _ who: String, _ traits: [(String, String)] = [], from source: String = "prover", at: Instant? = nil
  ) throws {
    var event = Self.event(store.tokens.next("msg_"), who, at: at, receivedAt: store.clock.now, traits: traits)
    event.unusable = ContactTrait.unusable(among: event.traits, region: "RU")
    try store.send([event], from: source)
    store.clock.advance(by: .seconds(1))
  }

  /// Sends what a mail service says of a message to somebody.
  func mail(_ name: String, _ who: String, to address: String? = nil, at: Instant? = nil) throws {
    var event = Self.event(
      store.tokens.next("msg_"), who, at: at, receivedAt: store.clock.now, kind: .track, name: name)
    let traits = address.map { #""email": "\#($0)""# } ?? ""
    event.body = Array(#"{"event": "\#(name)", "context": {"traits": {\#(traits)}}}"#.utf8)
    try store.send([event], from: "backend")
    store.clock.advance(by: .seconds(1))
  }

  /// A customer by whom nothing is wrong.
  func ann() throws { try say("user_id:ann email:ann@b.test", [("email", "ann@b.test")]) }

  func quality(_ name: String = "user_id:ann", isOwn: Bool = false) throws -> JSON {
    let leader = try leader(name)
    let now = store.clock.now
    let picture = try store.database.read { session in
      try JSONDocument(Profile.json(ofCustomer: leader, now: now, isOwn: isOwn, in: session)).root
    }
    return try #require(picture["quality"])
  }

  /// The codes of what is wrong, which the work list of each code tells too.
  func codes(_ name: String = "user_id:ann") throws -> [String] {
    let codes = try quality(name)["defects"]?.elements.compactMap { $0["code"]?.string } ?? []
    let id = try id(name)
    for code in Quality.Code.allCases {
      #expect(try list(code).contains(id) == codes.contains(code.rawValue), "\(code) of \(name)")
    }
    #expect(try list(nil).contains(id) == !codes.isEmpty, "\(name)")
    return codes
  }

  func details(_ name: String = "user_id:ann") throws -> [String] {
    try quality(name)["defects"]?.elements.compactMap { $0["detail"]?.string } ?? []
  }

  /// The work list, page by page.
  func list(_ code: Quality.Code?, limit: Int = 2) throws -> [String] {
    let now = store.clock.now
    return try store.database.read { session in
      var (ids, place) = ([String](), Int64.max)
      while true {
        let page = try QualityList(of: code, below: place, limit: limit, now: now, in: session)
        ids += page.rows.map { $0.publicID }
        guard let next = page.next else { return ids }
        place = next
      }
    }
  }

  func rows(_ tables: [String] = ["quality_defect", "quality_twin", "quality_source"]) throws -> [String] {
    try store.database.read { try Self.rows(tables, in: $0) }
  }

  static func rows(
    _ tables: [String] = ["quality_defect", "quality_twin", "quality_source"], in session: any Session
  ) throws -> [String] {
    var rows: [String] = []
    for table in tables {
      try session.forEachRow(ofText: "SELECT * FROM \(table) ORDER BY 1, 2", []) { row in
        rows.append(table + (0..<row.count).map { " \(row.value($0))" }.joined())
        return true
      }
    }
    return rows.sorted()
  }

  func sources() throws -> [String: SourceQuality] {
    let all = try store.database.read { try SourceQuality.all(in: $0) }
    return Dictionary(uniqueKeysWithValues: all.map { ($0.source, $0) })
  }
}
