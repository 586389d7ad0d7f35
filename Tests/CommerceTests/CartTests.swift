import Base
import SQL
import TestKit
import Testing

@testable import Commerce
@testable import Customers

/// Prices of a list that a test gives.
struct ListedPrices: CartPricing {
  var prices: [String: Int64]

  func price(_ lines: [CartShare.Line], _ context: CartContext, in session: any Session) throws -> CartPrices {
    var priced = CartPrices()
    guard let currency = Currency("EUR") else { return priced }
    var sum: Int64 = 0
    for line in lines {
      var price = CartPrices.Line()
      if let amount = prices[line.sku], let total = Money.product(line.quantity, price: amount) {
        price.unitPrice = Money(amount, currency)
        price.total = Money(total, currency)
        sum += total
      } else {
        price.issues = [CartIssue(.unknownSku, "there is no such article")]
      }
      priced.lines.append(price)
    }
    priced.goods = Money(sum, currency)
    return priced
  }
}

/// Takes orders, unless it is told to refuse them.
private struct OrderStub: OrderPlacing {
  var refusal: Failure?

  func place(_ checkout: CartCheckout, into outcome: inout Outcome, in session: any Session) throws -> String {
    if let refusal { throw refusal }
    return "N-\(checkout.lines.count)-\(checkout.request["note"]?.string ?? "")"
  }
}

@Suite struct CartTests {
  private static func town() throws -> CartTown {
    let town = try CartTown()
    try town.send("user_id:u1", from: "backend")
    try town.send("anonymous_id:a1", from: "page")
    return town
  }

