import Base
import Customers
import Dispatch
import SQL
import Synchronization
import TestKit
import Testing

@testable import Commerce

/// A shop with one product and the promotion `p` under the code `ONCE`.
private func shop(_ limits: String) throws -> Shop {
  let shop = try Shop()
  try shop.put("product", #"{"sku": "A", "name": "N"}"#)
  try shop.put("price", #"{"sku": "A", "price": {"amount": 1000, "currency": "RUB"}}"#)
  try shop.put("promotion", #"{"name": "p", "percent": 10, "code": "once"\#(limits)}"#)
  for user in ["ann", "bob"] { try shop.send("{}", of: user, kind: .identify) }
  return shop
}

extension Shop {
  /// What came of an order that names a code: nil, or why it was refused.
  fileprivate func redeem(_ order: String, of user: String? = nil, isFact: Bool = false) throws -> String? {
    let customer = try user.map { try leader($0) }
    do {
      try request("place", at: customer) { outcome, session in
        try Promotions.redeem(
          code: " Once", order: order, leader: customer, isFact: isFact, into: &outcome, in: session)
      }
      return nil
    } catch let failure as Failure {
      #expect(failure.code == .conflict && failure.faults.map { $0.pointer } == ["/coupons"])
      return failure.message
    }
  }

  fileprivate func release(_ order: String) throws {
    try request("cancel") { try Promotions.release(order: order, into: &$0, in: $1) }
  }

  fileprivate func uses() throws -> Int64 { try store.database.read { try Promotions.uses(of: "p", in: $0) } }

  fileprivate func state(of user: String?) throws -> Quote.Coupon.State? {
    try quote([("A", .one)], context(of: user.map { try leader($0) }, coupons: ["ONCE"])).coupons.first?.state
  }
}

@Test func `a code counts once for an order, and is given back once`() throws {
  let shop = try shop(#", "limit": 2"#)
  #expect(try shop.state(of: nil) == .applied)
  #expect(try shop.redeem("o-1") == nil)
  #expect(try shop.redeem("o-1") == nil)
  #expect(try shop.uses() == 1)
  #expect(try shop.redeem("o-2") == nil)
  #expect(try shop.redeem("o-3") == "the code is used up")
  #expect(try shop.state(of: nil) == .used)
  // What has happened counts all the same.
  #expect(try shop.redeem("o-4", isFact: true) == nil)
  #expect(try shop.uses() == 3)
  for _ in 1...2 { try shop.release("o-1") }
  try shop.release("o-4")
  #expect(try shop.uses() == 1)
  #expect(try shop.state(of: nil) == .applied)
  #expect(try shop.redeem("o-1") == nil)
  #expect(try shop.uses() == 2)
  #expect(try shop.findings() == [])
}

@Test func `a customer uses a code as often as he may, also when two became one`() throws {
  let shop = try shop(#", "limitPerCustomer": 1"#)
  #expect(try shop.state(of: nil) == .needsCustomer)
  #expect(try shop.redeem("o-0") == "the code is for known customers")
  #expect(try shop.redeem("o-1", of: "ann") == nil)
  #expect(try shop.redeem("o-2", of: "ann") == "the customer has used the code as often as he may")
  #expect(try shop.state(of: "ann") == .usedByCustomer)
  #expect(try shop.state(of: "bob") == .applied)
  let (ann, bob) = (try shop.leader("ann"), try shop.leader("bob"))
  let tokens = shop.store.tokens
  try shop.request("merge", .merge, at: ann) { outcome, session in
    _ = try Merging(tokens: tokens, in: session).merge(ann, bob, into: &outcome)
  }
  #expect(try shop.leader("ann") == shop.leader("bob"))
  #expect(try shop.redeem("o-3", of: "bob") == "the customer has used the code as often as he may")
  #expect(try shop.findings() == [])
}

@Test func `two codes of one order, and the same one twice, are counted in one entry`() throws {
  let shop = try shop(#", "limit": 1"#)
  try shop.put("promotion", #"{"name": "q", "percent": 1, "code": "other", "limit": 1}"#)
  try shop.request("place") { outcome, session in
    for code in ["once", "other", "ONCE"] {
      try Promotions.redeem(code: code, order: "o-1", leader: nil, into: &outcome, in: session)
    }
    // Another order of the same entry finds nothing left.
    #expect(throws: Failure.self) {
      try Promotions.redeem(code: "once", order: "o-2", leader: nil, into: &outcome, in: session)
    }
  }
  let rows = try shop.store.database.read { session in
    try session.rows(of: RedemptionStatement.ofOrder, .text("o-1")) { "\($0.text(0)) \($0.integer(2))" }
  }
  #expect(rows == ["p 1", "q 1"])
  #expect(throws: Failure.self) {
    try shop.request("place") { try Promotions.redeem(code: "none", order: "o-3", leader: nil, into: &$0, in: $1) }
  }
  try shop.request("receipt") { outcome, session in
    try Promotions.redeem(code: "none", order: "o-3", leader: nil, isFact: true, into: &outcome, in: session)
    #expect(outcome.verdicts.isEmpty)
  }
  #expect(try shop.findings() == [])
}

@Test func `of many orders at once that want the last use, one gets it`() throws {
  let shop = try shop(#", "limit": 1"#)
  let taken = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: 20) { number in
    do {
      if try shop.redeem("o-\(number)") == nil { taken.add(1, ordering: .relaxed) }
    } catch {
      Issue.record(error)
    }
  }
  #expect(taken.load(ordering: .relaxed) == 1)
  #expect(try shop.uses() == 1)
  #expect(try shop.findings() == [])
}

@Test(arguments: [1, 2, 3] as [UInt64])
func `a random history of orders and cancels counts every code within its limits`(seed: UInt64) throws {
  let shop = try shop(#", "limit": 7, "limitPerCustomer": 3"#)
  var chance = SplitMix64(seed: seed)
  var open: [String: String] = [:]
  for _ in 0..<120 {
    let order = "o-\(Int.random(in: 0..<15, using: &chance))"
    if Int.random(in: 0..<3, using: &chance) == 0 {
      try shop.release(order)
      open[order] = nil
    } else {
      let user = Bool.random(using: &chance) ? "ann" : "bob"
      let mayUse = open[order] != nil || (open.count < 7 && open.values.count { $0 == user } < 3)
      #expect(try (shop.redeem(order, of: user) == nil) == mayUse)
      if mayUse, open[order] == nil { open[order] = user }
    }
    #expect(try shop.uses() == Int64(open.count))
  }
  #expect(try shop.findings() == [])
}
