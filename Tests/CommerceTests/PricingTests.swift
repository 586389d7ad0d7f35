import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

/// Conditions, facts and whether they hold.
private let conditions: [(String, Fact, Bool)] = [
  ("segment:vip", Fact.flag(true), true), ("segment:vip", .flag(false), false), ("segment:vip", .text("true"), false),
  ("trait:city=Kazan", .text("Kazan"), true), ("trait:city=Kazan", .text("kazan"), false),
  ("trait:n=7.50", .number(7_500_000), true), ("trait:n=7.51", .number(7_500_000), false),
  ("trait:n=", .text(""), true), ("trait:a=b=c", .text("b=c"), true), ("trait:vip=false", .flag(false), true),
  ("trait:at=2026", .time(Instant(milliseconds: 0)), false),
]

@Test(arguments: conditions)
func `a condition is a fact and its value`(text: String, fact: Fact, holds: Bool) throws {
  let condition = try #require(FactCondition(text))
  #expect(condition.holds(fact) == holds)
  #expect(!condition.holds(nil))
}

@Test(arguments: ["", "vip", ":vip", "trait:", "trait:=1", String(repeating: "x:", count: 101)])
func `what names no fact is no condition`(text: String) {
  #expect(FactCondition(text) == nil)
}

@Test func `a quote has at most a thousand lines and twenty codes`() throws {
  let shop = try Shop()
  func quote(_ lines: Int, _ coupons: Int) throws -> Quote {
    try shop.quote(
      Array(repeating: (sku: "A", quantity: Quantity.one), count: lines),
      shop.context(coupons: Array(repeating: "A", count: coupons)))
  }
  #expect(try quote(1000, 20).lines.count == 1000)
  #expect { try quote(1001, 0) } throws: { ($0 as? Failure)?.faults.first?.pointer == "/lines" }
  #expect { try quote(10_000, 0) } throws: { ($0 as? Failure)?.faults.first?.pointer == "/lines" }
  #expect { try quote(1, 21) } throws: { ($0 as? Failure)?.faults.first?.pointer == "/coupons" }
}

@Test func `what comes to more than any receipt has an issue and no price`() throws {
  let shop = try Shop()
  try shop.put("product", #"{"sku": "A", "name": "Dear"}"#)
  try shop.put("price", #"{"sku": "A", "price": {"amount": 1000000000000000, "currency": "RUB"}}"#)
  let quote = try shop.quote(
    [("A", .one), ("A", Quantity(thousandths: 2000)), ("A", Quantity(thousandths: .max))], shop.context())
  #expect(quote.lines.map { $0.issues.map { $0.code } } == [[], [.amount], [.step, .amount]])
  #expect(quote.total == 1_000_000_000_000_000)
  #expect(quote.hasIssues)
}

/// Requests and the fields at fault.
private let requests: [(String, [String])] = [
  (#"{"lines": [], "currency": "RUB"}"#, []), (#"{"lines": {}, "currency": "roubles"}"#, ["/lines", "/currency"]),
  (
    #"{"currency": "RUB", "lines": [{"sku": "A", "quantity": -1}, {"sku": "A", "quantity": 0}, {"quantity": "1.0000"}]}"#,
    ["/lines/0/quantity", "/lines/1/quantity", "/lines/2/sku"]
  ),
  (
    #"{"currency": "RUB", "lines": [{"sku": "A", "quantity": 1000000.001}, {"sku": "A", "quantity": 0.0001}]}"#,
    ["/lines/0/quantity", "/lines/1/quantity"]
  ),
  (
    #"{"currency": "RUB", "lines": [{"sku": "A", "quantity": 1000000, "price": 1}], "x": 1}"#, ["/lines/0/price", "/x"]
  ),
]

@Test(arguments: requests)
func `a request for a quote names every field at fault`(json: String, pointers: [String]) throws {
  do {
    _ = try QuoteRequest(JSONDocument(Array(json.utf8)).root)
    #expect(pointers == [])
  } catch let failure as Failure {
    #expect(Set(failure.faults.map { $0.pointer }) == Set(pointers))
  }
}

@Test func `a kept quote is honoured for its time, for its customer and its lines`() throws {
  let shop = try Shop()
  try shop.put("product", #"{"sku": "A", "name": "N"}"#)
  try shop.put("price", #"{"sku": "A", "price": {"amount": 100, "currency": "RUB"}}"#)
  try shop.put("pricing", #"{"quoteMinutes": 5}"#)
  for user in ["ann", "bob"] { try shop.send("{}", of: user, kind: .identify) }
  let (ann, bob) = (try shop.leader("ann"), try shop.leader("bob"))
  let lines = [(sku: "A", quantity: Quantity.one)]
  func keep(_ id: String, at origin: Int64?) throws {
    let (context, now, intake) = (try shop.context(of: origin), shop.store.clock.now, shop.store.intake)
    let event = Event.request(.cart, name: "quote", body: Array("{}".utf8), messageID: id, at: now)
    _ = try shop.store.database.write { session in
      try intake.record(event, at: origin, author: "api:test", in: session) { outcome in
        let quote = try Pricing.quote(lines: lines, context: context, in: session)
        try Quotes.keep(quote, id: id, now: now, into: &outcome, in: session)
      }
    }
  }
  try keep("quo_ann", at: ann)
  try keep("quo_any", at: nil)
  // What it costs from now on is another matter.
  try shop.put("price", #"{"sku": "A", "price": {"amount": 150, "currency": "RUB"}}"#)
  #expect(try shop.quote(lines, shop.context()).total == 150)
  func honour(_ id: String, _ leader: Int64?, _ quantity: Int64 = 1000) throws -> String {
    let now = shop.store.clock.now
    do {
      return try shop.store.database.read { session in
        try
          "\(Quotes.honour(id, lines: [("A", Quantity(thousandths: quantity))], leader: leader, now: now, in: session).total)"
      }
    } catch let failure as Failure {
      #expect(failure.code == .conflict && failure.faults.map { $0.pointer } == ["/quote"])
      return String(failure.message.dropFirst("the quote ".count).prefix(10))
    }
  }
  #expect(try honour("quo_ann", ann) == "100")
  #expect(try honour("quo_ann", bob) == "is no quot")
  #expect(try honour("quo_ann", nil) == "is no quot")
  #expect(try honour("quo_x", ann) == "is no quot")
  #expect(try honour("quo_any", bob) == "100")
  #expect(try honour("quo_any", nil) == "100")
  #expect(try honour("quo_ann", ann, 2000) == "is about o")
  shop.store.clock.advance(by: .milliseconds(5 * 60_000 - 1))
  #expect(try honour("quo_ann", ann) == "100")
  shop.store.clock.advance(by: .milliseconds(1))
  #expect(try honour("quo_ann", ann) == "held until")
  #expect(try shop.findings() == [])
}
