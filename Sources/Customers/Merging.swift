package import Base
package import SQL

/// What a person decides about who is who: two customers are one, a merge was wrong, a doubt is settled.
///
/// A person may cross limits and separations, which no rule does. Each decision is made in the transaction that appends
/// it, and stands in its outcome.
package struct Merging {
  private let session: any Session
  private let tokens: TokenSource

  package init(tokens: TokenSource, in session: any Session) {
    self.tokens = tokens
    self.session = session
  }

  /// What a merge by a person is called among the rules.
  package static let rule = "person"

  /// Ties the places of two customers.
  ///
  /// - Returns: the merge's id.
  /// - Throws: `conflict` where they are one customer already, or one of them is a place that several people use.
  package func merge(
    _ first: Origin.Number, _ second: Origin.Number, into outcome: inout Outcome
  ) throws -> String {
    let (one, other) = (try place(first), try place(second))
    guard one.customer != other.customer else { throw Failure(.conflict, "they are one customer already") }
    guard !one.isShared, !other.isShared else {
      throw Failure(.conflict, "several people use an identifier of them, so it belongs to nobody alone")
    }
    let id = tokens.next("mrg_")
    outcome.ties.append(Outcome.Tie(first: first, second: second, rule: Self.rule, merge: id))
    outcome.result = .merged
    outcome.decisions += try Review.settle(.merged, between: one.customer, other.customer, in: session)
    return id
  }

  /// Takes a merge back: its tie goes, and no rule may bring the two sides together again.
  ///
  /// - Parameter keep: for identifiers of the customer, who has them from now on.
  /// - Throws: `conflict` where it was taken back already; `invalid` where `keep` names nobody of the two sides.
  package func undo(
    _ merge: Merge, keep: [(identifier: Identifier, keeper: Keeper)], into outcome: inout Outcome
  ) throws {
    guard merge.undone == nil else { throw Failure(.conflict, "the merge was taken back already") }
    var forest = try Forest(around: merge.pair.first, in: session)
    guard forest.cut(merge.pair) else {
      throw Failure(.internal, "the log is damaged", cause: "a merge without its tie", hint: "throughline verify")
    }
    outcome.undone.append(merge.id)
    var ends = merge.pair
    for (identifier, keeper) in keep {
      try move(identifier, to: keeper, &forest, &ends, &outcome, undoing: merge.pair)
    }
    outcome.cuts = forest.cuts
    outcome.ties += forest.added
    outcome.undone += forest.undone
    outcome.separations.append(Outcome.Pair(first: min(ends.first, ends.second), second: max(ends.first, ends.second)))
    let customer = try OriginStore.leader(of: merge.pair.first, in: session).number
    outcome.decisions += try Review.part(of: customer, by: forest, in: session)
  }

  /// Who has an identifier after an undo.
  package enum Keeper: Sendable, Equatable {
    /// Nobody alone: several people use it.
    case shared
    /// The side to which this place belongs.
    case side(of: Origin.Number)
  }

  private func move(
    _ identifier: Identifier, to keeper: Keeper, _ forest: inout Forest, _ ends: inout Outcome.Pair,
    _ outcome: inout Outcome, undoing pair: Outcome.Pair
  ) throws {
    guard let place = try OriginStore.find(identifier, .own, in: session), forest.has(place.origin) else {
      throw fault(identifier, "is no identifier of the customer")
    }
    let origin = place.origin
    let side = forest.side(of: ends.first).contains(origin) ? ends.first : ends.second
    let target: Origin.Number?
    switch keeper {
    case .shared: target = nil
    case .side(let named):
      let sides = (forest.side(of: ends.first), forest.side(of: ends.second))
      guard sides.0.contains(named) || sides.1.contains(named) else {
        throw fault(identifier, "is given to nobody of the two sides")
      }
      target = sides.0.contains(named) ? ends.first : ends.second
    }
    if target == side { return }
    let left = forest.side(of: side).subtracting([origin])
    guard let rest = try Forest.strongest(of: left, in: session) else {
      throw fault(identifier, "is all that one side has")
    }
    let neighbours = forest.remove(origin)
    // The separation stands between what is left of both sides, so that it still says who is not whom.
    if ends.first == origin { ends.first = rest }
    if ends.second == origin { ends.second = rest }
    if let target {
      forest.add(target, origin)
    } else {
      outcome.sharings.append(Outcome.Sharing(origin: origin, isShared: true))
      // Whom the wrong merge brought to it uses it too.
      let users = neighbours + [pair.first, pair.second].filter { pair.contains(origin) && $0 != origin }
      outcome.claims += try users.filter { try !ClaimStatement.isNoted(origin, by: $0, in: session) }.map {
        Outcome.Claim(claimant: $0, claimed: origin, isTied: false)
      }
    }
  }

  private func fault(_ identifier: Identifier, _ reason: String) -> Failure {
    let name = JSON.pointerToken("\(identifier.type.name):\(identifier.value)")
    return Failure(.invalid, "an identifier \(reason)", faults: [.init("/keep/\(name)", reason)])
  }

  /// Decides a doubt as a person says.
  ///
  /// - Returns: the merge's id, where they are one.
  package func decide(_ review: Review, _ state: ReviewState, into outcome: inout Outcome) throws -> String? {
    guard review.state == .open else { throw Failure(.conflict, "the review is decided already") }
    switch state {
    case .merged where review.isOfOne:
      throw Failure(
        .invalid, "a review of one customer is decided by apart: he stays as he is",
        faults: [.init("/decision", "is for two customers")])
    case .apart where review.isOfOne:
      outcome.decisions.append(Outcome.Decision(review: review.id, state: .apart))
      return nil
    case .open:
      throw Failure(.invalid, "a review is decided", faults: [.init("/decision", "is neither merge nor apart")])
    case .merged: return try merge(review.pair.first, review.pair.second, into: &outcome)
    case .apart:
      let (first, second) = (try place(review.pair.first), try place(review.pair.second))
      guard first.customer != second.customer else { throw Failure(.conflict, "they are one customer already") }
      outcome.separations.append(review.pair)
      outcome.decisions += try Review.settle(.apart, between: first.customer, second.customer, in: session)
      return nil
    }
  }

  private func place(_ origin: Origin.Number) throws -> (customer: Origin.Number, isShared: Bool) {
    let leader = try OriginStore.leader(of: origin, in: session)
    return (leader.number, leader.isShared)
  }
}
