import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

private let day: Duration = .seconds(86_400)

@Test func `without a programme nothing is earned`() throws {
  let shop = try PointsShop(programme: nil)
  let ann = try shop.enter("user_id:ann")
  try shop.earn(10_000, "o1", at: ann)
  #expect(try shop.sums(ann) == [0, 0, 0, 0])
  try shop.give(50, to: ann)
  #expect(try shop.sums(ann) == [50, 0, 0, 0] && shop.findings() == [])
}

@Test func `earned points pend, become available, are told of before they expire, and expire`() throws {
  let shop = try PointsShop(
    programme: """
      {"currency": "RUB", "earn": {"points": 1, "per": 100}, "pointValue": 100, "pendingDays": 14, "expiryDays": 100,
       "noticeDays": 10}
      """)
  let ann = try shop.enter("user_id:ann")
  try shop.earn(10_000, "o1", at: ann)
  try shop.earn(10_000, "o1", at: ann)
  #expect(try shop.sums(ann) == [0, 100, 0, 0], "an order earns once")
  #expect(throws: Failure.self) { try shop.burn(1, "o2", at: ann) }
  shop.store.clock.advance(by: day * 14)
  #expect(try shop.sums(ann) == [100, 0, 0, 0])
  try shop.burn(30, "o2", at: ann)
  let next = try #require(try shop.json(ann)["nextExpiry"])
  #expect(next["points"]?.integer == 70)
  shop.store.clock.advance(by: day * 76)
  try shop.tick()
  let notices = try shop.store.database.read { session in
    try EventLog.entry(EventLog.last(in: session), in: session)
  }
  #expect(notices?.event.name == "Points Expiring" && notices?.event.kind == .track)
  let told = try JSONDocument(notices?.event.body ?? []).root
  #expect(told["properties"]?["value"]?.integer == 70)
  shop.store.clock.advance(by: day * 10)
  // Exact before the timer has fired, and the same after it.
  #expect(try shop.sums(ann) == [0, 0, 0, 0] && shop.accounts() == [ann: 70])
  try shop.tick()
  #expect(try shop.sums(ann) == [0, 0, 0, 0] && shop.accounts() == [ann: 0])
  #expect(try shop.findings() == [])
}

@Test func `points are spent first expiring first, over the accounts of a customer`() throws {
  let shop = try PointsShop()
  let (ann, bob) = (try shop.enter("user_id:ann"), try shop.enter("user_id:bob"))
  try shop.give(100, to: ann)
  shop.store.clock.advance(by: day)
  try shop.give(100, to: bob)
  shop.store.clock.advance(by: day)
  try shop.give(100, to: ann)
  _ = try shop.merge(ann, bob)
  #expect(try shop.sums(ann) == [300, 0, 0, 0] && shop.sums(bob) == [300, 0, 0, 0])
  try shop.burn(150, "o1", at: bob)
  let left = try #require(try shop.json(ann)["lots"]).elements.compactMap { $0["remaining"]?.integer }
  #expect(left == [50, 100])
  #expect(try shop.accounts() == [ann: 100, bob: 50] && shop.findings() == [])
}

@Test func `a tier multiplies, is counted over a period, and says when it ends`() throws {
  let shop = try PointsShop(
    programme: """
      {"currency": "RUB", "earn": {"points": 1, "per": 100}, "pointValue": 100, "tierDays": 30,
       "tiers": [{"name": "silver", "threshold": 10000, "percent": 150}, {"name": "gold", "threshold": 20000, "percent": 200}]}
      """)
  let ann = try shop.enter("user_id:ann")
  try shop.earn(9_999, "o1", at: ann)
  #expect(try shop.json(ann)["tier"]?.isNull == true && shop.json(ann)["nextTier"]?["missing"]?.integer == 1)
  shop.store.clock.advance(by: day * 10)
  let second = shop.store.clock.now
  try shop.earn(10_001, "o2", at: ann)
  #expect(try shop.sums(ann) == [199, 0, 0, 0])
  #expect(try shop.json(ann)["tier"]?.string == "gold")
  try shop.earn(100, "o3", at: ann)
  #expect(try shop.sums(ann) == [201, 0, 0, 0])
  let verdict = try shop.store.database.read { session in
    try EventLog.entry(EventLog.last(in: session), in: session).flatMap { try LoyaltyVerdict(of: $0.outcome) }
  }
  #expect(verdict?.tierPercent == 200 && verdict?.version == 1)
  try shop.refund("o3", 100, of: 100, at: ann)
  let until = try shop.json(ann)["tierUntil"]?.string
  #expect(until == (second + day * 20).text, "when the first order leaves the period")
  shop.store.clock.advance(by: day * 20)
  #expect(try shop.json(ann)["tier"]?.string == "silver")
  shop.store.clock.advance(by: day * 10)
  #expect(try shop.json(ann)["tier"]?.isNull == true && shop.findings() == [])
}

