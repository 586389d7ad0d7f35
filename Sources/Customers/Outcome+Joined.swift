package import SQL

/// Who is one customer when an outcome is folded: customers whom their leading origins name, and single places.
package struct JoinedCustomers: Sendable {
  package var customers: Set<Origin.Number>
  /// Places that leave the customer to whom they belong now.
  package var places: Set<Origin.Number>

  package init(customers: Set<Origin.Number>, places: Set<Origin.Number> = []) {
    self.customers = customers
    self.places = places
  }
}

extension Outcome.Tie {
  /// Whether somebody signed in on the browser whose place is `second`.
  package var isLogin: Bool { rule == Recognition.Rule.login }
}

extension Outcome {
  /// Whoever is one customer with `origin` when this outcome is folded.
  ///
  /// A place that this very outcome opens leads itself. A login brings the browser's own place along, and nothing that
  /// claims tie to it.
  package func joined(with origin: Origin.Number, in session: any Session) throws -> JoinedCustomers {
    let opened = Set(opened.map { $0.number })
    func leader(_ origin: Origin.Number) throws -> Origin.Number {
      opened.contains(origin) ? origin : try OriginStore.leader(of: origin, in: session).number
    }
    var joined = JoinedCustomers(customers: [try leader(origin)])
    var pairs = ties.map { (first: $0.first, second: $0.second, isLogin: $0.isLogin) }
    pairs += claims.filter { $0.isTied }.map { (first: $0.claimant, second: $0.claimed, isLogin: false) }
    var isGrowing = !pairs.isEmpty
    while isGrowing {
      isGrowing = false
      for pair in pairs {
        let (first, second) = (try leader(pair.first), try leader(pair.second))
        let hasFirst = joined.customers.contains(first) || joined.places.contains(pair.first)
        let hasSecond = joined.customers.contains(second) || joined.places.contains(pair.second)
        if hasFirst == hasSecond { continue }
        if hasSecond {
          joined.customers.insert(first)
        } else if pair.isLogin {
          joined.places.insert(pair.second)
        } else {
          joined.customers.insert(second)
        }
        isGrowing = true
      }
    }
    return joined
  }
}
