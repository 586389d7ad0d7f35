package import Base

/// What was decided about one event, once, in the transaction that appended it.
///
/// Folds add it up; they decide nothing. So it holds everything that cannot be worked out from the event alone:
/// what became of each identifier, the ids given out, the ties made.
package struct Outcome: Sendable {
  /// The short answer.
  package enum Result: String, Sendable {
    /// Somebody new.
    case created
    /// Somebody we had.
    case matched
    /// Two that we had became one.
    case merged
    /// Only claims came: no known customer changes.
    case claimed
    /// There is a doubt for a person to decide.
    case queued
    /// Whom it was about is erased.
    case erased
  }

  /// What became of one identifier.
  package enum Became: String, Sendable {
    /// It is the customer's.
    case attached
    /// Somebody says so.
    case claimed
    /// It would exceed the limit of its type.
    case parked
    /// It is another known customer's, and a rule forbids to make one of the two.
    case doubted
    /// Several people use it.
    case shared
    /// It identifies nobody in this shop.
    case blocked
  }

  /// One identifier and what became of it.
  package struct Ruling: Sendable {
    package var mention: Event.Mention
    package var became: Became
    /// The place it has; none when it was parked.
    package var origin: Origin.Number?
  }

  /// A proof that two origins are one person, by the rule that made it.
  package struct Tie: Sendable {
    package var first: Origin.Number
    package var second: Origin.Number
    package var rule: String
    /// The id of the merge, where it makes one customer of two who were there already; an id that was given before,
    /// where it takes the place of that merge's tie.
    package var merge: String?
  }

  /// Two origins.
  package struct Pair: Hashable, Sendable {
    package var first: Origin.Number
    package var second: Origin.Number

    func contains(_ origin: Origin.Number) -> Bool { origin == first || origin == second }
  }

  /// A doubt for a person to decide: the pair is opened with its reason and score.
  package struct Review: Sendable {
    package var id: String
    package var pair: Pair
    package var reason: String
    /// How likely they are one person, 0 to 100.
    package var score: Int64
  }

  /// Whether several people use an identifier, from now on.
  package struct Sharing: Sendable {
    package var origin: Origin.Number
    package var isShared: Bool
  }

  /// Somebody at `claimant` says that `claimed` is his.
  ///
  /// Where neither is known and no limit forbids, it ties them.
  package struct Claim: Sendable {
    package var claimant: Origin.Number
    package var claimed: Origin.Number
    package var isTied: Bool
  }

  /// What a person decided about a doubt.
  package struct Decision: Sendable {
    package var review: String
    package var state: ReviewState
  }

  /// Something to be done at a time to come.
  package struct Timer: Sendable {
    /// What tells it from others: set again, it is moved.
    ///
    /// It names things by numbers and kinds, and nobody: a key stays in the log when a person is erased.
    package var key: String
    /// Who looks to it when it is due.
    package var kind: String
    package var due: Instant
    /// What its kind needs to know, as JSON.
    package var payload: [UInt8]

    package init(key: String, kind: String, due: Instant, payload: [UInt8] = Array("{}".utf8)) {
      self.key = key
      self.kind = kind
      self.due = due
      self.payload = payload
    }
  }

  package var result: Result
  /// Where the event stands; none for events about the shop itself.
  package var origin: Origin.Number?
  package var rulings: [Ruling] = []
  package var opened: [Origin] = []
  /// Places of others that an entry of somebody erased had opened: what they are called stands here from then on.
  package var named: [Origin] = []
  package var ties: [Tie] = []
  package var claims: [Claim] = []
  /// Merges that are taken back.
  package var undone: [String] = []
  /// Ties that are taken away.
  package var cuts: [Pair] = []
  /// Pairs that no rule may bring together from now on.
  package var separations: [Pair] = []
  package var sharings: [Sharing] = []
  package var reviews: [Review] = []
  /// Reviews that a person has decided, and how.
  package var decisions: [Decision] = []
  /// Where the event's traits stand in it.
  package var traits: [Event.TraitPlace] = []
  /// Those among the traits `email` and `phone` that are no address and no number that anybody can be reached by.
  package var unusable: [String] = []
  /// What the event changes of the person's consents.
  package var consent = ConsentRuling()
  /// The places that an erasure has made lead nowhere.
  package var erased: [Origin.Number] = []
  /// Whether what the event says of somebody who was erased since is taken out of it.
  package var isRedacted = false
  /// Keys of timers that are no longer pending, because they are done or no longer wanted.
  package var ended: [String] = []
  /// Timers that it sets or moves, after those have ended; each belongs to where the event stands.
  package var timers: [Timer] = []
  /// How many events a summary stands for.
  package var summed: Int64 = 0
  /// What features above this floor have decided, each under its name, as JSON that its own folds add up.
  ///
  /// It stays when a person is erased, so it tells amounts, goods, times and ids of ours, and nobody's name.
  package var verdicts: [String: [UInt8]] = [:]
  /// The version of the source's document that was read.
  package var sourceVersion: Int64 = 0

  package init(_ result: Result, origin: Origin.Number?) {
    self.result = result
    self.origin = origin
  }
}
