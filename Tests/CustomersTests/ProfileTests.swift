import Base
import SQL
import TestKit
import Testing

@testable import Customers

private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: 1_767_000_000_000 + seconds * 1000) }

/// Sends `who`'s trait `name` as it was at that second, and answers the profile's.
private func send(
  _ town: Town, _ id: String, _ value: String, at second: Int64, from source: String = "backend",
  who: String = "user_id:u1"
) throws {
  try town.store.send(
    [Town.event(id, who, at: at(second), receivedAt: town.store.clock.now, traits: [("name", value)])], from: source)
}

private func profile(_ town: Town, _ name: String = "user_id:u1") throws -> JSON {
  let name = try #require(CustomerName(name))
  return try town.store.database.read { session in
    guard case .customer(let leader) = try Lookup.find(name, in: session) else { throw Failure(.notFound, "nobody") }
    return try JSONDocument(Profile.json(ofCustomer: leader, in: session)).root
  }
}

private func trait(_ town: Town) throws -> [String] {
  let trait = try #require(try profile(town)["traits"]?["name"])
  func told(_ value: JSON) -> String { "\(value["value"]?.string ?? "?") \(value["source"]?.string ?? "?")" }
  return [told(trait)] + (trait["lost"]?.elements.map(told) ?? [])
}

@Test func `a trait is what was true last, whenever it came, with what lost beside it`() throws {
  let town = try Town()
  try send(town, "m1", "Ann", at: 10)
  #expect(try trait(town) == ["Ann backend"])
  try send(town, "m2", "late", at: 5)
  #expect(try trait(town) == ["Ann backend"])
  try send(town, "m3", "Anna", at: 20)
  #expect(try trait(town) == ["Anna backend"])
  try send(town, "m4", "Anya", at: 15, from: "till")
  #expect(try trait(town) == ["Anna backend", "Anya till"])
  try send(town, "m5", "Annie", at: 25, from: "till")
  #expect(try trait(town) == ["Annie till", "Anna backend"])
  #expect(try town.findings() == [])
}

@Test(arguments: [
  ["m1", "m2"], ["m2", "m1"], ["B", "a"], ["a", "B"], ["é", "e\u{301}"], ["e\u{301}", "é"], ["z", "é"],
])
func `of one moment the greater message wins, whichever came first`(ids: [String]) throws {
  let town = try Town()
  for id in ids { try send(town, id, "by \(id)", at: 10) }
  let greater = Array(ids[0].utf8).lexicographicallyPrecedes(Array(ids[1].utf8)) ? ids[1] : ids[0]
  #expect(try trait(town) == ["by \(greater) backend"])
  #expect(try town.findings() == [])
}

@Test func `two spellings of a trait's name are two traits to the tables and to the checks`() throws {
  let town = try Town()
  let traits = [("\u{E9}", "composed"), ("e\u{301}", "decomposed")]
  for (number, trait) in traits.enumerated() {
    try town.store.send(
      [Town.event("m\(number)", "user_id:u1", at: at(1), receivedAt: town.store.clock.now, traits: [trait])],
      from: "backend")
  }
  #expect(try town.findings() == [])
}

@Test func `an unproved event changes no known customer's traits`() throws {
  let town = try Town()
  try send(town, "m1", "Ann", at: 10, who: "user_id:u1 anonymous_id:a1")
  try send(town, "m2", "Mallory", at: 20, from: "page", who: "anonymous_id:a1")
  try send(town, "m3", "Mallory", at: 20, from: "page", who: "user_id:u1")
  try send(town, "m4", "Mallory", at: 20, from: "page", who: "user_id:u1 anonymous_id:a2")
  #expect(try trait(town) == ["Ann backend"])
  #expect(try profile(town)["timeline"]?.count == 1)
}

@Test func `a profile names its identifiers, and who else claims them`() throws {
  let town = try Town()
  try town.send("anonymous_id:a1", from: "page")
  try town.send("user_id:u1 anonymous_id:a1 email:own@b.test", from: "backend")
  try town.send("anonymous_id:a2 user_id:u1", from: "page")
  let profile = try profile(town)
  let identifiers = profile["identifiers"]?.elements.map { identifier in
    "\(identifier["type"]?.string ?? "") \(identifier["value"]?.string ?? "") \(identifier["verified"]?.bool == true)"
  }
  #expect(identifiers == ["anonymous_id a1 false", "user_id u1 true", "email own@b.test false"])
  #expect(profile["known"]?.bool == true)
  #expect(profile["formerIds"]?.count == 1)
  #expect(profile["claims"]?.elements.map { $0["type"]?.string } == ["user_id"])
  // It begins with the id of the known one, though the visitor is older.
  let known = try town.send("user_id:u1", from: "backend").customer
  #expect(profile["id"]?.string == known)
}

@Test func `a profile shows the first hundred claims on a value, each claimant once`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  for number in 0..<103 { try town.send("anonymous_id:a\(number) user_id:u1", from: "page") }
  try town.send("anonymous_id:a0 user_id:u1", from: "leaflet")
  let claims = try profile(town)["claims"]?.elements.map { $0["customer"]?.string ?? "" } ?? []
  #expect(claims.count == 100 && Set(claims).count == 100)
  #expect(try profile(town, claims[0])["identifiers"]?.elements.map { $0["value"]?.string } == ["a0", "u1"])
}
