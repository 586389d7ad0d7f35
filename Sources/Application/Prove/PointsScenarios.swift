import Base

extension Scenario {
  static let points = [
    Scenario("one balance, 20 redemptions at once", "exactly what the balance allows") { shop in
      let caller = try shop.caller()
      try shop.enter("balance", 1, by: caller)
      try shop.give(100, to: "balance-0", by: caller)
      let statuses = try shop.together(20) { _, caller in
        try caller.ask("POST", shop.path("balance-0") + "/loyalty/holds", #"{"points": 10}"#).wants(201, 409).status
      }
      try expect(statuses.count { $0 == 201 }, 10, "redemptions of 10 from a balance of 100")
      try expect(shop.points(of: "balance-0", by: caller), [0, 100, 0], "balance, held, owed")
      return "10 of 20, and nothing is left or owed"
    },
    Scenario("20 gifts at once", "each counts once, also when it is asked for twice") { shop in
      let caller = try shop.caller()
      try shop.enter("gifts", 1, by: caller)
      _ = try shop.together(20) { _, caller in
        let key = shop.id()
        for _ in 0..<2 { try shop.give(5, to: "gifts-0", once: key, by: caller) }
      }
      try expect(shop.points(of: "gifts-0", by: caller), [100, 0, 0], "balance, held, owed")
      return "20 gifts of 5 are 100 points"
    },
    Scenario("the same hold captured twice", "it is spent once, and a capture of another sum is refused") { shop in
      let caller = try shop.caller()
      try shop.enter("capture", 1, by: caller)
      try shop.give(100, to: "capture-0", by: caller)
      let hold = try shop.hold(30, of: "capture-0", by: caller)
      let statuses = try shop.together(20) { number, caller in
        let body = #"{"points": \#(number % 2 == 0 ? 30 : 20), "order": "\#(shop.name("capture"))"}"#
        return try caller.ask("POST", "/v1/loyalty/holds/\(hold)/capture", body).wants(200, 409).status
      }
      let (thirty, twenty) = (statuses.indices.filter { $0 % 2 == 0 }, statuses.indices.filter { $0 % 2 == 1 })
      let taken = [thirty, twenty].map { $0.count { statuses[$0] == 200 } }
      guard taken == [10, 0] || taken == [0, 10] else {
        throw Broken("\(taken[0]) captures of 30 and \(taken[1]) of 20 were taken of one hold")
      }
      let spent: Int64 = taken[0] > 0 ? 30 : 20
      try expect(shop.points(of: "capture-0", by: caller), [100 - spent, 0, 0], "balance, held, owed")
      return "20 captures, \(spent) points"
    },
  ]

  static let refunds = [
    Scenario("buy, earn, refund", "the points are gone again, however many give back at once", needs: Scenario.money) {
      shop in
      let caller = try shop.caller()
      let order = try shop.buy("refund", [3000, 3333, 3667], by: caller)
      try expect(shop.points(of: "refund-0", by: caller), [100, 0, 0], "balance, held, owed after the purchase")
      let statuses = try shop.together(10) { _, caller in
        try caller.ask("POST", "/v1/orders/\(order)/refund", "{}").wants(200, 409).status
      }
      try expect(statuses.count { $0 == 200 }, 1, "refunds of the whole")
      try expect(shop.points(of: "refund-0", by: caller), [0, 0, 0], "balance, held, owed")
      let told = try caller.get("/v1/orders/\(order)")
      try expect(told["totals"]?["refunded"]?["amount"]?.integer, 10_000, "given back")
      return "1 of 10 refunds, 100 points earned and gone"
    },
    Scenario("refund of a part", "its share of the points goes, and the parts sum to the whole", needs: Scenario.money)
    {
      shop in
      let caller = try shop.caller()
      let order = try shop.buy("part", [3333, 3333, 3334], by: caller)
      var balances: [Int64] = []
      for line in 1...3 {
        try caller.ask("POST", "/v1/orders/\(order)/refund", #"{"lines": [{"line": \#(line), "quantity": 1}]}"#).wants(
          200)
        balances.append(try shop.points(of: "part-0", by: caller)[0])
      }
      guard balances[0] > balances[1], balances[1] > balances[2], balances[2] == 0 else {
        throw Broken("100 points went to \(balances)")
      }
      return "100 points went to \(balances)"
    },
    Scenario("refund after the points were spent", "they are owed, and the next points pay them", needs: Scenario.money)
    { shop in
      let caller = try shop.caller()
      let order = try shop.buy("spent", [10_000], by: caller)
      let hold = try shop.hold(80, of: "spent-0", by: caller)
      try caller.ask("POST", "/v1/loyalty/holds/\(hold)/capture", "{}").wants(200)
      try caller.ask("POST", "/v1/orders/\(order)/refund", "{}").wants(200)
      try expect(shop.points(of: "spent-0", by: caller), [-80, 0, 80], "balance, held, owed")
      try caller.ask("POST", shop.path("spent-0") + "/loyalty/holds", #"{"points": 1}"#).wants(409)
      try shop.give(100, to: "spent-0", by: caller)
      try expect(shop.points(of: "spent-0", by: caller), [20, 0, 0], "balance, held, owed after a gift of 100")
      return "80 were owed, then paid"
    },
  ]
}

extension ProveShop {
  /// Balance, held and owed.
  func points(of person: String, by caller: Caller) throws -> [Int64] {
    let told = try caller.get(path(person) + "/loyalty")
    return ["balance", "held", "owed"].map { told.member($0)?.integer ?? .min }
  }

  /// - Parameter key: the Idempotency-Key, where it is asked for more than once.
  func give(_ points: Int, to person: String, once key: String? = nil, by caller: Caller) throws {
    let body = #"{"points": \#(points), "reason": "a gift"}"#
    try caller.ask("POST", path(person) + "/loyalty/adjustments", body, once: key).wants(200)
  }

  /// Sets points aside; the hold.
  func hold(_ points: Int, of person: String, by caller: Caller) throws -> String {
    let reply = try caller.ask("POST", path(person) + "/loyalty/holds", #"{"points": \#(points)}"#).wants(201)
    return reply.json["id"]?.string ?? ""
  }

  /// Somebody new buys goods at these prices over the counter; the order.
  func buy(_ word: String, _ prices: [Int], by caller: Caller) throws -> String {
    try enter(word, 1, by: caller)
    let goods = try prices.enumerated().map { index, price in
      let sku = name("\(word)-\(index)")
      try shelve(sku, 10, price: price, by: caller)
      return (sku: sku, count: 1)
    }
    try order(name(word), "\(word)-0", goods, way: "counter", by: caller).wants(201)
    return name(word)
  }
}
