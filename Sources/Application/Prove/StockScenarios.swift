import Base
import Glibc

extension Scenario {
  static let stock = [
    Scenario("the last unit wanted by 200 clients at once", "exactly one gets it") { shop in
      let (sku, clients) = (shop.name("last"), 200)
      let caller = try shop.caller()
      try shop.shelve(sku, 1, by: caller)
      try shop.enter("last", clients, by: caller)
      let statuses = try shop.together(clients) { number, caller in
        try shop.order(shop.name("last-\(number)"), "last-\(number)", [(sku, 1)], by: caller).wants(201, 409).status
      }
      try expect(statuses.count { $0 == 201 }, 1, "clients who got it")
      try expect(shop.shelf(sku, by: caller), [1, 1, 0], "on hand, reserved, available")
      return "1 got it, \(clients - 1) were told that it is gone"
    },
    Scenario("two lines of one order that share one item", "they count together") { shop in
      let sku = shop.name("shared")
      let caller = try shop.caller()
      try shop.shelve(sku, 5, by: caller)
      try shop.enter("shared", 10, by: caller)
      try shop.order(shop.name("shared-x"), "shared-0", [(sku, 3), (sku, 3)], by: caller).wants(409)
      let statuses = try shop.together(10) { number, caller in
        let lines = [(sku, 1), (sku, 1)]
        let (order, person) = (shop.name("shared-\(number)"), "shared-\(number)")
        return try shop.order(order, person, lines, by: caller).wants(201, 409).status
      }
      try expect(statuses.count { $0 == 201 }, 2, "orders of two from a shelf of five")
      try expect(shop.shelf(sku, by: caller), [5, 4, 1], "on hand, reserved, available")
      return "2 orders of two from a shelf of five"
    },
    Scenario("a reservation that expires while it is being paid", "the unit is sold or back on the shelf, never both") {
      shop in
      let (sku, order) = (shop.name("expires"), shop.name("expires"))
      let caller = try shop.caller()
      try shop.shelve(sku, 1, by: caller)
      try shop.enter("expires", 2, by: caller)
      let until = SystemClock().now + .seconds(4)
      try shop.order(order, "expires-0", [(sku, 1)], until: until, by: caller).wants(201)
      // Each of them pays under his own key, from before the end until it has been noticed.
      let paid = try shop.together(6) { number, caller in
        var paid = 0
        usleep(UInt32(max(0, until.milliseconds - SystemClock().now.milliseconds - 300)) * 1000)
        while SystemClock().now.milliseconds < until.milliseconds + 2000 {
          let body =
            #"{"payments": [{"method": "card", "amount": {"amount": 1000, "currency": "\#(ProveShop.currency)"}}]}"#
          if try caller.ask("POST", "/v1/orders/\(order)/pay", body).wants(200, 409).status == 200 { paid += 1 }
          usleep(20_000)
        }
        return paid
      }
      let told = try caller.get("/v1/orders/\(order)")
      let sum = told["totals"]?["paid"]?["amount"]?.integer ?? 0
      try expect(paid.reduce(0, +), sum == 0 ? 0 : 1, "payments taken, of which the order has \(sum)")
      try expect(told["status"]?.string, "expired", "the order that nobody collected")
      try expect(shop.shelf(sku, by: caller), [1, 0, 1], "on hand, reserved, available")
      try shop.order(shop.name("expires-next"), "expires-1", [(sku, 1)], by: caller).wants(201)
      try caller.ask("POST", "/v1/orders/\(order)/collect", "{}").wants(409)
      return "paid \(paid.reduce(0, +)) times, expired once, and the next one got it"
    },
  ]
}

extension ProveShop {
  /// So many people known by their user id: the word with a number each.
  func enter(_ word: String, _ count: Int, by caller: Caller) throws {
    let events = (0..<count).map { number in
      #"{"type": "identify", "messageId": "\#(id())", "userId": "\#(name("\(word)-\(number)"))"}"#
    }
    for result in try caller.send(events) { try expect(took: result, "an introduction") }
  }

  /// Where somebody is found.
  func path(_ person: String) -> String { "/v1/customers/user_id:\(name(person))" }

  /// Asks for an order that waits in the store.
  func order(
    _ id: String, _ person: String, _ lines: [(sku: String, count: Int)], way: String = "pickup", until: Instant? = nil,
    by caller: Caller
  ) throws -> Caller.Reply {
    let goods = lines.map { #"{"sku": "\#($0.sku)", "quantity": \#($0.count)}"# }.joined(separator: ", ")
    let end = until.map { #", "until": "\#($0.text)""# } ?? ""
    return try caller.ask(
      "POST", "/v1/orders",
      #"""
      {"id": "\#(id)", "customer": "user_id:\#(name(person))", "lines": [\#(goods)],
       "fulfilment": {"type": "\#(way)", "store": "\#(store)"\#(end)}}
      """#)
  }
}
