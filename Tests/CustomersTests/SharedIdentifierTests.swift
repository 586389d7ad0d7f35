import Base
import SQL
import TestKit
import Testing

@testable import Customers

/// Ann's phone, which a till also took from Bob, shared since the two were told apart.
private func family() throws -> Town {
  let town = try Town()
  for (who, name) in [("user_id:ann phone:+12015550123", "Ann"), ("card:C1", "Bob")] {
    try town.store.send(
      [Town.event(name, who, receivedAt: town.store.clock.now, traits: [("name", name)])], from: "prover")
  }
  try town.send("card:C1 phone:+12015550123", from: "prover")
  try town.undo(town.merges("user_id:ann")[0], keep: [("phone:+12015550123", .shared)])
  try town.send("card:C1 phone:+12015550123", from: "prover")
  return town
}

@Test func `a look-up of a shared identifier shows all who use it, and of another one its owner`() throws {
  let town = try family()
  func told(_ type: IdentifierType, _ value: String) throws -> (users: [String], isShared: Bool?) {
    try town.store.database.read { session in
      let (json, shown) = try Lookup.json(of: #require(Identifier(type, value)), in: session)
      let root = try JSONDocument(json).root
      let rows = root["data"]?.elements.map { $0 } ?? []
      #expect(try shown.map { try Profile.publicID(of: $0, in: session) } == rows.map { $0["id"]?.string })
      let users = try zip(shown, rows).map { leader, row -> String in
        let name = try OriginStore.origin(leader, in: session).identifier
        return "\(name.type.name):\(name.value) \(row["verified"]?.bool == true ? "proved" : "claimed")"
      }
      return (users, root["shared"]?.bool)
    }
  }
  let phone = try told(.phone, "+1 201 555-0123")
  #expect(phone.users == ["user_id:ann claimed", "card:C1 claimed"] && phone.isShared == true)
  let card = try told(.card, "C1")
  #expect(card.users == ["card:C1 proved"] && card.isShared == false)
  let nobody = try told(.card, "C2")
  #expect(nobody.users == [] && nobody.isShared == false)
}

@Test func `a search for a shared phone finds its own place and all who use it`() throws {
  let town = try family()
  for query in ["0123", "+12015550123"] {
    let names = try town.store.database.read { session in
      let page = try CustomerSearch.json(of: SearchQuery(query), after: nil, limit: 50, in: session)
      return try JSONDocument(page.json).root["data"]?.elements.map { $0["name"]?.string ?? "" } ?? []
    }
    #expect(names.sorted() == ["", "Ann", "Bob"], "\(query)")
  }
}
