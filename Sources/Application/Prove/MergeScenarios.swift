import Base

extension Scenario {
  static let merges = [
    Scenario(
      "merge and undo, with orders and points in between", "each has what came by his own name", needs: Scenario.money
    ) {
      shop in
      let sku = shop.name("merged")
      let caller = try shop.caller()
      try shop.shelve(sku, 100, by: caller)
      try shop.enter("merged", 2, by: caller)
      let ids = try (0..<2).map { try shop.customer("merged-\($0)", by: caller) }
      try shop.give(100, to: "merged-0", by: caller)
      try shop.give(50, to: "merged-1", by: caller)
      let merge = try shop.merge(ids[0], ids[1], by: caller)
      try expect(shop.points(of: "merged-1", by: caller), [150, 0, 0], "balance, held, owed of both in one")
      // Both buy while they are one, and the merge is undone while both buy more.
      for number in 13..<15 { try shop.buyMerged(number, sku, by: caller) }
      _ = try shop.together(13) { number, caller in
        if number == 6 { return try shop.undo(merge, by: caller) }
        try shop.buyMerged(number, sku, by: caller)
      }
      for number in 0..<15 where number != 6 {
        let told = try caller.get("/v1/orders/\(shop.name("merged-\(number)"))")["customer"]?.string
        try expect(told, ids[number % 2], "whose order \(number) is")
      }
      try expect(shop.points(of: "merged-0", by: caller), [170, 0, 0], "balance, held, owed of the first")
      try expect(shop.points(of: "merged-1", by: caller), [120, 0, 0], "balance, held, owed of the second")
      try expect(shop.shelf(sku, by: caller), [86, 0, 86], "on hand, reserved, available")
      return "14 orders and 290 points are with whom they came from"
    },
    Scenario("undo of the first of two merges", "the other one stands, and so does everybody's own") { shop in
      let caller = try shop.caller()
      try shop.enter("three", 3, by: caller)
      let ids = try (0..<3).map { try shop.customer("three-\($0)", by: caller) }
      func giveAll() throws {
        for (number, points) in [10, 20, 40].enumerated() { try shop.give(points, to: "three-\(number)", by: caller) }
      }
      func balances() throws -> [Int64] { try (0..<3).map { try shop.points(of: "three-\($0)", by: caller)[0] } }
      try giveAll()
      let first = try shop.merge(ids[0], ids[1], by: caller)
      try giveAll()
      let second = try shop.merge(ids[0], ids[2], by: caller)
      try giveAll()
      try expect(balances(), [210, 210, 210], "balances of three in one")
      try shop.undo(first, by: caller)
      try expect(shop.customer("three-1", by: caller), ids[1], "who left")
      try expect(shop.customer("three-2", by: caller), ids[0], "who stayed")
      try expect(balances(), [150, 60, 150], "balances after the first undo")
      try shop.undo(second, by: caller)
      try expect((0..<3).map { try shop.customer("three-\($0)", by: caller) }, ids, "all three")
      try expect(balances(), [30, 60, 120], "balances after both undos")
      return "30, 60 and 120 points, as they were given"
    },
  ]
}

extension ProveShop {
  /// One of the two who are merged buys over the counter; the even ones are the first's.
  fileprivate func buyMerged(_ number: Int, _ sku: String, by caller: Caller) throws {
    let order = name("merged-\(number)")
    try self.order(order, "merged-\(number % 2)", [(sku, 1)], way: "counter", by: caller).wants(201)
  }
}
