import Base
import SQL
import TestKit
import Testing

@testable import Commerce
@testable import Customers

@Suite struct CartEventTests {
  private static func town(_ policy: CartPolicy? = nil) throws -> CartTown {
    let town = try CartTown(policy: policy)
    try town.send("user_id:u1", from: "backend")
    return town
  }

  @Test func `events put in and take out, and never below nothing`() throws {
    let town = try Self.town()
    try town.added("user_id:u1", "A", "2")
    try town.send("user_id:u1", from: "backend", "Product Added", #"{"product_id":17}"#)
    try town.send(
      "user_id:u1", from: "backend", "Product Added",
      #"{"products":[{"sku":"B","quantity":"1.5"},{"sku":"C","quantity":-1},{"quantity":1},{"sku":"D","quantity":"x"}]}"#
    )
    try town.removed("user_id:u1", "A", "5")
    try town.send("user_id:u1", from: "backend", "Cart Viewed", #"{"products":[{"sku":"Z","quantity":9}]}"#)
    #expect(try town.lines("user_id:u1") == "17 1, B 1.5")
    #expect(try town.findings() == [])
  }

  @Test func `what a request has changed is not counted again when the page reports it`() throws {
    let town = try Self.town()
    try town.put("user_id:u1", "A", "2")
    try town.added("user_id:u1", "A", "2")
    #expect(try town.lines("user_id:u1") == "A 2")
    // What the request did not do is a change of its own.
    try town.added("user_id:u1", "A", "1")
    #expect(try town.lines("user_id:u1") == "A 3")
    try town.put("user_id:u1", "A", "0")
    try town.removed("user_id:u1", "A", "2")
    try town.added("user_id:u1", "A", "1")
    try town.removed("user_id:u1", "A", "1")
    #expect(try town.lines("user_id:u1") == "A 1")
    #expect(try town.findings() == [])
  }

  @Test func `a report counts with the customer, at whatever origin it stands`() throws {
    let town = try Self.town()
    try town.send("user_id:u1 card:C1", from: "till")
    try town.put("user_id:u1", "A", "1")
    try town.added("card:C1", "A", from: "till")
    #expect(try town.lines("user_id:u1") == "A 1")
    try town.added("card:C1", "A", from: "till")
    #expect(try town.lines("user_id:u1") == "A 2")
  }

  @Test(arguments: [(600_000, "A 1"), (600_001, "A 2")])
  func `an event reports a request's change for ten minutes, before and after`(after: Int, lines: String) throws {
    for isBefore in [false, true] {
      let town = try Self.town()
      town.store.clock.advance(by: .seconds(3600))
      let asked = town.store.clock.now
      try town.put("user_id:u1", "A", "1")
      if isBefore {
        try town.added("user_id:u1", "A", at: asked - .milliseconds(after))
      } else {
        town.store.clock.advance(by: .milliseconds(after))
        try town.added("user_id:u1", "A")
      }
      #expect(try town.lines("user_id:u1") == lines)
    }
  }

  @Test func `an event that names our cart tells of what a request has done`() throws {
    let town = try Self.town()
    try town.put("user_id:u1", "A", "1")
    let cart = try #require(try town.cart("user_id:u1").id)
    town.store.clock.advance(by: .seconds(3600))
    try town.added("user_id:u1", "A", cart: cart)
    try town.added("user_id:u1", "B", cart: cart)
    #expect(try town.lines("user_id:u1") == "A 1")
    try town.added("user_id:u1", "B", cart: "their own")
    #expect(try town.lines("user_id:u1") == "A 1, B 1")
    #expect(try town.findings() == [])
  }

  @Test func `an event of before the cart's present life changes nothing`() throws {
    let town = try Self.town()
    let start = town.store.clock.now
    try town.put("user_id:u1", "A", "1")
    town.store.clock.advance(by: .seconds(3600))
    try town.empty("user_id:u1")
    town.store.clock.advance(by: .seconds(3600))
    let late = start + .seconds(1800)
    try town.added("user_id:u1", "B", at: late)
    #expect(try town.lines("user_id:u1").isEmpty && town.verdict().notes == ["late"])
    // At an origin that never had a cart it is as late.
    try town.send("user_id:u1 card:C1", from: "till")
    try town.added("card:C1", "B", from: "till", at: late)
    #expect(try town.lines("user_id:u1").isEmpty)
    try town.put("user_id:u1", "C", "1")
    try town.added("user_id:u1", "B", at: start + .seconds(3600) - .milliseconds(1))
    #expect(try town.lines("user_id:u1") == "C 1")
    try town.added("user_id:u1", "B", at: start + .seconds(3600))
    #expect(try town.lines("user_id:u1") == "B 1, C 1")
    #expect(try town.findings() == [])
  }

  @Test func `what a page claims of a known customer changes no cart of his`() throws {
    let town = try Self.town()
    try town.login("u1", "a1")
    try town.put("user_id:u1", "A", "1")
    for who in ["user_id:u1", "user_id:u1 anonymous_id:a1", "anonymous_id:a1"] {
      try town.added(who, "B", from: "page")
      try town.removed(who, "A", from: "page")
    }
    #expect(try town.lines("user_id:u1") == "A 1")
    try town.added("anonymous_id:a1 user_id:u1", "B", from: "backend")
    #expect(try town.lines("user_id:u1") == "A 1, B 1")
    #expect(try town.findings() == [])
  }

  @Test func `a message counts once`() throws {
    let town = try Self.town()
    for _ in 1...3 { try town.added("user_id:u1", "A", id: "m1") }
    #expect(try town.lines("user_id:u1") == "A 1")
  }

  // MARK: Logins

  @Test(arguments: [
    (CartPolicy.Login.sum, "A 2, B 1, C 1", "A 2, B 1, C 1"),
    (.newest, "A 1, C 1; saved A 1, B 1", "A 1, B 1; saved A 1, C 1"),
    (.keepBoth, "A 1, B 1; saved A 1, C 1", "A 1, B 1; saved A 1, C 1"),
  ])
  func `a visitor who signs in brings his cart by the shop's policy, and loses no line`(
    login: CartPolicy.Login, visitorLast: String, customerLast: String
  ) throws {
    for isVisitorLast in [true, false] {
      var policy = CartPolicy()
      policy.login = login
      let town = try Self.town(policy)
      try town.send("anonymous_id:a1", from: "page")
      func visitor() throws {
        try town.change("visitor:a1", #"{"lines":[{"sku":"A","quantity":1},{"sku":"C","quantity":1}]}"#)
      }
      if !isVisitorLast { try visitor() }
      try town.change("user_id:u1", #"{"lines":[{"sku":"A","quantity":1},{"sku":"B","quantity":1}]}"#)
      if isVisitorLast { try visitor() }
      try town.login("u1", "a1")
      #expect(try town.lines("user_id:u1") == (isVisitorLast ? visitorLast : customerLast))
      let merge = try town.openMerges()[0]
      try town.undo(merge)
      #expect(try town.lines("user_id:u1") == "A 1, B 1" && town.lines("anonymous_id:a1") == "A 1, C 1")
      #expect(try town.findings() == [])
    }
  }

  @Test func `an undo leaves alone what has been touched since the login`() throws {
    var policy = CartPolicy()
    policy.login = .keepBoth
    let town = try Self.town(policy)
    try town.send("anonymous_id:a1", from: "page")
    try town.change("visitor:a1", #"{"lines":[{"sku":"A","quantity":2},{"sku":"C","quantity":1}]}"#)
    try town.put("user_id:u1", "B", "1")
    try town.login("u1", "a1")
    try town.change("user_id:u1", #"{"lines":[{"sku":"C","savedQuantity":0}]}"#)
    try town.undo(town.openMerges()[0])
    #expect(try town.lines("user_id:u1") == "B 1" && town.lines("anonymous_id:a1") == "A 2")
    #expect(try town.findings() == [])
  }

  @Test func `one side without goods gives way to nothing`() throws {
    var policy = CartPolicy()
    policy.login = .keepBoth
    let town = try Self.town(policy)
    try town.send("anonymous_id:a1", from: "page")
    try town.put("visitor:a1", "A", "1")
    try town.login("u1", "a1")
    #expect(try town.lines("user_id:u1") == "A 1")
    // A first sign-in with something added in the same message.
    try town.send("anonymous_id:a2", from: "page")
    try town.put("visitor:a2", "B", "1")
    try town.added("user_id:u9 anonymous_id:a2", "C")
    #expect(try town.lines("user_id:u9") == "B 1, C 1")
    #expect(try town.findings() == [])
  }

  // MARK: Purchases

  @Test func `a receipt that names the cart checks it out, by our id or by the sender's`() throws {
    for name in [nil, "web-17"] {
      let town = try Self.town()
      try town.added("user_id:u1", "A", "2", cart: "web-17")
      try town.change("user_id:u1", #"{"lines":[{"sku":"B","savedQuantity":1}]}"#)
      let id = try #require(try town.cart("user_id:u1").id)
      try town.send("user_id:u2", from: "backend")
      try town.checkOut("web-18", by: "user_id:u1")
      #expect(try town.cart("user_id:u1").id == id)
      try town.checkOut(name ?? id, by: "user_id:u2", order: "N-7")
      #expect(try town.cart("user_id:u1").id == nil && town.lines("user_id:u1") == "; saved B 1")
      #expect(try town.verdict().parts.map { [$0.id, $0.state.rawValue, $0.order] } == [[id, "checkedOut", "N-7"]])
      // Once more it changes nothing.
      try town.checkOut(name ?? id, by: "user_id:u2", order: "N-8")
      #expect(try town.verdict().isEmpty)
      #expect(try town.findings() == [])
    }
  }

  @Test func `a name that two customers' carts have means the buyer's, and nobody's where he has none`() throws {
    let town = try Self.town()
    try town.added("user_id:u1", "A", cart: "17")
    try town.added("user_id:u2", "A", cart: "17")
    try town.send("user_id:u3", from: "backend")
    try town.checkOut("17", by: "user_id:u3")
    #expect(try town.lines("user_id:u1") == "A 1" && town.lines("user_id:u2") == "A 1")
    try town.checkOut("17", by: "user_id:u2")
    #expect(try town.lines("user_id:u1") == "A 1" && town.lines("user_id:u2").isEmpty)
  }

  @Test func `a receipt that comes late leaves what was put in after it`() throws {
    let town = try Self.town()
    try town.put("user_id:u1", "A", "1")
    let bought = town.store.clock.now
    let id = try #require(try town.cart("user_id:u1").id)
    town.store.clock.advance(by: .seconds(1))
    try town.put("user_id:u1", "B", "1")
    try town.checkOut(id, by: "user_id:u1", time: bought)
    let next = try town.cart("user_id:u1")
    #expect(try town.lines("user_id:u1") == "B 1" && next.id != nil && next.id != id)
    try town.bought("user_id:u1", [("B", .one)], time: bought)
    #expect(try town.lines("user_id:u1") == "B 1")
    #expect(try town.findings() == [])
  }

  @Test func `any other receipt takes the bought articles out, up to their quantity`() throws {
    let town = try Self.town()
    try town.change("user_id:u1", #"{"lines":[{"sku":"A","quantity":3},{"sku":"B","quantity":1}]}"#)
    let id = try town.cart("user_id:u1").id
    try town.bought("user_id:u1", [("A", .one), ("C", .one)])
    #expect(try town.lines("user_id:u1") == "A 2, B 1")
    try town.bought("user_id:u1", [("A", Quantity(thousandths: 9000)), ("B", .one)], order: "N-2")
    #expect(try town.lines("user_id:u1").isEmpty && town.cart("user_id:u1").id == nil)
    #expect(try town.verdict().parts.map { $0.id } == [id].compactMap { $0 })
    #expect(try town.verdict().parts.first?.order == "N-2")
    #expect(try town.findings() == [])
  }

  // MARK: Abandoned

  @Test func `a cart that nobody changes is told once, and not where it was bought or emptied`() throws {
    let town = try Self.town()
    func told() throws -> Int { try town.log().count { $0.event.name == CartAbandonment.eventName } }
    try town.put("user_id:u1", "A", "1")
    town.store.clock.advance(by: .seconds(3599))
    try town.put("user_id:u1", "B", "1")
    town.store.clock.advance(by: .milliseconds(3_599_999))
    try town.fireTimers()
    #expect(try told() == 0)
    town.store.clock.advance(by: .milliseconds(1))
    try town.fireTimers()
    let event = try #require(try town.log().last?.event)
    #expect(try told() == 1 && town.cart("user_id:u1").state == .abandoned)
    #expect(event.kind == .track && String(decoding: event.body, as: UTF8.self).contains(#""sku":"A","quantity":1"#))
    // Changed and left again: once in its life.
    try town.put("user_id:u1", "B", "2")
    #expect(try town.cart("user_id:u1").state == .active)
    town.store.clock.advance(by: .seconds(3600))
    try town.fireTimers()
    #expect(try told() == 1)
    try town.empty("user_id:u1")
    for end in [0, 1] {
      try town.put("user_id:u1", "C", "1")
      if end == 0 { try town.empty("user_id:u1") } else { try town.bought("user_id:u1", [("C", .one)]) }
      town.store.clock.advance(by: .seconds(3600))
      let entries = try town.log().count
      try town.fireTimers()
      #expect(try told() == 1 && town.log().count == entries)
    }
    #expect(try town.findings() == [])
  }

  @Test func `after an undo each side's cart is told by itself`() throws {
    let town = try Self.town()
    try town.send("user_id:u2", from: "backend")
    try town.put("user_id:u1", "A", "1")
    try town.merge("user_id:u1", "user_id:u2")
    try town.put("user_id:u2", "B", "1")
    try town.undo(town.openMerges()[0])
    town.store.clock.advance(by: .seconds(3600))
    try town.fireTimers()
    let told = try town.log().filter { $0.event.name == CartAbandonment.eventName }.map { $0.outcome.origin }
    #expect(try Set(told) == [town.origin("user_id:u1"), town.origin("user_id:u2")] && told.count == 2)
    #expect(try town.findings() == [])
  }

  @Test func `a policy names its faults, and is taken at its limits`() throws {
    func policy(_ text: String) throws -> CartPolicy { try CartPolicy(document: JSONDocument(Array(text.utf8)).root) }
    #expect(try policy(#"{"abandonedAfterMinutes":1}"#).abandonedAfterMinutes == 1)
    #expect(try policy(#"{"abandonedAfterMinutes":43200,"login":"newest"}"#).login == .newest)
    for (text, pointer) in [
      ("[]", ""), (#"{"abandonedAfterMinutes":0}"#, "/abandonedAfterMinutes"),
      (#"{"abandonedAfterMinutes":43201}"#, "/abandonedAfterMinutes"), (#"{"login":"both"}"#, "/login"),
      (#"{"x":1}"#, "/x"),
    ] {
      #expect { try policy(text) } throws: { ($0 as? Failure)?.faults.map { $0.pointer } == [pointer] }
    }
  }
}
