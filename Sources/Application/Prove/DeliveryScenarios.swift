import Base

extension Scenario {
  static let deliveries = [
    Scenario(
      "an offline till sends its day twice, and twice at once", "each receipt counts once, at its own time",
      needs: [.programme]
    ) { shop in
      let (count, card) = (20, shop.name("card"))
      let caller = try shop.caller()
      let day = (0..<count).map { shop.receipt($0, card: card) }.joined(separator: ", ")
      let send = { @Sendable (caller: Caller) throws -> [String] in
        let reply = try caller.ask("POST", "/hooks/\(shop.tillSource)", "[\(day)]", key: shop.till).wants(200)
        return reply.json["results"]?.elements.compactMap { $0["status"]?.string } ?? []
      }
      let results = try shop.together(4) { _, caller in try send(caller) } + [try send(caller)]
      try expect(results.allSatisfy { $0.allSatisfy { ["accepted", "duplicate"].contains($0) } }, true, "results")
      try expect(results.last, Array(repeating: "duplicate", count: count), "the last time")
      let path = "/v1/customers/card:\(card)"
      let events = try caller.get(path + "/timeline?limit=500")["data"]?.elements.map { $0 } ?? []
      let times = events.filter { $0["event"]?.string == "Order Completed" }.compactMap { $0["timestamp"]?.string }
      try expect(times.count, count, "receipts in the timeline")
      try expect(Set(times).count, count, "times of their own")
      try expect(caller.get(path + "/loyalty")["balance"]?.integer, Int64(count * 10), "points of \(count) receipts")
      return "\(count) receipts, sent 5 times"
    },
    Scenario("a batch cut off and sent again", "each event counts once") { shop in
      let count = 100
      let caller = try shop.caller()
      let events = (0..<count).map {
        #"{"type": "track", "event": "Seen", "messageId": "\#(shop.name("cut-\($0)"))", "userId": "\#(shop.name("cut"))"}"#
      }
      for _ in 0..<3 { try caller.abandon("{\"batch\": [\(events.joined(separator: ", "))]}") }
      let results = try shop.together(4) { _, caller in
        try caller.send(events).compactMap { $0["status"]?.string }
      }
      try expect(results.allSatisfy { $0.allSatisfy { ["accepted", "duplicate"].contains($0) } }, true, "results")
      try expect(try caller.send(events).count { $0["status"]?.string == "duplicate" }, count, "duplicates at the end")
      let told = try caller.get("/v1/customers/user_id:\(shop.name("cut"))/timeline?limit=500")
      try expect(told["data"]?.count, count, "events in the timeline")
      return "\(count) events, cut off 3 times and sent 5 times"
    },
  ]
}

extension ProveShop {
  /// A till's receipt for 10 euros, a minute after the one before.
  fileprivate func receipt(_ number: Int, card: String) -> String {
    let time = "2026-01-02T12:\(number < 10 ? "0" : "")\(number):00Z"
    return #"""
      {"store_id": "\#(store)", "register_id": "1", "shift_no": 7, "receipt_no": \#(number), "operator": "Olga",
       "kind": "sale", "issued_at": "\#(time)", "currency": "\#(Self.currency)", "loyalty_card": "\#(card)",
       "offline": true, "seq": \#(number), "totals": {"total_minor": 1000},
       "lines": [{"line": 1, "sku": "\#(name("till"))", "name": "Mug", "qty": "1", "uom": "pcs",
                  "unit_price_minor": 1000, "total_minor": 1000}],
       "tenders": [{"kind": "cash", "amount_minor": 1000}]}
      """#
  }
}
