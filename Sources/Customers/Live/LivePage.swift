package import SQL

enum LiveStatement: Int, StatementSet {
  case entries, merge

  var sql: String {
    switch self {
    case .entries:
      """
      SELECT e.sequence, e.at, e.kind, e.name, e.source, e.channel, e.outcome, l.number, l.public_id
      FROM event e LEFT JOIN origin o ON o.number = e.origin LEFT JOIN origin l ON l.number = o.customer
      WHERE e.sequence > ?1 AND e.sequence <= ?2 ORDER BY e.sequence LIMIT ?3
      """
    case .merge:
      """
      SELECT t.public_id, m.first, m.second, m.sequence
      FROM merge m JOIN origin t ON t.number = m.taken WHERE m.id = ?1
      """
    }
  }
}

/// A part of the log as open screens are told of it.
package struct LivePage: Sendable {
  package var entries: [LiveEntry] = []
  /// How far the log was looked at.
  package var end: Int64
  /// The leading origin of each watched one.
  package var leaders: [Origin.Number: Origin.Number] = [:]

  /// A page has at most so many entries: about 40 KiB, which a reader takes in one go.
  package static let longest: Int64 = 200

  /// The next entries.
  ///
  /// - Parameters:
  ///   - place: where the last page ended.
  ///   - last: the newest place that may be told.
  ///   - watched: origins whose customers somebody looks at.
  package init(
    after place: Int64, upTo last: Int64, watching watched: Set<Origin.Number> = [], in session: any Session
  ) throws {
    entries = try session.rows(of: LiveStatement.entries, .integer(place), .integer(last), .integer(Self.longest)) {
      try LiveEntry($0, in: session)
    }
    end = entries.count < Self.longest ? max(place, last) : entries.last?.sequence ?? last
    for origin in watched { leaders[origin] = try Lookup.leader(of: origin, in: session) }
  }

  /// Whether there may be more.
  package var isFull: Bool { entries.count == Self.longest }

  /// The places in the page of what a reader is told who has been told everything up to `place`.
  ///
  /// - Parameter origin: only what its customer is in; nil for everything.
  package func indices(after place: Int64, of origin: Origin.Number?) -> [Int] {
    let leader = origin.flatMap { leaders[$0] }
    return entries.indices.filter { index in
      let entry = entries[index]
      return entry.sequence > place && (origin == nil || leader.map(entry.about.contains) == true)
    }
  }
}