@Test func `a refund takes back what was earned and restores what was burnt, in parts that sum to the whole`() throws {
  let shop = try PointsShop()
  let ann = try shop.enter("user_id:ann")
  try shop.give(100, to: ann)
  try shop.burn(100, "o1", at: ann)
  try shop.earn(10_000, "o1", at: ann)
  #expect(try shop.sums(ann) == [100, 0, 0, 0])
  for part in [3333, 3333, 3334] { try shop.refund("o1", Int64(part), of: 10_000, at: ann) }
  #expect(try shop.sums(ann) == [100, 0, 0, 0])
  let sums = try shop.store.database.read { try LoyaltyBooks(Outcome(.matched, origin: nil), in: $0).order("o1") }
  #expect(sums?.sums == [1, 10_000, 10_000, 10_000, 100, 100, 100, 100, 0, 0])
  // More than the whole is the whole.
  try shop.refund("o1", 5000, of: 10_000, at: ann)
  #expect(try shop.sums(ann) == [100, 0, 0, 0] && shop.findings() == [])
}

@Test func `a refund after the points were spent is owed, and the next points pay it`() throws {
  let shop = try PointsShop()
  let ann = try shop.enter("user_id:ann")
  try shop.earn(10_000, "o1", at: ann)
  try shop.burn(80, "o2", at: ann)
  try shop.refund("o1", 10_000, of: 10_000, at: ann)
  #expect(try shop.sums(ann) == [-80, 0, 0, 80])
  #expect(throws: Failure.self) { try shop.burn(1, "o3", at: ann) }
  try shop.earn(5_000, "o3", at: ann)
  #expect(try shop.sums(ann) == [-30, 0, 0, 30])
  try shop.refund("o2", 1, of: 1, at: ann)
  #expect(try shop.sums(ann) == [50, 0, 0, 0] && shop.findings() == [])
}

@Test func `what has expired need not be given back`() throws {
  let shop = try PointsShop()
  let ann = try shop.enter("user_id:ann")
  try shop.earn(10_000, "o1", at: ann)
  shop.store.clock.advance(by: day * 365)
  try shop.tick()
  try shop.give(40, to: ann)
  try shop.refund("o1", 10_000, of: 10_000, at: ann)
  #expect(try shop.sums(ann) == [40, 0, 0, 0] && shop.findings() == [])
}

@Test func `points that come back to an expired lot expire at once`() throws {
  let shop = try PointsShop()
  let ann = try shop.enter("user_id:ann")
  try shop.give(100, to: ann)
  try shop.burn(60, "o1", at: ann)
  shop.store.clock.advance(by: day * 365)
  try shop.refund("o1", 1, of: 1, at: ann)
  try shop.tick()
  #expect(try shop.sums(ann) == [0, 0, 0, 0] && shop.accounts() == [ann: 0] && shop.findings() == [])
}

@Test func `a request never takes a balance below zero and a fact may`() throws {
  let shop = try PointsShop()
  let ann = try shop.enter("user_id:ann")
  try shop.give(100, to: ann)
  #expect { try shop.burn(101, "o1", at: ann) } throws: { ($0 as? Failure)?.code == .conflict }
  #expect { try shop.hold("h1", 101, at: ann) } throws: { ($0 as? Failure)?.code == .conflict }
  #expect { try shop.give(-101, to: ann) } throws: { ($0 as? Failure)?.code == .conflict }
  #expect { try shop.give(0, to: ann) } throws: { ($0 as? Failure)?.code == .invalid }
  #expect { try shop.give(Loyalty.mostPoints + 1, to: ann) } throws: { ($0 as? Failure)?.code == .invalid }
  try shop.burn(130, "o1", at: ann, isFact: true)
  #expect(try shop.sums(ann) == [-30, 0, 0, 30])
  try shop.give(Loyalty.mostPoints, to: ann)
  #expect(try shop.sums(ann) == [Loyalty.mostPoints - 30, 0, 0, 0] && shop.findings() == [])
}

