package import Base
package import SQL

enum QualityStatement: Int, StatementSet {
  case upsert, ofCustomer, ofOrigin, erase, traits, addTwin, dropTwin, activity, activityUpTo, mail, mailUpTo

  var sql: String {
    switch self {
    case .upsert:
      """
      INSERT INTO quality_defect (origin, code, subject, at, message_id) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (origin, code, subject) DO UPDATE SET at = excluded.at, message_id = excluded.message_id
      WHERE excluded.at > quality_defect.at
        OR (excluded.at = quality_defect.at AND excluded.message_id > quality_defect.message_id)
      """
    case .ofCustomer:
      """
      SELECT d.code, d.subject, d.at, d.message_id FROM origin o JOIN quality_defect d ON d.origin = o.number
      WHERE o.customer = ?1
      """
    case .ofOrigin: "SELECT code, subject, at, message_id FROM quality_defect WHERE origin = ?1"
    case .erase: "DELETE FROM quality_defect WHERE origin = ?1"
    case .traits:
      """
      SELECT name, source, value, at, message_id FROM trait WHERE origin = ?1 AND name IN (\(Self.twinTraits))
      """
    case .addTwin: "INSERT INTO quality_twin (key, origin) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    case .dropTwin: "DELETE FROM quality_twin WHERE key = ?1 AND origin = ?2"
    case .activity:
      """
      SELECT max((SELECT e.at FROM event e WHERE e.origin = o.number ORDER BY e.at DESC LIMIT 1))
      FROM origin o WHERE o.customer = ?1
      """
    case .activityUpTo:
      "SELECT at FROM event WHERE origin = ?1 AND sequence <= ?2 ORDER BY at DESC LIMIT 1"
    case .mail:
      """
      SELECT e.at, e.body, e.envelope FROM origin o JOIN event e ON e.origin = o.number
      WHERE o.customer = ?1 AND e.at >= ?2 AND e.kind = 'track' AND e.name IN (\(Self.reached))
      """
    case .mailUpTo:
      """
      SELECT at, body, envelope FROM event
      WHERE origin = ?1 AND at >= ?2 AND kind = 'track' AND name IN (\(Self.reached)) AND sequence <= ?3
      """
    }
  }

  private static let twinTraits = TwinKey.traits.sorted().map { "'\($0)'" }.joined(separator: ", ")
  private static let reached = MailEvent.reached.map { "'\($0)'" }.joined(separator: ", ")
}

