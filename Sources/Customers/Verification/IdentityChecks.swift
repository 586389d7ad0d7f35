import Base
import SQL

/// Each origin that the log opened is there as it was opened, and no other.
struct OriginCheck: Check {
  let name = "origins"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var opened: Int64 = 0
    try session.forEachRow(ofText: "SELECT sequence, origin, outcome FROM event ORDER BY sequence", []) { event in
      let sequence = event.integer(0)
      guard let outcome = try? JSONDocument(event.bytes(2)).root else { return true }
      for origin in outcome["opened"]?.elements.map({ $0 }) ?? [] {
        opened += 1
        guard let number = origin["number"]?.integer else {
          report("event \(sequence) opens an origin without a number")
          continue
        }
        let place = outcome["places"]?.elements.map { $0.integer }.firstIndex(of: number) ?? -1
        let identifier = outcome["identifiers"]?.elements.enumerated().first { $0.offset == place }?.element
        let told = [
          origin["id"]?.string, identifier?["type"]?.string, identifier?["value"]?.string,
          origin["source"]?.string ?? "",
        ]
        var isThere = false
        try session.forEachRow(
          ofText: "SELECT public_id, type, value, source, standing, sequence FROM origin WHERE number = ?1",
          [.integer(number)]
        ) { row in
          isThere =
            (0...3).map { row.text($0) } == told && row.integer(4) == origin["standing"]?.integer
            && row.integer(5) == sequence
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

/// Each tie and claim is the log's, and no other is there.
struct TieCheck: Check {
  let name = "ties"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var counts = ["tie": Int64(0), "claim": 0]
    try session.forEachRow(ofText: "SELECT sequence, outcome FROM event ORDER BY sequence", []) { event in
      guard let outcome = try? JSONDocument(event.bytes(1)).root else { return true }
      let ties = outcome["ties"]?.elements.map { ("tie", "first", "second", $0) } ?? []
      let claims = outcome["claims"]?.elements.map { ("claim", "claimant", "claimed", $0) } ?? []
      for (table, first, second, edge) in ties + claims {
        counts[table, default: 0] += 1
        let ends = [first, second].map { SQLValue.integer(edge.member($0)?.integer) }
        var isThere = false
        try session.forEachRow(
          ofText:
            "SELECT sequence, \(table == "tie" ? "rule" : "tied") FROM \(table) WHERE \(first) = ?1 AND \(second) = ?2",
          ends
        ) { row in
          let detail =
            table == "tie" ? row.text(1) == edge["rule"]?.string : (row.integer(1) == 1) == edge["tied"]?.bool
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