@Test func `a hold is captured once, for less if asked, voided, or ends by itself`() throws {
  let shop = try PointsShop()
  let ann = try shop.enter("user_id:ann")
  try shop.give(100, to: ann)
  try shop.hold("h1", 60, at: ann)
  #expect(try shop.sums(ann) == [40, 0, 60, 0])
  try shop.capture("h1", 50, order: "o1", at: ann)
  #expect(try shop.sums(ann) == [50, 0, 0, 0])
  #expect { try shop.capture("h1", 50, at: ann) } throws: { ($0 as? Failure)?.code == .conflict }
  #expect { try shop.void("h1", at: ann) } throws: { ($0 as? Failure)?.code == .conflict }
  try shop.refund("o1", 1, of: 2, at: ann)
  #expect(try shop.sums(ann) == [75, 0, 0, 0])
  try shop.hold("h2", 75, at: ann)
  #expect { try shop.capture("h2", 76, at: ann) } throws: { ($0 as? Failure)?.code == .invalid }
  try shop.void("h2", at: ann)
  #expect(try shop.sums(ann) == [75, 0, 0, 0])
  try shop.hold("h3", 75, at: ann)
  shop.store.clock.advance(by: Loyalty.usualHold)
  // Before its timer has fired it counts as ended, for readers and for requests.
  #expect(try shop.sums(ann) == [75, 0, 0, 0])
  #expect { try shop.capture("h3", at: ann) } throws: { ($0 as? Failure)?.code == .conflict }
  try shop.hold("h4", 70, at: ann)
  try shop.tick()
  #expect(try shop.sums(ann) == [5, 0, 70, 0] && shop.findings() == [])
  shop.store.clock.advance(by: Loyalty.usualHold)
  try shop.tick()
  #expect(try shop.sums(ann) == [75, 0, 0, 0] && shop.accounts() == [ann: 75] && shop.findings() == [])
}

@Test func `a share of the receipt bounds what may pay for it, and a till what it may promise`() throws {
  let shop = try PointsShop(
    programme: """
      {"currency": "RUB", "earn": {"points": 1, "per": 100}, "pointValue": 50, "maxShare": 30, "offlineAllowance": 500}
      """)
  let ann = try shop.enter("user_id:ann")
  try shop.give(1000, to: ann)
  #expect(try shop.points(ann).redeemable(for: Money(99_999, PointsShop.rub)) == 599)
  #expect(try shop.points(ann).redeemable(for: Money(1_000_000, PointsShop.rub)) == 1000)
  let euro = try #require(Currency("EUR"))
  #expect(try shop.points(ann).redeemable(for: Money(99_999, euro)) == 0)
  #expect { try shop.hold("h1", 600, at: ann, receipt: Money(99_999, PointsShop.rub)) } throws: {
    ($0 as? Failure)?.faults.first?.pointer == "/points"
  }
  try shop.hold("h1", 599, at: ann, receipt: Money(99_999, PointsShop.rub))
  #expect(try shop.json(ann, isTill: true)["offlineAllowance"]?.integer == 401)
  #expect(try shop.json(ann)["offlineAllowance"] == nil)
}

@Test func `the same request again counts once`() throws {
  let shop = try PointsShop()
  let ann = try shop.enter("user_id:ann")
  for _ in 0..<3 {
    try shop.ask(at: ann, id: "k1") { now, outcome, session in
      try Loyalty.adjust(100, at: ann, now: now, into: &outcome, in: session)
    }
  }
  #expect(try shop.sums(ann) == [100, 0, 0, 0])
}