/// What is wrong with what is known at each origin, and by which name and sign each may be another's double.
///
/// An event without a defect writes nothing, except that one that changes a name, a birthday or a postal code changes
/// the one or two keys made of it. To know those it reads what `TraitFold` has before this entry: **so it goes before
/// `TraitFold`** among the folds, in `apply` and in `erase`.
package struct QualityFold: View {
  package let name = "quality"
  package let version: Int64 = 1
  package let tables = [
    FoldTable("quality_defect", key: ["origin", "code", "subject"], owner: "origin"),
    FoldTable("quality_twin", key: ["key", "origin"], origins: ["origin"]),
  ]
  package var checks: [any Check] { [QualityCheck()] }

  package init() {}

  package func reads(_ event: Event) -> Bool {
    event.kind == .track && event.name.map { ([MailEvent.bounced] + MailEvent.reached).contains($0) } == true
  }

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard let origin = entry.outcome.origin, entry.outcome.result != .erased else { return }
    // A trait that was taken out of the event since an erasure is not there to be wrong.
    for contact in ContactTrait.allCases
    where entry.outcome.unusable.contains(contact.rawValue)
      && entry.event.traits.contains(where: { $0.place.name == contact.rawValue })
    {
      try keep(contact.defect, entry.source, entry, origin, session)
    }
    if MailEvent.isBounce(entry.event) {
      let address = MailEvent.address(entry.event.body, entry.event.envelope)
      // Where none is told because it was somebody's who is erased now, it was not this customer's.
      if address != nil || !entry.outcome.isRedacted {
        try keep(.bouncedAddress, address ?? "", entry, origin, session)
      }
    }
    if entry.event.traits.contains(where: { TwinKey.traits.contains($0.place.name) }) {
      try turnTwins(entry, origin, session)
    }
  }

  private func keep(
    _ code: Quality.Code, _ subject: String, _ entry: LogEntry, _ origin: Origin.Number, _ session: any Session
  ) throws {
    try session.execute(
      QualityStatement.upsert, .integer(origin), .text(code.rawValue), .text(subject),
      .integer(entry.event.at.milliseconds), .text(entry.event.messageID))
  }

  /// Makes the keys of an origin those of its traits as they are with this entry.
  private func turnTwins(_ entry: LogEntry, _ origin: Origin.Number, _ session: any Session) throws {
    var values = try traits(of: origin, session)
    if entry.event.traits.allSatisfy({ Self.isOld($0, entry.source, values) }) { return }
    let before = Set(TwinKey.keys(of: TraitSet(values)))
    for trait in entry.event.traits where TwinKey.traits.contains(trait.place.name) {
      let value = TraitSet.Value(
        source: entry.source, value: trait.value, at: entry.event.at.milliseconds, messageID: entry.event.messageID)
      values[Array(trait.place.name.utf8), default: []].take(value)
    }
    let after = Set(TwinKey.keys(of: TraitSet(values)))
    for key in before.subtracting(after) {
      try session.execute(QualityStatement.dropTwin, .integer(key.number), .integer(origin))
    }
    for key in after.subtracting(before) {
      try session.execute(QualityStatement.addTwin, .integer(key.number), .integer(origin))
    }
  }

  /// Whether a trait makes no other keys: the one source that ever told it says the same again, as most logins do.
  private static func isOld(
    _ trait: Event.Trait, _ source: String, _ values: [[UInt8]: [TraitSet.Value]]
  ) -> Bool {
    guard TwinKey.traits.contains(trait.place.name) else { return true }
    guard let told = values[Array(trait.place.name.utf8)], told.count == 1 else { return false }
    return told[0].value == trait.value && told[0].source.utf8.elementsEqual(source.utf8)
  }

  private func traits(of origin: Origin.Number, _ session: any Session) throws -> [[UInt8]: [TraitSet.Value]] {
    var values: [[UInt8]: [TraitSet.Value]] = [:]
    try session.forEachRow(of: QualityStatement.traits, [.integer(origin)]) { row in
      values[row.bytes(0), default: []].append(
        TraitSet.Value(source: row.text(1), value: row.bytes(2), at: row.integer(3), messageID: row.text(4)))
      return true
    }
    return values
  }

  /// Writes what was wrong at these origins, whether or not it is mended, as the member `quality` of the person's
  /// export.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    var rows: [(code: String, subject: String, at: Int64, messageID: String)] = []
    for origin in Set(origins) {
      rows += try session.rows(of: QualityStatement.ofOrigin, .integer(origin)) { row in
        (row.text(0), row.text(1), row.integer(2), row.text(3))
      }
    }
    rows.sort { ($0.at, $0.code, $0.subject, $0.messageID) < ($1.at, $1.code, $1.subject, $1.messageID) }
    writer.key("quality")
    writer.array { writer in
      for row in rows {
        writer.object { writer in
          writer.field("code", row.code)
          writer.field("of", row.subject)
          writer.field("at", Instant(milliseconds: row.at).text)
          writer.field("messageId", row.messageID)
        }
      }
    }
  }

  /// Removes what stands at these origins.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {
    for origin in origins {
      try session.execute(QualityStatement.erase, .integer(origin))
      for key in TwinKey.keys(of: TraitSet(try traits(of: origin, session))) {
        try session.execute(QualityStatement.dropTwin, .integer(key.number), .integer(origin))
      }
    }
  }
}

extension [TraitSet.Value] {
  /// Takes what a source says, if it is newer than what that source said before, as `TraitFold` does.
  fileprivate mutating func take(_ value: TraitSet.Value) {
    guard let index = firstIndex(where: { $0.source.utf8.elementsEqual(value.source.utf8) }) else {
      return append(value)
    }
    if value.isNewer(than: self[index]) { self[index] = value }
  }
}
