import Base
import SQL

enum FactStatement: Int, StatementSet {
  case first, last, summaries

  var sql: String {
    switch self {
    case .first: "SELECT at FROM event WHERE origin = ?1 ORDER BY at LIMIT 1"
    case .last: "SELECT at FROM event WHERE origin = ?1 ORDER BY at DESC LIMIT 1"
    case .summaries: "SELECT body FROM event WHERE origin = ?1 AND kind = 'summary'"
    }
  }
}

/// `trait:NAME`: what holds of a trait that somebody said.
struct TraitFacts: FactPublisher {
  let prefix = "trait"

  func fact(
    _ name: String, ofCustomer leader: Origin.Number, now: Instant, in session: any Session
  ) throws -> Fact? {
    let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    let trait = try TraitSet(of: origins, in: session).traits.first { $0.name.utf8.elementsEqual(name.utf8) }
    return try trait?.current.flatMap { try Fact(JSONDocument($0.value).root) }
  }
}

/// `computed:NAME`: what a computed trait comes to now.
struct ComputedFacts: FactPublisher {
  let prefix = "computed"

  func fact(
    _ name: String, ofCustomer leader: Origin.Number, now: Instant, in session: any Session
  ) throws -> Fact? {
    let values = try ComputedTraits(ofCustomer: leader, now: now, in: session).values
    return try values.first { $0.name.utf8.elementsEqual(name.utf8) }.flatMap { try Fact(JSONDocument($0.value).root) }
  }
}

/// `consent:PURPOSE` and `consent:PURPOSE/CHANNEL`: whether the customer allows it; none where he never said.
///
/// Each is what was said of just that: whoever sends by a channel asks for both.
struct ConsentFacts: FactPublisher {
  let prefix = "consent"

  func fact(
    _ name: String, ofCustomer leader: Origin.Number, now: Instant, in session: any Session
  ) throws -> Fact? {
    let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let channel = parts.count > 1 ? String(parts[1]) : ""
    return try ConsentLedger(ofCustomer: leader, in: session).current
      .first { $0.purpose == parts[0] && $0.channel == channel }
      .map { .flag($0.state == Consent.State.granted.rawValue) }
  }
}

/// `event:first` and `event:last`: when the customer's oldest and newest events happened.
struct ActivityFacts: FactPublisher {
  let prefix = "event"

  func fact(
    _ name: String, ofCustomer leader: Origin.Number, now: Instant, in session: any Session
  ) throws -> Fact? {
    guard name == "first" || name == "last" else { return nil }
    let statement: FactStatement = name == "first" ? .first : .last
    let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    var times = try origins.compactMap { try session.first(of: statement, .integer($0)) { $0.integer(0) } }
    if name == "first" {
      for origin in origins {
        let summaries = try session.rows(of: FactStatement.summaries, .integer(origin)) {
          EventSummary(body: $0.bytes(0))
        }
        times += summaries.compactMap { $0?.first }
      }
    }
    return (name == "first" ? times.min() : times.max()).map { .time(Instant(milliseconds: $0)) }
  }
}