@Test func `a household earns and spends together, and what was earned alone stays alone`() throws {
  let shop = try PointsShop()
  let (ann, bob, cid) = (try shop.enter("user_id:ann"), try shop.enter("user_id:bob"), try shop.enter("user_id:cid"))
  try shop.earn(10_000, "o1", at: ann)
  try shop.join(ann, with: bob)
  try shop.earn(20_000, "o2", at: bob)
  #expect(try shop.sums(ann) == [300, 0, 0, 0] && shop.sums(bob) == [200, 0, 0, 0])
  try shop.burn(150, "o3", at: ann)
  #expect(try shop.sums(ann) == [150, 0, 0, 0] && shop.sums(bob) == [150, 0, 0, 0])
  try shop.join(bob, with: cid)
  #expect(throws: Failure.self) { try shop.join(cid, with: ann) }
  // A name that is new of a member earns for his household too.
  try shop.enter("user_id:cid card:777")
  try shop.earn(1_000, "o4", at: shop.origin("card:777"))
  #expect(try shop.sums(bob) == [160, 0, 0, 0])
  try shop.leave(ann)
  #expect(try shop.sums(ann) == [0, 0, 0, 0] && shop.sums(bob) == [160, 0, 0, 0])
  try shop.leave(cid)
  #expect(throws: Failure.self) { try shop.leave(bob) }
  #expect(try shop.findings() == [])
}

@Test func `a household has at most so many members`() throws {
  let shop = try PointsShop()
  let first = try shop.enter("user_id:u0")
  for number in 1..<Loyalty.mostMembers { try shop.join(first, with: try shop.enter("user_id:u\(number)")) }
  let other = try shop.enter("user_id:other")
  #expect { try shop.join(first, with: other) } throws: { ($0 as? Failure)?.code == .conflict }
}

@Test func `a statement has every change with what was there after it, page by page`() throws {
  let shop = try PointsShop()
  let ann = try shop.enter("user_id:ann")
  try shop.give(100, to: ann)
  try shop.hold("h1", 60, at: ann)
  try shop.capture("h1", 50, order: "o1", at: ann)
  try shop.burn(70, "o2", at: ann, isFact: true)
  try shop.earn(10_000, "o3", at: ann)
  func page(_ cursor: Timeline.Cursor, _ limit: Int) throws -> [LoyaltyLedger.Row] {
    try shop.store.database.read { try LoyaltyLedger(ofCustomer: ann, before: cursor, limit: limit, in: $0).rows }
  }
  func texts(_ rows: [LoyaltyLedger.Row]) throws -> [String] {
    try rows.map { row in
      var writer = JSONWriter()
      row.write(to: &writer)
      let json = try JSONDocument(writer.bytes).root
      return "\(json["kind"]?.string ?? "") \(json["points"]?.integer ?? 0) \(json["balance"]?.integer ?? 0)"
        + (json["reason"]?.string.map { " \($0)" } ?? "")
    }
  }
  let all = try texts(page(.newest, 100))
  #expect(
    all == [
      "earn 100 80", "burn -70 -20", "capture -50 50", "capture 60 100", "hold -60 40", "adjust 100 100 test",
    ])
  for limit in 1...4 {
    var (pages, cursor) = ([String](), Timeline.Cursor.newest)
    while true {
      let rows = try page(cursor, limit)
      pages += try texts(Array(rows.prefix(limit)))
      guard rows.count > limit else { break }
      cursor = rows[limit - 1].cursor
    }
    #expect(pages == all, "\(limit) a page")
  }
}

@Test func `the liability is what the lots have, by month, and what it is worth`() throws {
  let shop = try PointsShop(
    programme: """
      {"currency": "RUB", "earn": {"points": 1, "per": 100}, "pointValue": 50, "pendingDays": 14, "expiryDays": 100}
      """)
  let (ann, bob) = (try shop.enter("user_id:ann"), try shop.enter("user_id:bob"))
  try shop.earn(10_000, "o1", at: ann)
  try shop.give(300, to: bob)
  try shop.hold("h1", 100, at: bob)
  try shop.burn(7, "o2", at: try shop.enter("user_id:cid"), isFact: true)
  let now = shop.store.clock.now
  let report = try JSONDocument(shop.store.database.read { try LoyaltyLiability(now: now, in: $0).json }).root
  func number(_ name: String) -> Int64? { report.member(name)?.integer }
  #expect(["outstanding", "available", "pending", "held", "owed"].map(number) == [400, 200, 100, 100, 7])
  #expect(report["value"]?["amount"]?.integer == 20_000)
  #expect(report["months"]?.elements.compactMap { $0["points"]?.integer } == [300])
  #expect(report["months"]?.elements.compactMap { $0["month"]?.string } == [String((now + day * 100).text.prefix(7))])
}

