package import Base
package import SQL

enum TieEvidenceStatement: Int, StatementSet {
  case ofFirst

  var sql: String {
    switch self {
    case .ofFirst:
      """
      SELECT t.second, t.rule, t.sequence, e.source, e.channel, e.kind, e.name, e.at, m.id
      FROM tie t JOIN event e ON e.sequence = t.sequence
      LEFT JOIN merge m ON m.first = t.first AND m.second = t.second AND m.undone IS NULL
      WHERE t.first = ?1 ORDER BY t.sequence, t.second
      """
    }
  }
}

/// Why the identifiers of a customer belong together: each proof with the event or the person that gave it, and beside
/// them what is only said.
package enum Ties {
  /// Writes the identifiers of the customer that `leader` leads, as the members `customer`, `identifiers`, `ties` and
  /// `claims` of an open object.
  package static func write(
    ofCustomer leader: Origin.Number, to writer: inout JSONWriter, in session: any Session
  ) throws {
    try Profile.writeIdentifiers(ofCustomer: leader, to: &writer, in: session)
    let names = try IdentifierSet(
      of: OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }, in: session)
    let places = Dictionary(names.places.map { ($0.origin.number, $0.origin) }) { first, _ in first }
    writer.key("ties")
    try writer.array { writer in
      for place in names.places {
        try session.forEachRow(of: TieEvidenceStatement.ofFirst, [.integer(place.origin.number)]) { row in
          guard let second = places[row.integer(0)] else { return true }
          writer.object { write(row, between: place.origin, second, to: &$0) }
          return true
        }
      }
    }
    writer.key("claims")
    writer.array { writer in
      for claim in names.claims {
        writer.object { write(claim, by: places[claim.claimant], to: &$0) }
      }
    }
  }

  private static func write(_ row: any Row, between first: Origin, _ second: Origin, to writer: inout JSONWriter) {
    writer.key("between")
    writer.array { writer in
      for origin in [first, second] { writer.object { write(origin.identifier, to: &$0) } }
    }
    writer.field("rule", row.text(1))
    writer.field("sequence", row.integer(2))
    writer.field("source", row.text(3))
    writer.field("channel", row.text(4))
    writer.field("type", row.text(5))
    writer.field("event", ifPresent: row.optionalText(6))
    writer.field("at", Instant(milliseconds: row.integer(7)).text)
    writer.field("merge", orNull: row.optionalText(8))
  }

  private static func write(_ claim: IdentifierSet.Claim, by claimant: Origin?, to writer: inout JSONWriter) {
    writer.field("type", claim.type)
    writer.field("value", claim.value)
    if let claimant {
      writer.key("by")
      writer.object { write(claimant.identifier, to: &$0) }
    }
    writer.field("tied", claim.isTied)
    writer.field("shared", claim.isShared)
    writer.field("source", claim.source)
    writer.field("since", Instant(milliseconds: claim.since).text)
  }

  private static func write(_ identifier: Identifier, to writer: inout JSONWriter) {
    writer.field("type", identifier.type.name)
    writer.field("value", identifier.value)
  }
}
