import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// Records an act of a person, after a preview that promises just what comes of it.
  @discardableResult
  func act(_ kind: Event.Kind, at name: String, _ decide: @escaping @Sendable (Merging, inout Outcome) throws -> Void)
    throws -> [String]
  {
    let origin = try leader(name)
    let (tokens, intake, now) = (store.tokens, store.intake, store.clock.now)
    let event = Event.request(
      kind, name: nil, body: Array(#"{"reason":"test"}"#.utf8), messageID: tokens.next("req_"), at: now)
    let (promised, after) = try store.database.write { session in
      func record() throws -> [String] {
        let merging = Merging(tokens: tokens, in: session)
        _ = try intake.record(event, at: origin, author: "api:ann", in: session) { try decide(merging, &$0) }
        return try Self.pictures(session)
      }
      return (try session.tentatively(record), try record())
    }
    #expect(promised == after)
    return after
  }

  @discardableResult
  func merge(_ first: String, _ second: String) throws -> [String] {
    let other = try leader(second)
    let one = try leader(first)
    return try act(.merge, at: first) { _ = try $0.merge(one, other, into: &$1) }
  }

  /// Merges of a customer, the newest first.
  func merges(_ name: String) throws -> [Merge] {
    let leader = try leader(name)
    return try store.database.read { try Merge.all(ofCustomer: leader, in: $0) }
  }

  @discardableResult
  func undo(_ merge: Merge, keep: [(String, Merging.Keeper)] = []) throws -> [String] {
    let id = try store.database.read { try OriginStore.origin(merge.pair.first, in: $0).publicID }
    let keep = try keep.map { name, keeper -> (identifier: Identifier, keeper: Merging.Keeper) in
      guard case .identifier(let identifier)? = CustomerName(name) else { throw Failure(.invalid, name) }
      return (identifier, keeper)
    }
    return try act(.undo, at: id) { try $0.undo(merge, keep: keep, into: &$1) }
  }

  /// Lets a customer have so many of a type.
  func limit(_ type: String, to count: Int) throws {
    let (intake, now) = (store.intake, store.clock.now)
    _ = try store.database.write { session in
      try intake.store(
        kind: DocumentKind.limits.name, id: DocumentKind.onlyID, body: Array(#"{"\#(type)": \#(count)}"#.utf8),
        author: "test", at: now, create: false, in: session)
    }
  }

  func reviews(_ state: ReviewState = .open) throws -> [Review] {
    try store.database.read { try Review.list(state, below: .max, limit: 100, in: $0) }
  }

  /// Every customer as a reader sees him, without events.
  func pictures() throws -> [String] { try store.database.read { try Self.pictures($0) } }

  private static func pictures(_ session: any Session) throws -> [String] {
    var leaders: [Int64] = []
    try session.forEachRow(ofText: "SELECT DISTINCT customer FROM origin ORDER BY customer", []) { row in
      leaders.append(row.integer(0))
      return true
    }
    return try leaders.map {
      String(decoding: try Profile.json(ofCustomer: $0, events: 0, in: session), as: UTF8.self)
    }
  }
}

@Test func `a merge by a person and its undo give the same customers as before`() throws {
  let town = try Town()
  try town.send("user_id:u1 email:a@b.test", from: "prover")
  try town.send("user_id:u2 phone:+12015550123", from: "prover")
  try town.send("anonymous_id:a1 email:claimed@b.test", from: "page")
  let before = try town.pictures()
  try town.merge("user_id:u2", "user_id:u1")
  #expect(try town.people().first == "known user_id:u1 email:a@b.test user_id:u2 phone:+12015550123")
  let merge = try town.merges("user_id:u1")[0]
  #expect(merge.rule == "person" && merge.done.actor == "api:ann" && merge.done.reason == "test" && merge.undone == nil)
  #expect(try town.findings() == [])
  try town.undo(merge)
  #expect(try town.pictures() == before)
  #expect(try town.merges("user_id:u2")[0].undone?.reason == "test")
  #expect(try town.findings() == [])
  #expect(throws: Failure.self) { try town.undo(try town.merges("user_id:u1")[0]) }
}

@Test func `the same wrong merge does not come back, not even through a third`() throws {
  let town = try Town()
  try town.send("card:C1", from: "till")
  try town.send("phone:+12015550123 email:a@b.test", from: "prover")
  try town.send("card:C1 phone:+12015550123", from: "prover")
  #expect(try town.people() == ["known card:C1 email:a@b.test phone:+12015550123"])
  try town.undo(town.merges("card:C1")[0])
  #expect(try town.people() == ["known card:C1", "known email:a@b.test phone:+12015550123"])
  #expect(try town.send("card:C1 phone:+12015550123", from: "prover").result == "queued")
  #expect(try town.send("user_id:u1 email:a@b.test", from: "prover").result == "matched")
  #expect(try town.send("user_id:u1 card:C1", from: "prover").result == "queued")
  #expect(try town.people().count == 2)
  #expect(try town.reviews().map { $0.reason } == ["separation", "separation"])
  #expect(try town.findings() == [])
}

@Test func `an undo gives the identifier to the side that keeps it, or to nobody alone`() throws {
  for keeper in ["stays", "moves", "shared"] {
    let town = try Town()
    try town.send("user_id:ann phone:+12015550123", from: "prover")
    try town.send("card:C1", from: "till")
    try town.send("card:C1 phone:+12015550123", from: "prover")
    let merge = try town.merges("user_id:ann")[0]
    let (ann, bob) = (merge.into, merge.from)
    let sides = try town.store.database.read { session in
      try [ann, bob].map { try Lookup.origin(ofID: $0, in: session) ?? 0 }
    }
    let keep: Merging.Keeper = keeper == "shared" ? .shared : .side(of: sides[keeper == "stays" ? 0 : 1])
    try town.undo(merge, keep: [("phone:+12015550123", keep)])
    let expected = [
      "stays": ["known user_id:ann phone:+12015550123", "known card:C1"],
      "moves": ["known user_id:ann", "known phone:+12015550123 card:C1"],
      "shared": ["known user_id:ann", "known phone:+12015550123", "known card:C1"],
    ]
    #expect(try town.people() == expected[keeper])
    #expect(try town.findings() == [], "\(keeper)")
    if keeper == "shared" {
      // Both are among those who use it.
      let users = try town.store.database.read { session in
        var count: Int64 = 0
        try session.forEachRow(
          ofText: "SELECT count(*) FROM claim c JOIN origin o ON o.number = c.claimed WHERE o.type = 'phone'", []
        ) { row in
          count = row.integer(0)
          return true
        }
        return count
      }
      #expect(users == 2)
    }
    // What the next receipt says.
    let next = try town.send("card:C1 phone:+12015550123", from: "prover").result
    #expect(next == (keeper == "stays" ? "queued" : "matched"), "\(keeper)")
    #expect(try town.send("user_id:ann card:C1", from: "prover").result == "queued", "\(keeper)")
    if keeper == "shared" {
      #expect(try town.send("phone:+12015550123", from: "prover").result == "matched")
      #expect(try town.stand() == "phone:+12015550123")
    }
    #expect(try town.findings() == [], "\(keeper)")
  }
}

@Test func `a login on a wrong browser is taken back and the visitor is himself again`() throws {
  let town = try Town()
  try town.send("anonymous_id:a1 email:e@b.test", from: "page")
  try town.send("anonymous_id:a2 email:e@b.test", from: "leaflet")
  try town.send("user_id:u1", from: "backend")
  let before = try town.pictures()
  try town.send("user_id:u1 anonymous_id:a1", from: "backend")
  try town.undo(town.merges("user_id:u1")[0])
  #expect(try town.pictures() == before)
  // The next login on it is another one's place.
  #expect(try town.send("user_id:u1 anonymous_id:a1", from: "backend").result == "matched")
  #expect(
    try town.people() == [
      "visitor anonymous_id:a1 email:e@b.test? anonymous_id:a2", "known user_id:u1 anonymous_id:a1",
    ])
  #expect(try town.findings() == [])
}

@Test func `merges are undone in any order`() throws {
  for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0], [0, 2, 1], [2, 0, 1]] {
    let town = try Town()
    for number in 1...4 { try town.send("user_id:u\(number) email:e@\(number).test", from: "prover") }
    let before = try town.pictures()
    try town.merge("user_id:u2", "user_id:u1")
    try town.merge("user_id:u4", "user_id:u3")
    try town.merge("user_id:u4", "user_id:u2")
    let merges = try town.merges("user_id:u1")
    #expect(merges.count == 3)
    for index in order { try town.undo(merges[index]) }
    #expect(try town.pictures() == before, "\(order)")
    #expect(try town.findings() == [], "\(order)")
  }
}

