package import Base
package import SQL

enum SourceQualityStatement: Int, StatementSet {
  case count, all, recent

  var sql: String {
    switch self {
    case .count:
      """
      INSERT INTO quality_source (source, code, count) VALUES (?1, ?2, 1)
      ON CONFLICT (source, code) DO UPDATE SET count = quality_source.count + 1
      """
    case .all: "SELECT source, code, count FROM quality_source ORDER BY source, code"
    case .recent:
      """
      SELECT source, count(*), sum(CASE WHEN origin IS NULL OR outcome LIKE '%"unusable":%' THEN 1 ELSE 0 END)
      FROM event WHERE sequence > ?1 AND kind IN (\(Self.sent)) GROUP BY source ORDER BY source
      """
    }
  }

  /// What sources send, and what agents type of traits.
  private static let sent = (Event.Kind.allCases.filter { $0.isSegments } + [.traits]).map { "'\($0.rawValue)'" }
    .joined(
      separator: ", ")
}

/// How many events of each source had a defect, for ever.
///
/// An event without a defect writes nothing. What an erased person's events were like still counts: it says nothing of
/// him.
package struct SourceQualityFold: View {
  package let name = "sources"
  package let version: Int64 = 1
  package let tables = [FoldTable("quality_source", key: ["source", "code"])]
  package var checks: [any Check] { [SourceQualityCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    for code in SourceQuality.defects(of: entry) {
      try session.execute(SourceQualityStatement.count, .text(entry.source), .text(code))
    }
  }

  /// Counts are no one person's.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {}
}

/// How good what one source sends is.
///
/// The score is the share of its events without a defect among the log's newest entries, in percent and rounded down,
/// so that a source that was mended has a good one soon. Defects are a telephone number or an address of mail by which
/// nobody can be reached, and an event all of whose identifiers are blocked.
package struct SourceQuality: Sendable {
  /// How many of the log's newest entries the score is of: they are read in some tens of milliseconds.
  package static let window: Int64 = 10_000

  /// The defects that are counted.
  package static let codes = [Quality.Code.invalidEmail.rawValue, Quality.Code.invalidPhone.rawValue, noIdentifier]
  static let noIdentifier = "no_identifier"

  package var source: String
  /// Its events among the newest entries, and how many of these have a defect.
  package var recent: (events: Int64, defective: Int64) = (0, 0)
  /// How many events had each defect, for ever.
  package var defects: [String: Int64] = [:]

  /// 0 to 100, or nil where none of the newest entries is its.
  package var score: Int64? {
    recent.events == 0 ? nil : (recent.events - recent.defective) * 100 / recent.events
  }

  /// What is wrong with one event.
  static func defects(of entry: LogEntry) -> [String] {
    let unusable = ContactTrait.allCases.filter { entry.outcome.unusable.contains($0.rawValue) }
    let isNobodys = entry.event.kind.isSegments && entry.outcome.origin == nil
    return (isNobodys ? [noIdentifier] : []) + unusable.map { $0.defect.rawValue }
  }

  /// Every source that sent one of the newest entries or ever had a defect, by name.
  package static func all(in session: any Session) throws -> [SourceQuality] {
    var sources: [String: SourceQuality] = [:]
    let end = try EventLog.last(in: session)
    try session.forEachRow(of: SourceQualityStatement.recent, [.integer(end - window)]) { row in
      sources[row.text(0), default: .init(source: row.text(0))].recent = (row.integer(1), row.integer(2))
      return true
    }
    try session.forEachRow(of: SourceQualityStatement.all, []) { row in
      sources[row.text(0), default: .init(source: row.text(0))].defects[row.text(1)] = row.integer(2)
      return true
    }
    return sources.values.sorted { $0.source < $1.source }
  }

  /// Writes it as the API shows it, as an object.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("source", source)
      writer.field("score", orNull: score)
      writer.key("recent")
      writer.object { writer in
        writer.field("events", recent.events)
        writer.field("defective", recent.defective)
      }
      writer.key("defects")
      writer.object { writer in for code in Self.codes { writer.field(code, defects[code] ?? 0) } }
    }
  }
}
