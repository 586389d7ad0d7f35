import Base
package import SQL

/// A customer as the log had him at an earlier moment, put together once more from the entries up to then.
///
/// The entries that name one of the origins that were ever connected with him go through the folds again, in a database
/// in memory, and the ordinary `Profile` and `Timeline` read it. So merges that were undone later are there, what came
/// later is not, and what was erased since is erased.
package struct Past {
  /// How many entries are gone through at most, which is about a second of work.
  ///
  /// A timeline needs only those that tie.
  package static let mostEntries = 200_000

  /// What has to be told of him.
  package enum Need {
    /// Whose his origins are.
    case identity
    /// Everything.
    case everything
  }

  package let moment: AsOf
  /// As the folds made it from the entries up to then.
  private let then: any Session
  /// As it is now: the log.
  private let now: any Session
  private let features: [any Feature]

  /// Puts the past of a customer together and does `work` with it, and with whom the name led to then.
  ///
  /// - Throws: `tooLarge` where it is more than `mostEntries` entries.
  package static func recall<T>(
    _ name: CustomerName, _ need: Need, asOf moment: AsOf, folds: [any Fold], features: [any Feature] = [],
    migrations: [Migration], in session: any Session, _ work: (Lookup, Past) throws -> T
  ) throws -> T {
    guard case .identifier(let identifier) = name, try !isOwned(identifier, moment, session) else {
      return try gather(name, need, moment, folds, features, migrations, session, work)
    }
    // A name that nobody had proved led to who claimed it, so first it has to be known who that was.
    var only: CustomerName?
    let answer = try gather(name, .identity, moment, folds, [], migrations, session) { lookup, past -> T? in
      guard case .customer(let leader) = lookup else { return try work(lookup, past) }
      only = .id(try past.publicID(of: leader))
      return nil
    }
    return try answer ?? gather(only ?? name, need, moment, folds, features, migrations, session, work)
  }

  private static func isOwned(_ identifier: Identifier, _ moment: AsOf, _ session: any Session) throws -> Bool {
    try OriginStore.generations(of: identifier, in: session).contains { place in
      try session.first(of: PastStatement.origin, .integer(place.origin)) { $0.integer(0) <= moment.sequence } ?? false
    }
  }

  private static func gather<T>(
    _ name: CustomerName, _ need: Need, _ moment: AsOf, _ folds: [any Fold], _ features: [any Feature],
    _ migrations: [Migration], _ session: any Session, _ work: (Lookup, Past) throws -> T
  ) throws -> T {
    var connections = Connections(upTo: moment.sequence, in: session)
    try connections.follow(name)
    if need == .everything { try connections.addEvents() }
    let folds = need == .everything ? folds : folds.filter { $0 is IdentityFold }
    return try ScratchDatabase.use(migrations) { scratch in
      for sequence in connections.entries.sorted() {
        guard var entry = try EventLog.entry(sequence, in: session) else { continue }
        entry.outcome.keep(only: connections.origins)
        // What an origin or a claim came with is shown beside it.
        if !entry.outcome.opened.isEmpty || !entry.outcome.claims.isEmpty {
          try EventLog.append(entry, in: scratch)
        }
        for fold in folds { try fold.apply(entry, in: scratch) }
      }
      let past = Past(moment: moment, then: scratch, now: session, features: features)
      return try work(try Lookup.find(name, in: scratch), past)
    }
  }

  /// The id under which the customer whom `leader` led was known outside.
  package func publicID(of leader: Origin.Number) throws -> String { try Profile.publicID(of: leader, in: then) }

  /// Those whose data it is today, each by his leading origin: two where a merge was undone since.
  package func subjects(of leader: Origin.Number) throws -> [Origin.Number] {
    Set(try origins(of: leader).map { try OriginStore.leader(of: $0, in: now).number }).sorted()
  }

  private func origins(of leader: Origin.Number) throws -> [Origin.Number] {
    try OriginStore.origins(ofCustomer: leader, in: then).map { $0.number }
  }

  /// The whole picture of the customer whom `leader` led, as JSON.
  package func profile(of leader: Origin.Number) throws -> [UInt8] {
    try Profile.json(ofCustomer: leader, asOf: moment, quality: .then(moment, log: now), in: then) { origins in
      try ComputedTraits(of: origins, asOf: moment, in: now)
    } recent: { _ in
      try timeline(of: leader, limit: Profile.recentEvents)
    } features: { writer in
      for feature in features { try feature.writePicture(ofCustomer: leader, now: moment.time, to: &writer, in: then) }
    }
  }

  /// A page of his events.
  package func timeline(
    of leader: Origin.Number, before cursor: Timeline.Cursor = .newest, filter: Timeline.Filter = .init(), limit: Int
  ) throws -> Timeline.Page {
    var filter = filter
    filter.upTo = moment.sequence
    return try Timeline.page(
      ofOrigins: origins(of: leader), before: cursor, filter: filter, limit: limit, in: now)
  }
}

extension Outcome {
  /// Leaves out what is about others: their origins are not there.
  fileprivate mutating func keep(only origins: Set<Origin.Number>) {
    func keeps(_ pair: Pair) -> Bool { origins.contains(pair.first) && origins.contains(pair.second) }
    opened.removeAll { !origins.contains($0.number) }
    named.removeAll { !origins.contains($0.number) }
    ties.removeAll { !keeps(Pair(first: $0.first, second: $0.second)) }
    claims.removeAll { !keeps(Pair(first: $0.claimant, second: $0.claimed)) }
    cuts.removeAll { !keeps($0) }
    separations.removeAll { !keeps($0) }
    sharings.removeAll { !origins.contains($0.origin) }
    reviews.removeAll { !keeps($0.pair) }
  }
}
