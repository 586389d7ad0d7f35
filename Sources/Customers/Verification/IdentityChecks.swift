import Base
import SQL

/// Each origin that the log opened is there as it was opened, and no other.
struct OriginCheck: Check {
  let name = "origins"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var opened: Int64 = 0
    let named = try names(in: session)
    try session.forEachRow(ofText: "SELECT sequence, origin, outcome FROM event ORDER BY sequence", []) { event in
      let sequence = event.integer(0)
      guard let outcome = try? JSONDocument(event.bytes(2)).root else { return true }
      for row in outcome["opened"]?.elements.map({ $0 }) ?? [] {
        let origin = Array(row.elements)
        opened += 1
        guard origin.count >= 3, let number = origin[0].integer else {
          report("event \(sequence) opens an origin without a number")
          continue
        }
        let place = outcome["places"]?.elements.map { $0.integer }.firstIndex(of: number) ?? -1
        let identifier = outcome["identifiers"]?.elements.enumerated().first { $0.offset == place }?.element
        let naming = named[number]
        let told = [
          naming?.id ?? origin[1].string, identifier?["type"]?.string, naming?.value ?? identifier?["value"]?.string,
          origin.count > 3 ? origin[3].string : "",
        ]
        var isThere = false
        try session.forEachRow(
          ofText:
            "SELECT public_id, type, value, source, standing, sequence, generation, named FROM origin WHERE number = ?1",
          [.integer(number)]
        ) { row in
          isThere =
            (0...3).map { row.text($0) } == told && row.integer(4) == origin[2].integer
            && row.integer(5) == sequence && row.optionalInteger(7) == naming?.sequence
            && row.integer(6) == (origin.count > 4 ? origin[4].integer : 0)
          return false
        }
        if !isThere { report("origin \(number) is not as event \(sequence) opened it") }
      }
      if let stand = event.optionalInteger(1), stand > opened { report("event \(sequence) stands at no origin") }
      return true
    }
    try session.forEachRow(ofText: "SELECT count(*) FROM origin", []) { row in
      if row.integer(0) != opened { report("\(row.integer(0)) origins, the log opened \(opened)") }
      return false
    }
  }
}

extension OriginCheck {
  /// What places of others are called since somebody was erased who had named them first, by number.
  private func names(in session: any Session) throws -> [Int64: (sequence: Int64, id: String?, value: String?)] {
    var names: [Int64: (sequence: Int64, id: String?, value: String?)] = [:]
    try session.forEachRow(ofText: "SELECT sequence, outcome FROM event WHERE kind = 'erasure' ORDER BY sequence", []) {
      event in
      for row in (try? JSONDocument(event.bytes(1)).root)?["named"]?.elements.map({ Array($0.elements) }) ?? []
      where row.count == 4 {
        names[row[0].integer ?? 0] = (event.integer(0), row[1].string, row[3].string)
      }
      return true
    }
    return names
  }
}

/// Each tie that the log made and has not cut, and each claim, is there, and no other.
struct TieCheck: Check {
  let name = "ties"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var counts = ["tie": Int64(0), "claim": 0]
    let lastCut = try lastCuts(in: session)
    try session.forEachRow(ofText: "SELECT sequence, outcome FROM event ORDER BY sequence", []) { event in
      guard let outcome = try? JSONDocument(event.bytes(1)).root else { return true }
      let ties = outcome["ties"]?.elements.map { ("tie", "first", "second", $0) } ?? []
      let claims = outcome["claims"]?.elements.map { ("claim", "claimant", "claimed", $0) } ?? []
      for (table, first, second, edge) in ties + claims {
        let edge = Array(edge.elements)
        if table == "tie", let cut = lastCut[edge.prefix(2).map { $0.integer ?? 0 }], cut > event.integer(0) {
          continue
        }
        counts[table, default: 0] += 1
        guard edge.count >= 3 else {
          report("a \(table) of event \(event.integer(0)) has not three parts")
          continue
        }
        let ends = edge[0...1].map { SQLValue.integer($0.integer) }
        var isThere = false
        try session.forEachRow(
          ofText:
            "SELECT sequence, \(table == "tie" ? "rule" : "tied") FROM \(table) WHERE \(first) = ?1 AND \(second) = ?2",
          ends
        ) { row in
          let detail =
            table == "tie" ? row.text(1) == edge[2].string : row.integer(1) == edge[2].integer
          isThere = row.integer(0) == event.integer(0) && detail
          return false
        }
        if !isThere { report("a \(table) is not as event \(event.integer(0)) made it") }
      }
      return true
    }
    for (table, count) in counts.sorted(by: { $0.key < $1.key }) {
      try session.forEachRow(ofText: "SELECT count(*) FROM \(table)", []) { row in
        if row.integer(0) != count { report("\(row.integer(0)) rows of \(table), the log made \(count)") }
        return false
      }
    }
  }
}

extension TieCheck {
  /// When each pair of origins was last cut.
  private func lastCuts(in session: any Session) throws -> [[Int64]: Int64] {
    var cuts: [[Int64]: Int64] = [:]
    try session.forEachRow(ofText: "SELECT sequence, outcome FROM event ORDER BY sequence", []) { event in
      guard let outcome = try? JSONDocument(event.bytes(1)).root else { return true }
      for pair in outcome["cuts"]?.elements.map({ $0 }) ?? [] {
        cuts[pair.elements.map { $0.integer ?? 0 }] = event.integer(0)
      }
      return true
    }
    return cuts
  }
}

