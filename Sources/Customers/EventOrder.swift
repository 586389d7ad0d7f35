import SQL

enum EventOrderStatement: Int, StatementSet {
  case ofOrigin, ofNobody, message

  var sql: String {
    switch self {
    case .ofOrigin: "SELECT at, sequence FROM event WHERE origin = ?1"
    case .ofNobody: "SELECT at, sequence FROM event WHERE origin IS NULL"
    case .message: "SELECT source, message_id FROM event WHERE sequence = ?1"
    }
  }
}

/// The places in the log of some events, in the order in which they happened; of one moment by source and message, so
/// that the order of arrival does not matter.
///
/// It holds 16 bytes an event, so a customer with 100,000 of them is read one by one.
struct EventOrder: Sequence {
  private struct Key {
    var at: Int64
    var sequence: Int64
  }

  private var keys: [Key] = []

  /// The events that stand at these origins.
  init(of origins: [Origin.Number], in session: any Session) throws {
    for origin in Set(origins) {
      try session.forEachRow(of: EventOrderStatement.ofOrigin, [.integer(origin)]) { row in
        keys.append(Key(at: row.integer(0), sequence: row.integer(1)))
        return true
      }
    }
    try sort(in: session)
  }

  /// The events that are no person's.
  init(ofNobodyIn session: any Session) throws {
    keys = try session.rows(of: EventOrderStatement.ofNobody) { Key(at: $0.integer(0), sequence: $0.integer(1)) }
    try sort(in: session)
  }

  private mutating func sort(in session: any Session) throws {
    keys.sort { $0.at < $1.at }
    var start = 0
    while start < keys.count {
      let end = keys[start...].firstIndex { $0.at != keys[start].at } ?? keys.count
      if end - start > 1 {
        let named = try keys[start..<end].map { key in
          (name: try Self.name(key.sequence, in: session), key: key)
        }
        keys.replaceSubrange(
          start..<end,
          with: named.sorted { one, other in
            one.name.lexicographicallyPrecedes(other.name) { $0.lexicographicallyPrecedes($1) }
          }.map { $0.key })
      }
      start = end
    }
  }

  private static func name(_ sequence: Int64, in session: any Session) throws -> [[UInt8]] {
    try session.first(of: EventOrderStatement.message, .integer(sequence)) { [$0.bytes(0), $0.bytes(1)] } ?? []
  }

  func makeIterator() -> some IteratorProtocol<Int64> { keys.lazy.map { $0.sequence }.makeIterator() }
}
