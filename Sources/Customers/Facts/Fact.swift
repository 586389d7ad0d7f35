package import Base
package import SQL

/// A named value of a customer, as a feature publishes it and another one reads it without knowing that feature:
/// `trait:city`, `computed:orders30d`, `consent:marketing/email`.
///
/// What stands before the colon names the publisher, what stands behind it is the publisher's own.
package enum Fact: Sendable, Equatable {
  /// In millionths, so that it is exact.
  case number(Int128)
  case text(String)
  case flag(Bool)
  case time(Instant)

  /// The fact that a JSON value is; nil for null, objects and lists, and for a number with an exponent or with more
  /// digits than are added up.
  init?(_ value: JSON) {
    if let literal = value.number {
      guard let amount = ComputedCell.amount(literal) else { return nil }
      self = .number(amount)
    } else if let text = value.string {
      self = .text(text)
    } else if let flag = value.bool {
      self = .flag(flag)
    } else {
      return nil
    }
  }
}

/// A feature that publishes facts of customers.
///
/// It reads what it has of all of a customer's origins, in the transaction that asks: a decision sees what was written
/// before it in the same transaction.
package protocol FactPublisher: Sendable {
  /// What stands before the colon in the names of its facts.
  var prefix: String { get }
  /// The value of one of its facts, or nil where the customer has none.
  ///
  /// - Parameters:
  ///   - name: what stands behind the colon.
  ///   - leader: the leading origin of the customer.
  ///   - now: the end of windows of time.
  func fact(
    _ name: String, ofCustomer leader: Origin.Number, now: Instant, in session: any Session
  ) throws -> Fact?
}

/// Every fact that there is of a customer, by name.
package struct Facts: Sendable {
  private let publishers: [String: any FactPublisher]

  /// - Parameter publishers: the ground floor's by default; a feature above it adds its own, under a prefix of its own.
  package init(_ publishers: [any FactPublisher] = groundFloor) {
    self.publishers = Dictionary(uniqueKeysWithValues: publishers.map { ($0.prefix, $0) })
  }

  /// What this floor knows of customers.
  package static let groundFloor: [any FactPublisher] = [
    TraitFacts(), ComputedFacts(), ConsentFacts(), ActivityFacts(),
  ]

  /// The value of a fact, or nil where the customer has none.
  ///
  /// - Throws: `invalid` for a name that nobody publishes: a rule that names it is wrong.
  package func value(
    of name: String, ofCustomer leader: Origin.Number, now: Instant, in session: any Session
  ) throws -> Fact? {
    let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let publisher = publishers[String(parts[0])] else {
      throw Failure(.invalid, "nobody publishes the fact \(name)")
    }
    return try publisher.fact(String(parts[1]), ofCustomer: leader, now: now, in: session)
  }
}