/// Merges, separations, reviews and shared identifiers are as the log's acts leave them.
struct ActCheck: Check {
  let name = "acts"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var told: [String: Set<String>] = ["merge": [], "separation": [], "review": [], "shared": []]
    var merges: [String: String] = [:]
    var reviews: [String: String] = [:]
    try session.forEachRow(ofText: "SELECT sequence, outcome FROM event ORDER BY sequence", []) { event in
      guard let outcome = try? JSONDocument(event.bytes(1)).root else { return true }
      let sequence = event.integer(0)
      func rows(_ name: StaticString) -> [[JSON]] { outcome[name]?.elements.map { Array($0.elements) } ?? [] }
      for tie in rows("ties") where tie.count > 3 {
        let ends = tie[0...1].map { "\($0.integer ?? 0)" }.joined(separator: " ")
        let id = tie[3].string ?? ""
        // A tie that takes the place of another one leaves the merge at its own place in the log.
        let since = merges[id].flatMap { $0.split(separator: " ").last } ?? "\(sequence)"
        merges[id] = "\(ends) \(since)"
      }
      for id in outcome["undone"]?.elements.compactMap({ $0.string }) ?? [] { merges[id]? += " \(sequence)" }
      for pair in rows("separations") {
        told["separation"]?.insert(pair.map { "\($0.integer ?? 0)" }.joined(separator: " "))
      }
      for review in rows("reviews") where review.count == 5 {
        let pair = review[1...2].map { "\($0.integer ?? 0)" }.joined(separator: " ")
        reviews[review[0].string ?? ""] = "\(pair) \(review[3].string ?? "") \(review[4].integer ?? 0) open"
      }
      for decision in rows("decisions") where decision.count == 2 {
        let id = decision[0].string ?? ""
        let pair = reviews[id]?.split(separator: " ").dropLast().joined(separator: " ") ?? ""
        reviews[id] = "\(pair) \(decision[1].string ?? "")"
      }
      for sharing in rows("sharings") where sharing.count == 2 {
        let number = "\(sharing[0].integer ?? 0)"
        if sharing[1].integer == 1 { told["shared"]?.insert(number) } else { told["shared"]?.remove(number) }
      }
      return true
    }
    told["merge"] = Set(merges.map { "\($0.key) \($0.value)" })
    told["review"] = Set(reviews.map { "\($0.key) \($0.value)" })
    for (kind, query) in [
      ("merge", "SELECT id, first, second, sequence, coalesce(undone, '') FROM merge"),
      ("separation", "SELECT first, second FROM separation"),
      ("review", "SELECT id, first, second, reason, score, state FROM review"),
      ("shared", "SELECT number FROM origin WHERE shared <> 0"),
    ] {
      var there: Set<String> = []
      try session.forEachRow(ofText: query, []) { row in
        there.insert((0..<row.count).map { row.text($0) }.filter { !$0.isEmpty }.joined(separator: " "))
        return true
      }
      for row in there.symmetricDifference(told[kind] ?? []).sorted() {
        report("\(kind) \(row): \(there.contains(row) ? "the log does not tell it" : "is in the log alone")")
      }
    }
  }
}

/// The ties are a forest, and each origin's customer is the leader of its component.
///
/// Proofs join; then claims join what holds nobody known. The known one leads, then the older one.
struct CustomerCheck: Check {
  let name = "customers"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var components = Components()
    var stored: [Int64: Int64] = [:]
    try session.forEachRow(ofText: "SELECT number, customer, standing, type FROM origin ORDER BY number", []) { row in
      stored[row.integer(0)] = row.integer(1)
      components.add(row.integer(0), isKnown: row.integer(2) == 0 && row.text(3) != "anonymous_id")
      return true
    }
    try session.forEachRow(ofText: "SELECT first, second FROM tie", []) { row in
      if !components.join(row.integer(0), row.integer(1)) {
        report("the tie of \(row.integer(0)) and \(row.integer(1)) closes a ring")
      }
      return true
    }
    try session.forEachRow(ofText: "SELECT claimant, claimed FROM claim WHERE tied = 1", []) { row in
      if !components.isKnown(row.integer(0)), !components.isKnown(row.integer(1)) {
        _ = components.join(row.integer(0), row.integer(1))
      }
      return true
    }
    for (number, customer) in stored.sorted(by: { $0.key < $1.key }) where components.leader(number) != customer {
      report("origin \(number) is told to be \(customer)'s and is \(components.leader(number))'s")
    }
  }

  /// Disjoint sets, each led by its oldest known member, else by its oldest.
  private struct Components {
    private var parent: [Int64: Int64] = [:]
    private var known: Set<Int64> = []

    mutating func add(_ member: Int64, isKnown: Bool) {
      parent[member] = member
      if isKnown { known.insert(member) }
    }

    func leader(_ member: Int64) -> Int64 {
      var member = member
      while let next = parent[member], next != member { member = next }
      return member
    }

    func isKnown(_ member: Int64) -> Bool { known.contains(leader(member)) }

    mutating func join(_ a: Int64, _ b: Int64) -> Bool {
      let (a, b) = (leader(a), leader(b))
      if a == b { return false }
      let aLeads = known.contains(a) == known.contains(b) ? a < b : known.contains(a)
      parent[aLeads ? b : a] = aLeads ? a : b
      return true
    }
  }
}
