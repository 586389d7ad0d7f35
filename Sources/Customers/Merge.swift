package import Base
package import SQL

enum MergeStatement: Int, StatementSet {
  case insert, undo, find, of, ofCustomer, forget

  private static let columns = """
    m.id, m.first, m.second, k.public_id, t.public_id, e.source, e.received_at, e.body, m.undone, u.source,
    u.received_at, u.body, m.rule, m.sequence, f.type, f.value, s.type, s.value
    """
  private static let joins = """
    FROM merge m JOIN origin k ON k.number = m.kept JOIN origin t ON t.number = m.taken
    JOIN origin f ON f.number = m.first JOIN origin s ON s.number = m.second
    JOIN event e ON e.sequence = m.sequence LEFT JOIN event u ON u.sequence = m.undone
    """

  var sql: String {
    switch self {
    case .insert:
      """
      INSERT INTO merge (id, first, second, kept, taken, rule, sequence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT (id) DO UPDATE SET first = excluded.first, second = excluded.second
      """
    case .forget: "DELETE FROM merge WHERE id = ?1"
    case .undo: "UPDATE merge SET undone = ?2 WHERE id = ?1"
    case .of: "SELECT id FROM merge WHERE first = ?1 AND second = ?2 AND undone IS NULL"
    case .find: "SELECT \(Self.columns) \(Self.joins) WHERE m.id = ?1"
    case .ofCustomer:
      """
      SELECT \(Self.columns) \(Self.joins)
      WHERE m.id IN (
        SELECT a.id FROM origin o JOIN merge a ON a.first = o.number WHERE o.customer = ?1
        UNION SELECT b.id FROM origin p JOIN merge b ON b.second = p.number WHERE p.customer = ?1)
      ORDER BY m.sequence DESC, m.id LIMIT ?2
      """
    }
  }
}

/// One customer made of two, and perhaps taken back.
package struct Merge: Sendable {
  /// Who did it, when and why.
  package struct Act: Sendable {
    package var actor: String
    package var at: Instant
    package var reason: String?
  }

  package var id: String
  /// The places that it ties.
  package var pair: Outcome.Pair
  /// The id that the customer kept, and the one that became a former id.
  package var into: String
  package var from: String
  package var done: Act
  package var undone: Act?
  /// What made it: `person`, or the name of the rule.
  package var rule: String
  /// The place in the log of the event that proved it, or of the person's act: `asOf` one less shows both as they were.
  package var sequence: Int64
  /// The identifiers that it ties.
  package var tied: [(type: String, value: String)]

  /// How many of a customer's merges are told: whoever has more was put together by a fault.
  package static let longestHistory: Int64 = 500

  /// The merge of that id, or nil.
  package static func find(_ id: String, in session: any Session) throws -> Merge? {
    try session.first(of: MergeStatement.find, .text(id)) { Merge($0) }
  }

  /// A customer's merges, those taken back too, the newest first.
  package static func all(ofCustomer leader: Origin.Number, in session: any Session) throws -> [Merge] {
    try session.rows(of: MergeStatement.ofCustomer, .integer(leader), .integer(longestHistory)) { Merge($0) }
  }

  private init(_ row: any Row) {
    id = row.text(0)
    pair = Outcome.Pair(first: row.integer(1), second: row.integer(2))
    into = row.text(3)
    from = row.text(4)
    rule = row.text(12)
    sequence = row.integer(13)
    tied = [14, 16].map { (row.text($0), row.text($0 + 1)) }
    // An event of a source may say `reason` of something else.
    let reason = rule == Merging.rule ? Self.reason(row, 7) : nil
    done = Act(actor: row.text(5), at: Instant(milliseconds: row.integer(6)), reason: reason)
    if row.optionalInteger(8) != nil {
      undone = Act(actor: row.text(9), at: Instant(milliseconds: row.integer(10)), reason: Self.reason(row, 11))
    }
  }

  private static func reason(_ row: any Row, _ column: Int) -> String? {
    (try? JSONDocument(row.bytes(column)).root)?["reason"]?.string
  }

  /// Writes it as the API shows it, into an open object.
  package func write(to writer: inout JSONWriter) {
    writer.field("id", id)
    writer.field("into", into)
    writer.field("from", from)
    writer.field("rule", rule)
    writer.key("evidence")
    writer.object { writer in
      writer.field("sequence", sequence)
      writer.key("identifiers")
      writer.array { writer in
        for (type, value) in tied {
          writer.object { writer in
            writer.field("type", type)
            writer.field("value", value)
          }
        }
      }
    }
    write(done, to: &writer)
    writer.key("undone")
    if let undone { writer.object { write(undone, to: &$0) } } else { writer.null() }
  }

  private func write(_ act: Act, to writer: inout JSONWriter) {
    writer.field("actor", act.actor)
    writer.field("at", act.at.text)
    writer.field("reason", orNull: act.reason)
  }
}
