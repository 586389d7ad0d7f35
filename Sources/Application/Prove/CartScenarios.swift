import Base

extension Scenario {
  static let carts = [
    Scenario("a cart at login with a cart already there", "no line is lost or counted twice", needs: [.cartPolicy]) {
      shop in
      let (visitor, both, own) = (shop.name("visitor"), shop.name("both"), shop.name("own"))
      let caller = try shop.caller()
      try shop.enter("login", 1, by: caller)
      let path = shop.path("login-0") + "/cart"
      let lines = #"{"lines": [{"sku": "\#(both)", "quantity": 2}, {"sku": "\#(own)", "quantity": 1}]}"#
      try caller.ask("PATCH", path, lines).wants(200)
      let added = [(both, 1), (shop.name("brought"), 4)].map { sku, count in
        #"""
        {"type": "track", "event": "Product Added", "messageId": "\#(shop.id())", "anonymousId": "\#(visitor)",
         "properties": {"sku": "\#(sku)", "quantity": \#(count)}}
        """#
      }
      for result in try caller.send(added) { try expect(took: result, "a visitor's line") }
      _ = try shop.together(10) { _, caller in
        try caller.send([
          #"""
          {"type": "identify", "messageId": "\#(shop.id())", "userId": "\#(shop.name("login-0"))",
           "anonymousId": "\#(visitor)"}
          """#
        ]).count
      }
      let wanted: [String: Int64] = [both: 3, own: 1, shop.name("brought"): 4]
      try expect(shop.cart(of: "login-0", by: caller).lines, wanted, "the cart after 10 logins at once")
      return "3 lines of 8 in all"
    },
    Scenario("two devices that change one cart", "no change is lost, and what looks at the version is refused or right")
    { shop in
      let caller = try shop.caller()
      try shop.enter("devices", 1, by: caller)
      let path = shop.path("devices-0") + "/cart"
      let (deltas, counted) = (shop.name("deltas"), shop.name("counted"))
      let refused = try shop.together(8) { number, caller in
        var refused = 0
        for _ in 0..<5 {
          if number % 2 == 0 {
            try caller.ask("PATCH", path, #"{"lines": [{"sku": "\#(deltas)", "delta": 1}]}"#).wants(200)
            continue
          }
          while true {
            let seen = try shop.cart(of: "devices-0", by: caller)
            let body = #"{"quantity": \#((seen.lines[counted] ?? 0) + 1)}"#
            let reply = try caller.ask("PUT", "\(path)/lines/\(counted)", body, ifMatch: "\"\(seen.version)\"")
            if try reply.wants(200, 412).status == 200 { break }
            refused += 1
          }
        }
        return refused
      }
      try expect(shop.cart(of: "devices-0", by: caller).lines, [deltas: 20, counted: 20], "the cart")
      return "40 changes are there, \(refused.reduce(0, +)) were refused and made anew"
    },
    Scenario("a cart changed while it is checked out", "what was seen is what is bought, and the rest stays") { shop in
      let (sku, other) = (shop.name("checkout"), shop.name("added"))
      let caller = try shop.caller()
      try shop.shelve(sku, 1000, by: caller)
      try shop.shelve(other, 1000, by: caller)
      try shop.enter("checkout", 1, by: caller)
      let path = shop.path("checkout-0") + "/cart"
      try caller.ask("PUT", "\(path)/lines/\(sku)", #"{"quantity": 1}"#).wants(200)
      let stale = try shop.cart(of: "checkout-0", by: caller).version
      try caller.ask("PUT", "\(path)/lines/\(other)", #"{"quantity": 1}"#).wants(200)
      let way = #""fulfilment": {"type": "pickup", "store": "\#(shop.store)"}"#
      try caller.ask("POST", path + "/checkout", #"{\#(way), "version": "\#(stale)"}"#).wants(409)
      let bought = try shop.together(12) { number, caller -> [Int64] in
        var bought: [Int64] = []
        for _ in 0..<3 {
          if number % 2 == 0 {
            try caller.ask("PATCH", path, #"{"lines": [{"sku": "\#(sku)", "delta": 1}]}"#).wants(200)
            continue
          }
          let seen = try shop.cart(of: "checkout-0", by: caller)
          let reply = try caller.ask("POST", path + "/checkout", #"{\#(way), "version": "\#(seen.version)"}"#)
          guard try reply.wants(200, 201, 409).status < 300, let order = reply.json["order"]?.string else { continue }
          let lines = try caller.get("/v1/orders/\(order)")["lines"]?.elements.map { $0 } ?? []
          let mine = lines.filter { $0["sku"]?.string == sku }.compactMap { $0["quantity"]?.integer }.reduce(0, +)
          try expect(mine, seen.lines[sku] ?? 0, "the order of a cart that had so many")
          bought.append(mine)
        }
        return bought
      }
      let left = try shop.cart(of: "checkout-0", by: caller).lines[sku] ?? 0
      let sum = bought.joined().reduce(0, +)
      try expect(sum + left, 19, "bought and left of 19 that were put into the cart")
      try expect(shop.shelf(sku, by: caller), [1000, sum, 1000 - sum], "on hand, reserved, available")
      return "\(bought.joined().count) orders of \(sum) in all, \(left) left of 19"
    },
  ]
}

extension ProveShop {
  /// What is in somebody's cart, by article, and its version.
  fileprivate func cart(of person: String, by caller: Caller) throws -> (version: String, lines: [String: Int64]) {
    let told = try caller.get(path(person) + "/cart")
    var lines: [String: Int64] = [:]
    for line in told["lines"]?.elements.map({ $0 }) ?? [] {
      lines[line["sku"]?.string ?? "", default: 0] += line["quantity"]?.integer ?? 0
    }
    return (told["version"]?.string ?? "", lines)
  }
}