@Test func `a doubt is opened once and decided by a person`() throws {
  let town = try Town()
  try town.send("user_id:u1 phone:+12015550123", from: "prover")
  for _ in 1...3 { try town.send("user_id:u2 phone:+12015550123", from: "prover") }
  let review = try town.reviews()
  #expect(review.map { $0.reason } == ["limit user_id"] && review[0].score == 50)
  try town.act(.review, at: "user_id:u1") { _ = try $0.decide(review[0], .merged, into: &$1) }
  #expect(try town.people() == ["known user_id:u1 phone:+12015550123 user_id:u2"])
  #expect(try town.reviews().isEmpty && town.reviews(.merged).count == 1)
  try town.undo(town.merges("user_id:u1")[0])
  #expect(try town.people().count == 2)
  try town.send("user_id:u2 phone:+12015550123", from: "prover")
  #expect(try town.reviews().isEmpty)
  #expect(try town.findings() == [])
}

@Test func `a merge settles the doubts about the two, and its undo tells them apart`() throws {
  for isRule in [true, false] {
    let town = try Town()
    try town.send("user_id:u1", from: "prover")
    try town.send("user_id:u2 card:C2", from: "prover")
    #expect(try town.send("user_id:u1 card:C2", from: "prover").result == "queued")
    let review = try #require(try town.reviews().first)
    if isRule {
      try town.limit("user_id", to: 2)
      #expect(try town.send("user_id:u1 card:C2", from: "prover").result == "merged")
    } else {
      try town.merge("user_id:u1", "user_id:u2")
    }
    #expect(try town.reviews().isEmpty)
    #expect(try town.reviews(.merged).map { $0.id } == [review.id])
    try town.undo(town.merges("user_id:u1")[0])
    #expect(try town.reviews(.merged).isEmpty)
    #expect(try town.reviews(.apart).map { $0.id } == [review.id])
    #expect(try town.findings() == [])
  }
}

@Test func `a login with a user id that several use signs nobody in`() throws {
  let town = try Town()
  try town.send("user_id:u1", from: "backend")
  try town.send("user_id:desk email:a@b.test", from: "prover")
  try town.merge("user_id:u1", "user_id:desk")
  try town.undo(town.merges("user_id:u1")[0], keep: [("user_id:desk", .shared)])
  try town.send("anonymous_id:a1", from: "page")
  try town.send("user_id:desk anonymous_id:a1", from: "backend")
  #expect(try town.people().contains("visitor anonymous_id:a1"))
  #expect(try town.findings() == [])
}
