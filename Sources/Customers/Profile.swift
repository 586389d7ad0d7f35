import Base
package import SQL

enum ProfileStatement: Int, StatementSet {
  case publicID, identifiers, claimed

  var sql: String {
    switch self {
    case .publicID:
      "SELECT l.public_id FROM origin o JOIN origin l ON l.number = o.customer WHERE o.number = ?1"
    case .identifiers:
      """
      SELECT o.number, o.public_id, o.type, o.value, o.standing, e.source, e.received_at, o.shared
      FROM origin o JOIN event e ON e.sequence = o.sequence WHERE o.customer = ?1 ORDER BY o.number
      """
    case .claimed:
      """
      SELECT o.type, o.value, e.source, e.received_at, o.shared
      FROM claim c JOIN origin o ON o.number = c.claimed JOIN event e ON e.sequence = c.sequence
      WHERE c.claimant = ?1 AND o.customer <> ?2 ORDER BY c.sequence
      """
    }
  }
}

/// Everything that is known of a customer, as one document.
package enum Profile {
  /// How many events the whole picture shows.
  package static let recentEvents = 50
  /// How many claims on one value it shows: anybody with a page's key can make a million.
  static let mostClaims: Int64 = 100

  private struct Named {
    var origin: Int64
    var publicID: String
    var type: String
    var value: String
    var isOwn: Bool
    var source: String
    var since: Int64
    var isShared: Bool
  }

  private struct Value {
    var source: String
    var value: [UInt8]
    var at: Int64
  }

  /// The id under which the customer whom `leader` leads is known outside.
  package static func publicID(of leader: Int64, in session: any Session) throws -> String {
    try session.first(of: ProfileStatement.publicID, .integer(leader)) { $0.text(0) } ?? ""
  }

  /// The whole picture of the customer that `leader` leads, as JSON, with so many of his newest events.
  package static func json(
    ofCustomer leader: Int64, events: Int = recentEvents, in session: any Session
  ) throws -> [UInt8] {
    try json(ofCustomer: leader, asOf: nil, in: session) {
      try Timeline.page(ofCustomer: leader, limit: events, in: session)
    }
  }

  /// The whole picture of a customer as `session` has him, with the timeline that `recent` answers.
  ///
  /// - Parameter moment: which one it is, where it is not now.
  static func json(
    ofCustomer leader: Int64, asOf moment: AsOf?, in session: any Session, recent: () throws -> Timeline.Page
  ) throws -> [UInt8] {
    let members = try session.rows(of: ProfileStatement.identifiers, .integer(leader)) { row in
      Named(
        origin: row.integer(0), publicID: row.text(1), type: row.text(2), value: row.text(3),
        isOwn: row.integer(4) == Origin.Standing.own.rawValue, source: row.text(5), since: row.integer(6),
        isShared: row.integer(7) == 1)
    }
    let id = members.first { $0.origin == leader }?.publicID ?? ""
    let isKnown = members.contains { $0.isOwn && $0.type != IdentifierType.anonymousID.name }
    var writer = JSONWriter(capacity: 32 << 10)
    try writer.object { writer in
      writer.field("id", id)
      writer.key("formerIds")
      writer.array { writer in
        for member in members where member.origin != leader { writer.value(member.publicID) }
      }
      writer.field("known", isKnown)
      writer.key("claims")
      try writer.array { try writeClaims(on: members, leader: leader, to: &$0, session) }
      writer.key("identifiers")
      try writer.array { try writeIdentifiers(members, leader: leader, to: &$0, session) }
      writer.key("traits")
      try writer.object { try writeTraits(members.map { $0.origin }, to: &$0, session) }
      let consents = try ConsentLedger(of: members.map { $0.origin }, in: session).current
      writer.key("consents")
      writer.array { for consent in consents { consent.write(to: &$0) } }
      writer.key("timeline")
      try writer.array { writer in
        for event in try recent().events { try Timeline.write(event, ofCustomer: id, to: &writer) }
      }
      moment?.write(to: &writer)
    }
    return writer.bytes
  }

  /// Who else says that what this customer has proved is his: the first to say so of each value.
  private static func writeClaims(
    on members: [Named], leader: Int64, to writer: inout JSONWriter, _ session: any Session
  ) throws {
    for member in members where member.isOwn && member.type != IdentifierType.anonymousID.name {
      let claim: [SQLValue] = [.text(member.value), .text(member.type), .integer(leader), .integer(mostClaims)]
      var told: Set<String> = []
      try session.forEachRow(of: ClaimStatement.onClaimed, claim) { row in
        guard told.insert(row.text(0)).inserted else { return true }
        writer.object { writer in
          writer.field("customer", row.text(0))
          writer.field("type", member.type)
          writer.field("since", Instant(milliseconds: row.integer(1)).text)
        }
        return true
      }
    }
  }

  private static func writeIdentifiers(
    _ members: [Named], leader: Int64, to writer: inout JSONWriter, _ session: any Session
  ) throws {
    var told: Set<[String]> = []
    func write(_ type: String, _ value: String, verified: Bool, shared: Bool, _ source: String, _ since: Int64) {
      guard told.insert([type, value]).inserted else { return }
      writer.object { writer in
        writer.field("type", type)
        writer.field("value", value)
        writer.field("verified", verified)
        writer.field("shared", shared)
        writer.field("source", source)
        writer.field("since", Instant(milliseconds: since).text)
      }
    }
    for member in members {
      let verified = member.isOwn && member.type != IdentifierType.anonymousID.name
      write(member.type, member.value, verified: verified, shared: member.isShared, member.source, member.since)
    }
    for member in members {
      try session.forEachRow(of: ProfileStatement.claimed, [.integer(member.origin), .integer(leader)]) { row in
        write(row.text(0), row.text(1), verified: false, shared: row.integer(4) == 1, row.text(2), row.integer(3))
        return true
      }
    }
  }

  /// Each trait with its newest value, and what the other sources say of it.
  private static func writeTraits(
    _ origins: [Int64], to writer: inout JSONWriter, _ session: any Session
  ) throws {
    var traits: [String: [Value]] = [:]
    for origin in origins {
      try session.forEachRow(of: TraitStatement.ofOrigin, [.integer(origin)]) { row in
        traits[row.text(0), default: []].append(Value(source: row.text(1), value: row.bytes(2), at: row.integer(3)))
        return true
      }
    }
    for (name, values) in traits.sorted(by: { $0.key < $1.key }) {
      let newest = values.sorted { ($0.at, $0.source) > ($1.at, $1.source) }
      writer.key(name)
      writer.object { writer in
        write(newest[0], to: &writer)
        writer.key("lost")
        writer.array { writer in
          for value in newest.dropFirst() { writer.object { write(value, to: &$0) } }
        }
      }
    }
  }

  private static func write(_ value: Value, to writer: inout JSONWriter) {
    writer.key("value")
    writer.raw(value.value)
    writer.field("source", value.source)
    writer.field("at", Instant(milliseconds: value.at).text)
  }
}