  @Test func `lines are put, changed by deltas, saved for later, brought back and taken out`() throws {
    let town = try Self.town()
    let none = try town.cart("user_id:u1")
    #expect(none.id == nil && none.state == nil)
    try town.change("user_id:u1", #"{"lines":[{"sku":"A","quantity":2},{"sku":"B","delta":0.5}]}"#)
    let first = try town.cart("user_id:u1")
    #expect(first.id?.hasPrefix("crt_") == true && first.state == .active && first.version != none.version)
    #expect(try town.lines("user_id:u1") == "A 2, B 0.5")
    try town.change("user_id:u1", #"{"lines":[{"sku":"A","delta":-5},{"sku":"B","saved":true}]}"#)
    #expect(try town.lines("user_id:u1") == "; saved B 0.5")
    try town.change("user_id:u1", #"{"lines":[{"sku":"B","saved":false},{"sku":"C","savedQuantity":3}]}"#)
    #expect(try town.lines("user_id:u1") == "B 0.5; saved C 3")
    try town.put("user_id:u1", "B", "0")
    try town.change("user_id:u1", #"{"lines":[{"sku":"C","savedQuantity":1}]}"#)
    let last = try town.cart("user_id:u1")
    #expect(try town.lines("user_id:u1") == "; saved C 1" && last.id == first.id)
    #expect(try town.findings() == [])
  }

  @Test func `a change that changes nothing keeps the version, any other makes a new one`() throws {
    let town = try Self.town()
    var versions: Set<String> = []
    for quantity in ["1", "2", "1"] {
      try town.put("user_id:u1", "A", quantity)
      #expect(versions.insert(try town.cart("user_id:u1").version).inserted)
    }
    try town.put("user_id:u1", "A", "1")
    #expect(!versions.insert(try town.cart("user_id:u1").version).inserted)
    #expect(try town.verdict().isEmpty)
  }

  @Test func `a merge adds both carts up, and an undo gives each side its own`() throws {
    let town = try Self.town()
    try town.send("user_id:u2", from: "backend")
    try town.put("user_id:u1", "A", "2")
    try town.change("user_id:u2", #"{"lines":[{"sku":"A","quantity":1},{"sku":"B","quantity":1}]}"#)
    let (one, other) = (try town.cart("user_id:u1"), try town.cart("user_id:u2"))
    try town.merge("user_id:u1", "user_id:u2")
    let both = try town.cart("user_id:u2")
    #expect(try town.lines("user_id:u1") == "A 3, B 1" && both.id == one.id)
    #expect(![one.version, other.version].contains(both.version))
    // A request of u2 puts more where he stands and takes less from his share first.
    try town.put("user_id:u2", "A", "5")
    try town.put("user_id:u2", "B", "0")
    try town.put("user_id:u2", "A", "1")
    #expect(try town.lines("user_id:u1") == "A 1")
    try town.undo(town.openMerges()[0])
    #expect(try town.lines("user_id:u1") == "A 1" && town.lines("user_id:u2").isEmpty)
    #expect(try town.findings() == [])
  }

  @Test func `a visitor's token reaches his own browser's cart and nothing that claims tie to it`() throws {
    let town = try Self.town()
    try town.send("anonymous_id:a1 email:e@b.test", from: "page")
    try town.send("anonymous_id:a2 email:e@b.test", from: "page")
    try town.put("visitor:a1", "A", "1")
    try town.put("visitor:a2", "B", "1")
    #expect(try town.lines("anonymous_id:a1") == "A 1, B 1")
    #expect(try town.lines("visitor:a1") == "A 1" && town.lines("visitor:a2") == "B 1")
    try town.put("visitor:a1", "B", "0")
    try town.empty("visitor:a1")
    #expect(try town.lines("anonymous_id:a1") == "B 1")
    #expect(try town.findings() == [])
  }

  @Test func `an emptied cart ends, what is saved stays, and the next one has another id`() throws {
    let town = try Self.town()
    try town.change("user_id:u1", #"{"lines":[{"sku":"A","quantity":2},{"sku":"B","savedQuantity":1}]}"#)
    try town.change("user_id:u1", #"{"coupons":{"add":["SPRING"]}}"#)
    let first = try town.cart("user_id:u1")
    #expect(first.coupons == ["SPRING"])
    try town.empty("user_id:u1")
    let none = try town.cart("user_id:u1")
    #expect(try none.id == nil && town.lines("user_id:u1") == "; saved B 1" && none.version != first.version)
    try town.change("user_id:u1", #"{"lines":[{"sku":"B","saved":false}]}"#)
    let second = try town.cart("user_id:u1")
    #expect(second.id != nil && second.id != first.id && second.coupons == [])
    #expect(try town.findings() == [])
  }

  @Test func `a request counts once under its id`() throws {
    let town = try Self.town()
    let body = #"{"lines":[{"sku":"A","delta":1}]}"#
    let first = try town.change("user_id:u1", body, id: "k")
    try town.change("user_id:u1", body)
    #expect(try town.change("user_id:u1", body, id: "k").sequence == first.sequence)
    #expect(try town.lines("user_id:u1") == "A 2")
  }

  @Test func `codes are entered and taken out, at most twenty, whatever side they came from`() throws {
    let town = try Self.town()
    try town.send("user_id:u2", from: "backend")
    try town.change("user_id:u2", #"{"coupons":{"add":["ONE","TWO"]}}"#)
    try town.merge("user_id:u1", "user_id:u2")
    try town.change("user_id:u1", #"{"coupons":{"add":["THREE"],"remove":["ONE","NONE"]}}"#)
    #expect(try town.cart("user_id:u2").coupons == ["THREE", "TWO"])
    let more = (4...20).map { "\"C\($0)\"" }.joined(separator: ",")
    try town.change("user_id:u1", #"{"coupons":{"add":[\#(more)]}}"#)
    try town.change("user_id:u1", #"{"coupons":{"add":["FULL"]}}"#)
    #expect(try town.cart("user_id:u1").coupons.count == 20)
    #expect { try town.change("user_id:u1", #"{"coupons":{"add":["OVER"]}}"#) } throws: {
      ($0 as? Failure)?.code == .conflict
    }
    try town.undo(town.openMerges()[0])
    #expect(try town.cart("user_id:u2").coupons == ["ONE", "TWO"])
    #expect(try town.findings() == [])
  }

  @Test func `a cart is taken at its limits and not past them`() throws {
    let town = try Self.town()
    let full = (0..<500).map { #"{"sku":"S\#($0)","quantity":1}"# }.joined(separator: ",")
    try town.change("user_id:u1", #"{"lines":[\#(full)]}"#)
    #expect { try town.put("user_id:u1", "MORE", "1") } throws: { ($0 as? Failure)?.code == .conflict }
    try town.put("user_id:u1", "S0", "100000")
    #expect(throws: Failure.self) { try town.put("user_id:u1", "S0", "100000.001") }
    #expect { try town.change("user_id:u1", #"{"lines":[{"sku":"S0","delta":0.001}]}"#) } throws: {
      ($0 as? Failure)?.faults.first?.pointer == "/lines/0"
    }
    // An event is never refused: what has no room is noted.
    try town.added("user_id:u1", "MORE")
    #expect(try town.verdict().notes == ["full"])
    try town.added("user_id:u1", "S0")
    #expect(try town.cart("user_id:u1").quantity(of: "S0") == Cart.mostOfLine)
    // Two full carts make a longer one by a merge, which can be made shorter and not longer.
    try town.send("user_id:u2", from: "backend")
    try town.put("user_id:u2", "OTHER", "1")
    try town.merge("user_id:u1", "user_id:u2")
    #expect(try town.cart("user_id:u1").lines.count == 501)
    #expect(throws: Failure.self) { try town.put("user_id:u1", "MORE", "1") }
    try town.put("user_id:u1", "S1", "0")
    try town.put("user_id:u1", "S2", "0")
    try town.put("user_id:u1", "MORE", "1")
    #expect(try town.findings() == [])
  }

  @Test(arguments: [
    ("1", ""), (#"{"line":[]}"#, "/line"), (#"{"lines":{}}"#, "/lines"), (#"{"lines":[1]}"#, "/lines/0"),
    (#"{"lines":[{"sku":"","quantity":1}]}"#, "/lines/0/sku"), (#"{"lines":[{"quantity":1}]}"#, "/lines/0/sku"),
    (#"{"lines":[{"sku":"\#(String(repeating: "s", count: 65))","quantity":1}]}"#, "/lines/0/sku"),
    (#"{"lines":[{"sku":"A"}]}"#, "/lines/0"), (#"{"lines":[{"sku":"A","quantity":1,"delta":1}]}"#, "/lines/0"),
    (#"{"lines":[{"sku":"A","quantity":-1}]}"#, "/lines/0/quantity"),
    (#"{"lines":[{"sku":"A","quantity":0.0001}]}"#, "/lines/0/quantity"),
    (#"{"lines":[{"sku":"A","quantity":100000.001}]}"#, "/lines/0/quantity"),
    (#"{"lines":[{"sku":"A","quantity":1e300}]}"#, "/lines/0/quantity"),
    (#"{"lines":[{"sku":"A","delta":"x"}]}"#, "/lines/0/delta"),
    (#"{"lines":[{"sku":"A","saved":1}]}"#, "/lines/0/saved"),
    (#"{"lines":[{"sku":"A","quantity":1},{"sku":"A","delta":1}]}"#, "/lines/1/sku"),
    (#"{"coupons":[]}"#, "/coupons"), (#"{"coupons":{"add":[""]}}"#, "/coupons/add/0"),
    (#"{"coupons":{"put":[]}}"#, "/coupons/put"), (#"{"acknowledge":1}"#, "/acknowledge"),
  ])
  func `what is wrong with a change is named`(body: String, pointer: String) throws {
    let json = try JSONDocument(Array(body.utf8)).root
    #expect { try CartChange(json) } throws: { error in
      (error as? Failure)?.code == .invalid && (error as? Failure)?.faults.map { $0.pointer } == [pointer]
    }
  }

  @Test func `a list of ten thousand lines is refused with its reason, and one of five hundred is not`() throws {
    func change(_ count: Int) throws {
      let lines = (0..<count).map { #"{"sku":"S\#($0)","quantity":1}"# }.joined(separator: ",")
      _ = try CartChange(JSONDocument(Array(#"{"lines":[\#(lines)]}"#.utf8)).root)
    }
    try change(500)
    for count in [501, 10_000] {
      #expect { try change(count) } throws: {
        ($0 as? Failure)?.code == .tooLarge && ($0 as? Failure)?.faults.first?.pointer == "/lines"
      }
    }
  }

  @Test func `a price that changed since is told with old and new until it is acknowledged`() throws {
    let town = try Self.town()
    try town.change("user_id:u1", #"{"lines":[{"sku":"A","quantity":2}]}"#, pricing: ListedPrices(prices: ["A": 100]))
    let dear = ListedPrices(prices: ["A": 150])
    func issues() throws -> [CartIssue] {
      let now = town.store.clock.now
      return try town.store.database.read { session in
        try CartView(town.cart("user_id:u1"), CartContext(now: now), by: dear, in: session).prices.lines.first?.issues
          ?? []
      }
    }
    let told = try issues()
    #expect(told.map { $0.code } == [.priceChanged] && told.first?.old?.amount == 100 && told.first?.new?.amount == 150)
    try town.change("user_id:u1", #"{"lines":[{"sku":"B","quantity":1}]}"#, pricing: dear)
    #expect(try issues().count == 1)
    let before = try town.cart("user_id:u1").version
    try town.change("user_id:u1", #"{"acknowledge":true}"#, pricing: dear)
    #expect(try issues() == [] && town.cart("user_id:u1").version != before)
    #expect(try town.findings() == [])
  }

  @Test func `a checkout makes one order and ends the cart, and a refused one leaves it`() throws {
    let town = try Self.town()
    let request = try JSONDocument(Array(#"{"note":"x"}"#.utf8)).root
    #expect {
      try town.ask("user_id:u1", "checkout") { try $0.checkOut(request, by: nil, into: &$1, in: $2) }
    } throws: {
      ($0 as? Failure)?.code == .conflict
    }
    try town.change("user_id:u1", #"{"lines":[{"sku":"A","quantity":2},{"sku":"B","savedQuantity":1}]}"#)
    let first = try town.cart("user_id:u1")
    let refusing = OrderStub(refusal: Failure(.conflict, "the shelf is empty"))
    #expect(throws: Failure.self) {
      try town.ask("user_id:u1", "checkout") { try $0.checkOut(request, by: refusing, into: &$1, in: $2) }
    }
    #expect(try town.cart("user_id:u1").version == first.version)
    try town.ask("user_id:u1", "checkout") { try $0.checkOut(request, by: OrderStub(), into: &$1, in: $2) }
    #expect(try town.verdict().order == "N-1-x" && town.lines("user_id:u1") == "; saved B 1")
    #expect(try town.cart("user_id:u1").id == nil)
    #expect(try town.findings() == [])
  }

  @Test func `a cart that is frozen for its checkout is active again when it is changed`() throws {
    let town = try Self.town()
    let request = try JSONDocument(Array("{}".utf8)).root
    try town.put("user_id:u1", "A", "2")
    let first = try town.cart("user_id:u1")
    try town.ask("user_id:u1", "checkout") { try $0.checkOut(request, by: nil, into: &$1, in: $2) }
    let frozen = try town.cart("user_id:u1")
    #expect(frozen.state == .checkingOut && frozen.id == first.id && frozen.version != first.version)
    try town.put("user_id:u1", "A", "1")
    #expect(try town.cart("user_id:u1").state == .active)
    #expect(try town.findings() == [])
  }

  @Test func `a link shows the lines of its time, and brings them into another cart once`() throws {
    let town = try Self.town()
    try town.change("user_id:u1", #"{"lines":[{"sku":"A","quantity":2},{"sku":"B","quantity":1}]}"#)
    try town.ask("user_id:u1", "shared") { try $0.share(into: &$1, in: $2) }
    let token = try #require(try town.verdict().share?.id)
    try town.empty("user_id:u1")
    try town.put("visitor:a1", "A", "1")
    for _ in 1...2 {
      try town.ask("visitor:a1", "restored") { try $0.restore(token, into: &$1, in: $2) }
      #expect(try town.lines("visitor:a1") == "A 2, B 1")
    }
    town.store.clock.advance(by: CartShare.life - .milliseconds(1))
    try town.ask("visitor:a1", "restored") { try $0.restore(token, into: &$1, in: $2) }
    town.store.clock.advance(by: .milliseconds(1))
    #expect { try town.ask("visitor:a1", "restored") { try $0.restore(token, into: &$1, in: $2) } } throws: {
      ($0 as? Failure)?.code == .notFound
    }
    #expect(try town.findings() == [])
  }

  @Test func `an export shows the cart, and what is erased leaves numbers alone`() throws {
    let town = try Self.town()
    try town.change("user_id:u1", #"{"lines":[{"sku":"A","quantity":2}],"coupons":{"add":["ANN15"]}}"#)
    try town.added("user_id:u1", "C", cart: "ann-cart")
    try town.ask("user_id:u1", "shared") { try $0.share(into: &$1, in: $2) }
    let token = try #require(try town.verdict().share?.id)
    let origin = try town.origin("user_id:u1")
    let text = try town.store.database.read { session in
      var writer = JSONWriter()
      try writer.object { try CartFold().export(of: [origin], to: &$0, in: session) }
      return String(decoding: writer.bytes, as: UTF8.self)
    }
    #expect(text.contains(#""sku":"A","quantity":2"#) && text.contains("ANN15"))
    try town.erase("user_id:u1")
    let dump = try town.store.database.read { session in
      try ["cart", "cart_line", "cart_coupon", "cart_name", "cart_share", "event"].flatMap { table in
        var rows: [String] = []
        try session.forEachRow(ofText: "SELECT * FROM \(table)", []) { row in
          rows.append((0..<row.count).map { "\(row.value($0))" }.joined(separator: " "))
          return true
        }
        return rows
      }.joined(separator: "\n")
    }
    #expect(!dump.contains("ANN15") && !dump.contains("ann-cart"))
    #expect(throws: Failure.self) {
      try town.store.database.read { try CartShare.find(token, now: town.store.clock.now, in: $0) }
    }
    town.store.clock.advance(by: .seconds(7200))
    try town.fireTimers()
    #expect(try town.log().allSatisfy { $0.event.name != CartAbandonment.eventName })
    #expect(try town.findings() == [])
  }
}
