import Base

extension Scenario {
  static let people = [
    Scenario("an anonymous visitor who joins a known customer", "never takes over his id, and a claim changes nothing")
    { shop in
      let caller = try shop.caller()
      // The browsers were there before he was.
      for number in 0..<10 {
        let browser = shop.name("browser-\(number)")
        _ = try caller.send([shop.event("track", #""event": "Seen", "anonymousId": "\#(browser)""#)])
      }
      try shop.enter("known", 1, by: caller)
      let (user, known) = (shop.name("known-0"), try shop.customer("known-0", by: caller))
      let joined = try shop.together(10) { number, caller -> [String?] in
        let browser = shop.name("browser-\(number)")
        let claim = #""userId": "\#(user)", "anonymousId": "\#(browser)-x", "traits": {"lastName": "Claimed"}"#
        _ = try caller.send([shop.event("identify", claim)], key: shop.page)
        let login = shop.event("identify", #""userId": "\#(user)", "anonymousId": "\#(browser)""#)
        return try caller.send([login]).map { $0["customer"]?.string }
      }
      try expect(Set(joined.joined()), [known], "the customer after 10 logins")
      let told = try caller.get(shop.path("known-0"))
      try expect(told["id"]?.string, known, "his id")
      try expect(told["traits"]?["lastName"] == nil, true, "no name that a page claimed")
      let names = told["identifiers"]?.elements.compactMap { $0["value"]?.string } ?? []
      try expect(names.contains { $0.hasSuffix("-x") }, false, "a browser that only claimed to be his")
      for number in 0..<10 {
        let found = try caller.get("/v1/customers/anonymous_id:\(shop.name("browser-\(number)"))")["id"]?.string
        try expect(found, known, "whom browser \(number) leads to")
      }
      return "10 browsers joined, 10 claims did not"
    },
    Scenario("an old id after three merges", "still resolves") { shop in
      let caller = try shop.caller()
      try shop.enter("old", 4, by: caller)
      let ids = try (0..<4).map { try shop.customer("old-\($0)", by: caller) }
      for other in ids.dropFirst() { _ = try shop.merge(other, ids[0], by: caller) }
      let found = try ids.map { try caller.get("/v1/customers/\($0)")["id"]?.string }
      try expect(Set(found).count, 1, "customers under 4 ids")
      return "4 ids, 1 customer"
    },
    Scenario("two people with one phone number", "stay two") { shop in
      let caller = try shop.caller()
      // A number of its own for each copy, in the German block that is kept for fiction.
      let phone = "+4917139201\(shop.digits)"
      let joined = try shop.together(10) { number, caller -> String? in
        let told = #""userId": "\#(shop.name("phone-\(number % 2)"))", "traits": {"phone": "\#(phone)"}"#
        return try caller.send([shop.event("identify", told)]).first?["customer"]?.string
      }
      try expect(Set(joined).count, 2, "customers of one number")
      let first = Set(joined.indices.filter { $0 % 2 == 0 }.map { joined[$0] })
      try expect(first.count, 1, "the first one's ids")
      for number in 0..<2 {
        try expect(shop.events(of: "phone-\(number)", by: caller), 5, "events of one of them")
      }
      return "2 customers, 5 events each"
    },
    Scenario("a store tablet that 500 people used", "they are 500") { shop in
      let (count, tablet) = (500, shop.name("tablet"))
      let caller = try shop.caller()
      for start in stride(from: 0, to: count, by: 50) {
        var events: [String] = []
        for number in start..<start + 50 {
          events.append(shop.event("track", #""event": "Seen", "anonymousId": "\#(tablet)""#))
          let user = shop.name("guest-\(number)")
          events.append(shop.event("identify", #""anonymousId": "\#(tablet)", "userId": "\#(user)""#))
        }
        _ = try caller.send(events)
      }
      let ids = try (0..<count).map { try shop.customer("guest-\($0)", by: caller) }
      try expect(Set(ids).count, count, "customers")
      return "\(count) customers, none merged"
    },
    Scenario(#"userId: "null""#, "makes nobody of them one") { shop in
      let words = ["null", "undefined", "None", "NaN", "0"]
      let found = try shop.together(20) { number, caller -> String? in
        let (user, browser) = (words[number % words.count], shop.name("form-\(number)"))
        let told = #""userId": "\#(user)", "anonymousId": "\#(browser)""#
        return try caller.send([shop.event("identify", told)]).first?["customer"]?.string
      }
      try expect(Set(found).count, 20, "customers of 20 forms")
      try shop.caller().ask("GET", "/v1/customers/user_id:null").wants(404)
      return "20 forms, 20 customers, none under null"
    },
    Scenario("a customer who unsubscribed under one address and was merged with another", "stays unsubscribed") {
      shop in
      let caller = try shop.caller()
      try shop.enter("consent", 2, by: caller)
      let ids = try (0..<2).map { try shop.customer("consent-\($0)", by: caller) }
      // The yes is the newer of both.
      for (number, state) in [(1, "withdrawn"), (0, "granted")] {
        let body = #"[{"purpose": "marketing", "channel": "email", "state": "\#(state)"}]"#
        try caller.ask("PUT", "/v1/customers/\(ids[number])/consents", body).wants(200)
      }
      func states(_ id: String) throws -> [String] {
        try caller.get("/v1/customers/\(id)")["consents"]?.elements.compactMap { $0["state"]?.string } ?? []
      }
      let merge = try shop.merge(ids[0], ids[1], by: caller)
      try expect(states(ids[0]), ["withdrawn"], "what the merged one allows")
      try shop.undo(merge, by: caller)
      try expect(ids.map { try states($0) }, [["granted"], ["withdrawn"]], "what each of them allows after the undo")
      return "withdrawn while merged, each his own after the undo"
    },
  ]
}

extension ProveShop {
  /// An event with an id of its own.
  func event(_ type: String, _ fields: String) -> String {
    #"{"type": "\#(type)", "messageId": "\#(id())", \#(fields)}"#
  }

  /// The id of the customer who is known so.
  func customer(_ person: String, by caller: Caller) throws -> String {
    try caller.get(path(person))["id"]?.string ?? ""
  }

  /// How many events are his.
  fileprivate func events(of person: String, by caller: Caller) throws -> Int {
    try caller.get(path(person) + "/timeline?limit=500")["data"]?.count ?? 0
  }

  /// Merges two customers; the merge.
  func merge(_ one: String, _ other: String, by caller: Caller) throws -> String {
    let body = #"{"with": "\#(other)", "reason": "one person"}"#
    return try caller.ask("POST", "/v1/customers/\(one)/merges", body).wants(200).json["id"]?.string ?? ""
  }

  func undo(_ merge: String, by caller: Caller) throws {
    try caller.ask("POST", "/v1/merges/\(merge)/undo", #"{"reason": "two people"}"#).wants(200)
  }
}
