package import Base
package import SQL

enum ProfileStatement: Int, StatementSet {
  case publicID

  var sql: String {
    switch self {
    case .publicID:
      "SELECT l.public_id FROM origin o JOIN origin l ON l.number = o.customer WHERE o.number = ?1"
    }
  }
}

/// Everything that is known of a customer, as one document.
package enum Profile {
  /// How many events the whole picture shows.
  package static let recentEvents = 50
  /// How many claims on one value it shows: anybody with a page's key can make a million.
  static let mostClaims: Int64 = 100

  /// The id under which the customer whom `leader` leads is known outside.
  package static func publicID(of leader: Int64, in session: any Session) throws -> String {
    if let known = OriginStore.known(leader, in: session)?.first(where: { $0.number == leader }) {
      return known.publicID
    }
    return try session.first(of: ProfileStatement.publicID, .integer(leader)) { $0.text(0) } ?? ""
  }

  /// The whole picture of the customer that `leader` leads, as JSON, with so many of his newest events.
  ///
  /// - Parameters:
  ///   - now: when it is read; none for the time of the log's newest entry.
  ///   - isOwn: whether he looks at it himself: then it tells of nobody else, neither who claims what is his nor whether
  ///     what he claims is somebody's.
  ///   - features: what writes members of its own.
  package static func json(
    ofCustomer leader: Int64, events: Int = recentEvents, now: Instant? = nil, isOwn: Bool = false,
    features: [any Feature] = [], in session: any Session
  ) throws -> [UInt8] {
    var filter = Timeline.Filter()
    filter.isOwn = isOwn
    let now = try now ?? newest(in: session)
    return try json(ofCustomer: leader, asOf: nil, isOwn: isOwn, quality: .now(now), in: session) { _ in
      try ComputedTraits(ofCustomer: leader, now: now, in: session)
    } recent: {
      try Timeline.page(ofOrigins: $0, filter: filter, limit: events, in: session)
    } features: { writer in
      for feature in features { try feature.writePicture(ofCustomer: leader, now: now, to: &writer, in: session) }
    }
  }

  /// When the log's newest entry came.
  private static func newest(in session: any Session) throws -> Instant {
    try EventLog.received(EventLog.last(in: session), in: session) ?? .earliest
  }

  /// The whole picture of a customer as `session` has him, with the timeline that `recent` answers.
  ///
  /// - Parameters:
  ///   - moment: which one it is, where it is not now.
  ///   - reading: when what is wrong is looked for.
  ///   - computed: answers what is computed of the events of his origins.
  ///   - recent: answers the newest events of his origins.
  ///   - features: writes what the floors above have of him.
  static func json(
    ofCustomer leader: Int64, asOf moment: AsOf?, isOwn: Bool = false, quality reading: QualityReading.Moment,
    in session: any Session,
    computed: ([Origin.Number]) throws -> ComputedTraits, recent: ([Origin.Number]) throws -> Timeline.Page,
    features: (inout JSONWriter) throws -> Void
  ) throws -> [UInt8] {
    let members = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    let names = try IdentifierSet(of: members, in: session)
    let id = names.places.first { $0.origin.number == leader }?.origin.publicID ?? ""
    var writer = JSONWriter(capacity: 32 << 10)
    try writer.object { writer in
      writer.field("id", id)
      writer.key("formerIds")
      writer.array { writer in
        for place in names.places where place.origin.number != leader { writer.value(place.origin.publicID) }
      }
      writer.field("known", names.isKnown)
      writer.key("claims")
      try writer.array { if !isOwn { try writeClaims(on: names, leader: leader, to: &$0, session) } }
      writer.key("identifiers")
      writer.array { write(names, tellsSharing: !isOwn, to: &$0) }
      writer.key("traits")
      let traits = try TraitSet(of: members, in: session)
      let values = try computed(members).values
      writer.object { traits.write(to: &$0, computed: values) }
      let consents = try ConsentLedger(of: members, in: session).current
      writer.key("consents")
      writer.array { for consent in consents { consent.write(to: &$0) } }
      let quality = try Quality(ofCustomer: leader, traits, names, reading, isOwn: isOwn, in: session)
      writer.key("quality")
      writer.object { quality.write(to: &$0) }
      try features(&writer)
      writer.key("timeline")
      try writer.array { writer in
        for event in try recent(members).events { event.write(ofCustomer: id, to: &writer) }
      }
      moment?.write(to: &writer)
    }
    return writer.bytes
  }

  /// The names of the customer that `leader` leads, as the members `customer` and `identifiers` of an open object.
  package static func writeIdentifiers(
    ofCustomer leader: Int64, to writer: inout JSONWriter, in session: any Session
  ) throws {
    let members = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    let names = try IdentifierSet(of: members, in: session)
    writer.field("customer", try publicID(of: leader, in: session))
    writer.key("identifiers")
    writer.array { write(names, tellsSharing: true, to: &$0) }
  }

  /// The traits of the customer that `leader` leads, as the member `traits` of an object.
  package static func traits(ofCustomer leader: Int64, now: Instant, in session: any Session) throws -> [UInt8] {
    let members = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    let traits = try TraitSet(of: members, in: session)
    let computed = try ComputedTraits(ofCustomer: leader, now: now, in: session).values
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("traits")
      writer.object { traits.write(to: &$0, computed: computed) }
    }
    return writer.bytes
  }

  /// Who else says that what this customer has proved is his: the first to say so of each value.
  private static func writeClaims(
    on names: IdentifierSet, leader: Int64, to writer: inout JSONWriter, _ session: any Session
  ) throws {
    for identifier in names.places.filter({ $0.isVerified }).map({ $0.origin.identifier }) {
      let claim: [SQLValue] = [
        .text(identifier.value), .text(identifier.type.name), .integer(leader), .integer(mostClaims),
      ]
      var told: Set<String> = []
      try session.forEachRow(of: ClaimStatement.onClaimed, claim) { row in
        guard told.insert(row.text(0)).inserted else { return true }
        writer.object { writer in
          writer.field("customer", row.text(0))
          writer.field("type", identifier.type.name)
          writer.field("since", Instant(milliseconds: row.integer(1)).text)
        }
        return true
      }
    }
  }

  /// Each name once: his own first, then what he only claims.
  private static func write(_ names: IdentifierSet, tellsSharing: Bool, to writer: inout JSONWriter) {
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
    for place in names.places {
      write(
        place.origin.identifier.type.name, place.origin.identifier.value, verified: place.isVerified,
        shared: place.origin.isShared, place.source, place.since)
    }
    for claim in names.claims {
      write(claim.type, claim.value, verified: false, shared: tellsSharing && claim.isShared, claim.source, claim.since)
    }
  }
}
