import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

/// Ann with 200 points and Bob with 300, one customer by mistake.
private func merged(
  _ points: (Int64, Int64) = (200, 300)
) throws -> (shop: PointsShop, ann: Origin.Number, bob: Origin.Number, merge: String) {
  let shop = try PointsShop()
  let (ann, bob) = (try shop.enter("user_id:ann"), try shop.enter("user_id:bob"))
  try shop.give(points.0, to: ann)
  shop.store.clock.advance(by: .seconds(60))
  try shop.give(points.1, to: bob)
  return (shop, ann, bob, try shop.merge(ann, bob))
}

@Test func `an undo gives back what an order took of the other side, and its own account owes it`() throws {
  let (shop, ann, bob, merge) = try merged()
  try shop.burn(300, "o1", at: ann)
  #expect(try shop.sums(ann) == [200, 0, 0, 0])
  let ends = try #require(try shop.json(ann)["lots"]).elements.compactMap { $0["expiresAt"]?.string }
  try shop.undo(merge)
  #expect(try shop.sums(ann) == [-100, 0, 0, 100] && shop.sums(bob) == [300, 0, 0, 0])
  #expect(try shop.json(bob)["lots"]?.elements.compactMap { $0["expiresAt"]?.string } == ends, "with its old expiry")
  #expect(try shop.findings() == [])
  // The order is hers, and so is what comes back of it.
  try shop.refund("o1", 1, of: 2, at: ann)
  #expect(try shop.sums(ann) == [50, 0, 0, 0] && shop.sums(bob) == [300, 0, 0, 0])
  try shop.refund("o1", 1, of: 2, at: ann)
  #expect(try shop.sums(ann) == [200, 0, 0, 0] && shop.findings() == [])
}

@Test func `a merge and an undo without anything between them post nothing`() throws {
  let (shop, ann, bob, merge) = try merged()
  let before = try shop.accounts()
  try shop.undo(merge)
  #expect(try shop.accounts() == before && shop.sums(ann) == [200, 0, 0, 0] && shop.sums(bob) == [300, 0, 0, 0])
  let verdict = try shop.store.database.read { session in
    try EventLog.entry(EventLog.last(in: session), in: session)?.outcome.verdicts ?? [:]
  }
  #expect(verdict.isEmpty)
}

@Test func `both sides took of each other: each gets its own back first`() throws {
  let (shop, ann, bob, merge) = try merged()
  // First expiring first: 250 are 200 of hers and 50 of his, and the next 100 are his.
  try shop.burn(250, "o1", at: bob)
  try shop.burn(100, "o2", at: ann)
  try shop.undo(merge)
  #expect(try shop.sums(ann) == [100, 0, 0, 0] && shop.sums(bob) == [50, 0, 0, 0])
  #expect(try shop.accounts().values.reduce(0, +) == 150 && shop.findings() == [])
}

@Test func `a hold keeps its promise at an undo, and what it owes ends with it`() throws {
  for isCaptured in [true, false] {
    let (shop, ann, bob, merge) = try merged()
    try shop.hold("h1", 300, at: ann)
    try shop.undo(merge)
    #expect(try shop.sums(ann) == [-100, 0, 300, 100] && shop.sums(bob) == [300, 0, 0, 0])
    #expect(try shop.findings() == [])
    if isCaptured {
      try shop.capture("h1", 250, order: "o1", at: ann)
      #expect(try shop.sums(ann) == [-50, 0, 0, 50])
      try shop.refund("o1", 1, of: 1, at: ann)
    } else {
      try shop.void("h1", at: ann)
    }
    #expect(try shop.sums(ann) == [200, 0, 0, 0] && shop.sums(bob) == [300, 0, 0, 0] && shop.findings() == [])
  }
}

@Test func `what was captured without an order is settled at an undo too`() throws {
  let (shop, ann, bob, merge) = try merged()
  try shop.hold("h1", 300, at: bob)
  try shop.capture("h1", at: bob)
  try shop.undo(merge)
  #expect(try shop.sums(ann) == [200, 0, 0, 0] && shop.sums(bob) == [0, 0, 0, 0] && shop.findings() == [])
}

@Test func `points that an undo gives back after their end are gone`() throws {
  let (shop, ann, bob, merge) = try merged()
  try shop.burn(300, "o1", at: ann)
  shop.store.clock.advance(by: .seconds(366 * 86_400))
  try shop.tick()
  try shop.undo(merge)
  #expect(try shop.sums(ann) == [-100, 0, 0, 100] && shop.sums(bob) == [0, 0, 0, 0])
  #expect(try shop.accounts() == [ann: -100, bob: 0] && shop.findings() == [])
}

@Test func `undone in any order, each side ends with its own`() throws {
  for isFirstUndoneFirst in [true, false] {
    let shop = try PointsShop()
    let (ann, bob, cid) = (try shop.enter("user_id:ann"), try shop.enter("user_id:bob"), try shop.enter("user_id:cid"))
    for origin in [ann, bob, cid] {
      try shop.give(100, to: origin)
      shop.store.clock.advance(by: .seconds(60))
    }
    let merges = [try shop.merge(ann, bob), try shop.merge(bob, cid)]
    try shop.burn(250, "o1", at: bob)
    for merge in isFirstUndoneFirst ? merges : merges.reversed() {
      try shop.undo(merge)
      #expect(try shop.findings() == [])
    }
    #expect(try [ann, bob, cid].map { try shop.points($0).balance } == [100, -150, 100])
  }
}

@Test func `a household stays one account when a merge of a member is taken back`() throws {
  let shop = try PointsShop()
  let (ann, bob, eve) = (try shop.enter("user_id:ann"), try shop.enter("user_id:bob"), try shop.enter("user_id:eve"))
  try shop.join(ann, with: bob)
  try shop.earn(30_000, "o1", at: ann)
  let merge = try shop.merge(bob, eve)
  // Bob's own order and that of Eve, who was taken for him.
  try shop.burn(100, "o2", at: bob)
  try shop.burn(50, "o3", at: eve)
  #expect(try shop.sums(ann) == [150, 0, 0, 0])
  try shop.undo(merge)
  #expect(try shop.sums(ann) == [200, 0, 0, 0] && shop.sums(bob) == [200, 0, 0, 0])
  #expect(try shop.sums(eve) == [-50, 0, 0, 50] && shop.findings() == [])
}
