import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

@Suite struct OrderBadInputTests {
  @Test(arguments: [
    ("[]", "is no object"), ("{}", "/fulfilment is no object with a type"),
    (#"{"lines": [{"sku": "mug", "quantity": 0}]}"#, "/lines/0/quantity is no number above 0"),
    (#"{"lines": [{"sku": "mug", "quantity": -1}]}"#, "/lines/0/quantity is no number above 0"),
    (#"{"lines": [{"sku": "mug", "quantity": 1e3}]}"#, "/lines/0/quantity is no number above 0"),
    (#"{"lines": [{"sku": "mug", "quantity": 1000001}]}"#, "/lines/0/quantity is no number above 0"),
    (#"{"lines": [{"sku": "", "quantity": 1}]}"#, "/lines/0/sku has not 1 to 64"),
    (#"{"lines": [{"sku": "m", "quantity": 1, "price": {"amount": -1, "currency": "EUR"}}]}"#, "/lines/0/price is no"),
    (#"{"fulfilment": {"type": "pickup"}}"#, "/fulfilment/store is missing"),
    (#"{"fulfilment": {"type": "pigeon"}}"#, "/fulfilment/type is none of"),
    (
      #"{"fulfilment": {"type": "pickup", "store": "a", "until": "2020-01-01T00:00:00Z"}}"#,
      "/fulfilment/until is no time"
    ),
    (
      #"{"fulfilment": {"type": "pickup", "store": "a", "until": "2036-01-01T00:00:00Z"}}"#,
      "/fulfilment/until is no time"
    ),
    (#"{"id": "conflicts"}"#, "/id is a word of the service's own"), (#"{"colour": 1}"#, "/colour is unknown"),
    (#"{"lines": [{"sku": "m", "quantity": 1, "a/b~c": 1}]}"#, "/lines/0/a~1b~0c is unknown"),
    (#"{"fulfilment": {"type": "delivery", "a/b": 1}}"#, "/fulfilment/a~1b is unknown"),
    (#"{"points": -1}"#, "/points is no whole number"), (#"{"channel": "fax"}"#, "/channel is none of"),
    (
      #"{"payments": [{"method": "Ann's card", "amount": {"amount": 1, "currency": "EUR"}}]}"#,
      "/payments/0/method is no"
    ),
    (
      #"{"lines": [{"sku": "a", "quantity": 1, "price": {"amount": 1, "currency": "EUR"}}, {"sku": "b", "quantity": 1, "price": {"amount": 1, "currency": "USD"}}]}"#,
      "/lines have prices of several currencies"
    ),
  ])
  func `a wrong order is refused with its faults`(body: String, fault: String) throws {
    let now = TurnedClock().now
    let told = refusal { _ = try OrderDraft(JSONDocument(Array(body.utf8)).root, now: now) }
    #expect(told.hasPrefix("invalid") && told.contains(fault), "\(told)")
  }

  @Test func `an order has a thousand lines, and not one more`() throws {
    let shop = try OrderShop()
    try shop.identify("user_id:u1")
    func body(_ count: Int) -> String {
      let lines = (0..<count).map { #"{"sku": "s\#($0)", "quantity": 1, "price": {"amount": 100, "currency": "EUR"}}"# }
      return
        #"{"id": "L-\#(count)", "customer": "user_id:u1", "fulfilment": {"type": "delivery"}, "lines": [\#(lines.joined(separator: ","))]}"#
    }
    try shop.place(body(Order.mostLines))
    #expect(try shop.order("L-1000")?.totals.due == 100_000)
    for count in [Order.mostLines + 1, 10_000] {
      #expect(refusal { try shop.place(body(count)) } == "tooLarge /lines has more than 1000 lines")
    }
    // A fact of more lines is taken as far as lines are kept, and says so.
    let many = (0..<10_000).map { "s\($0):1@1" }.joined(separator: " ")
    try shop.report("L-fact", many)
    #expect(try shop.order("L-fact")?.lines.count == 1000)
    #expect(try shop.conflicts().first?.hasSuffix("/properties/products has more than 1000 lines") == true)
    #expect(try shop.findings() == [])
  }

  @Test func `a clock that is wrong changes no sum`() throws {
    let shop = try OrderShop()
    try shop.report("R-1", "mug:1@25.00", from: "till", at: Instant(milliseconds: 0))
    try shop.report("R-2", "mug:1@25.00", from: "till", at: shop.now + .seconds(999_999))
    #expect(try shop.order("R-2")?.at == shop.now)
    try shop.report("Order Refunded", "R-1", "", from: "till", at: Instant(milliseconds: -1000))
    #expect(try shop.text("R-1") == "refunded: mug 1 refunded; paid 2500, refunded 2500")
    #expect(try shop.findings() == [])
  }
}