@Test func `the liability tells what open orders promise beside it`() throws {
  let shop = try PointsShop(
    programme: #"{"currency": "RUB", "earn": {"points": 1, "per": 100}, "pointValue": 50, "pendingDays": 14}"#)
  let (ann, bob, cid) = (try shop.enter("user_id:ann"), try shop.enter("user_id:bob"), try shop.enter("user_id:cid"))
  try shop.earn(10_000, "o1", at: ann)
  try shop.promise(20_000, "o2", at: ann)
  try shop.promise(40_000, "o3", at: bob)
  try shop.promise(80_000, "o4", at: cid)
  func sums() throws -> [Int64?] {
    let now = shop.store.clock.now
    let report = try JSONDocument(shop.store.database.read { try LoyaltyLiability(now: now, in: $0).json }).root
    return ["outstanding", "pending", "promised"].map { report[$0]?.integer }
  }
  /// What the customers themselves are told.
  func pending(_ origins: Origin.Number...) throws -> Int64 { try origins.reduce(0) { try $0 + shop.sums($1)[1] } }
  #expect(try sums() == [100, 100, 1400] && pending(ann, bob, cid) == 1500)
  // Half is handed over, a quarter called off: a quarter stays promised.
  try shop.handOver("o3", 1, of: 2, at: bob)
  try shop.refund("o3", 1, of: 4, at: bob)
  #expect(try sums() == [300, 300, 1100] && pending(ann, bob, cid) == 1400)
  try shop.erase(cid)
  #expect(try sums() == [300, 300, 300] && pending(ann, bob) == 600)
  #expect(try shop.findings() == [])
}

@Test func `an erasure closes the person's accounts and leaves the books`() throws {
  let shop = try PointsShop()
  let (ann, bob) = (try shop.enter("user_id:ann"), try shop.enter("user_id:bob"))
  try shop.give(100, to: ann)
  try shop.burn(30, "o1", at: ann)
  try shop.hold("h1", 50, at: ann)
  try shop.join(ann, with: bob)
  try shop.earn(5_000, "o2", at: ann)
  try shop.erase(ann)
  #expect(try shop.accounts()[ann] == 0 && shop.sums(bob) == [50, 0, 0, 0])
  #expect(try shop.store.database.read { try Loyalty.hold("h1", in: $0)?.state } == .voided)
  #expect(try shop.findings() == [])
  try shop.refund("o1", 1, of: 1, at: bob)
  #expect(try shop.accounts()[ann] == 0)
  shop.store.clock.advance(by: day * 366)
  try shop.tick()
  #expect(try shop.accounts().values.allSatisfy { $0 == 0 }, "the household's timer did not go with her")
  #expect(try shop.findings() == [])
}

@Test func `facts and the export tell the points`() throws {
  let shop = try PointsShop()
  let ann = try shop.enter("user_id:ann")
  try shop.give(100, to: ann)
  let now = shop.store.clock.now
  let (balance, tier) = try shop.store.database.read { session in
    let facts = Facts([LoyaltyFacts()])
    return (
      try facts.value(of: "points:balance", ofCustomer: ann, now: now, in: session),
      try facts.value(of: "points:tier", ofCustomer: ann, now: now, in: session)
    )
  }
  #expect(balance == .number(100_000_000) && tier == nil)
  let bytes = try shop.store.database.read { session in
    var writer = JSONWriter()
    try writer.object { try LoyaltyFold().export(of: [ann], to: &$0, in: session) }
    return writer.bytes
  }
  let export = try JSONDocument(bytes).root["loyalty"]
  #expect(export?["lots"]?.count == 1 && export?["ledger"]?.count == 1)
}
