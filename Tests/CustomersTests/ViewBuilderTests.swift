import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// A shop whose search and traits were made by an older program, which knew nothing of some.
  static func outdated(customers: Int) throws -> Town {
    let town = try Town()
    for number in 1...customers {
      let event = Self.event(
        "m\(number)", "user_id:u\(number)", receivedAt: town.store.clock.now, traits: [("name", "Person \(number)")])
      try town.store.send([event], from: "backend")
    }
    try town.store.database.write { session in
      for text in [
        "UPDATE view_version SET version = 0", "DELETE FROM search_posting", "DELETE FROM trait WHERE origin < 5",
      ] { try session.forEachRow(ofText: text, []) { _ in true } }
    }
    return town
  }

  var builder: ViewBuilder { ViewBuilder(database: store.database, folds: store.folds) }

  func postponed() throws -> Set<String> {
    try store.database.read { [store] in try Verification(folds: store.folds).postponed(in: $0) }
  }
}

@Test func `views of an older program are made anew beside the present ones, and take their place`() throws {
  let town = try Town.outdated(customers: 250)
  #expect(try town.postponed() == ["quality", "search", "sources", "traits"])
  #expect(try town.findings() == [], "what an older program made is not judged")
  #expect(try town.builder.advance() == .built(ViewBuilder.step))
  // What comes meanwhile is in both, and who goes on after an interruption has not forgotten how far it was.
  try town.send("user_id:late", from: "backend")
  #expect(try town.builder.advance() == .built(2 * ViewBuilder.step))
  #expect(try town.builder.advance() == .switched)
  #expect(try town.postponed().isEmpty)
  #expect(try town.findings() == [])
  try town.send("user_id:later", from: "backend")
  try town.builder.finish()
  #expect(try town.builder.advance() == .done)
  let tables = try town.store.database.read { try $0.tables() }
  #expect(!tables.contains { $0.hasSuffix("_next") || $0.hasSuffix("_former") })
  #expect(try town.findings() == [])
}

@Test func `views are made anew a second time, and from the beginning where another version was begun`() throws {
  let town = try Town.outdated(customers: 120)
  #expect(try town.builder.advance() == .built(ViewBuilder.step))
  try town.store.database.write { session in
    try session.forEachRow(ofText: "UPDATE view_version SET next = 7 WHERE name = 'search'", []) { _ in true }
  }
  #expect(try town.builder.advance() == .built(ViewBuilder.step))
  try town.builder.finish()
  #expect(try town.findings() == [])
  try town.store.database.write { session in
    try session.forEachRow(ofText: "UPDATE view_version SET version = 0", []) { _ in true }
  }
  try town.builder.finish()
  #expect(try town.postponed().isEmpty)
  #expect(try town.findings() == [])
}
