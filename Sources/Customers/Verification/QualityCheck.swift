import Base
import SQL

/// What is said to be wrong at each origin is what the newest event with that defect says, and the keys by which doubles
/// are found are those of what is known there now.
struct QualityCheck: Check {
  let name = "quality"

  private struct Place: Hashable {
    var origin: Int64
    var code: String
    // Texts are bytes, as in the tables.
    var subject: [UInt8]
  }

  private struct Newest: Equatable {
    var at: Int64
    var messageID: [UInt8]
  }

  func run(in session: any Session, _ report: (String) -> Void) throws {
    try checkDefects(session, report)
    try checkTwins(session, report)
  }

  private func checkDefects(_ session: any Session, _ report: (String) -> Void) throws {
    var expected: [Place: Newest] = [:]
    // In the order in which the newest comes last.
    try session.forEachRow(
      ofText: """
        SELECT origin, source, at, message_id, name, body, envelope, outcome FROM event
        WHERE origin IS NOT NULL AND outcome NOT LIKE '{"result":"erased"%'
          AND (outcome LIKE '%"unusable":%' OR (kind = 'track' AND name = 'Email Bounced'))
        ORDER BY at, message_id
        """, []
    ) { event in
      let (body, outcome) = (try? JSONDocument(event.bytes(5)).root, try? JSONDocument(event.bytes(7)).root)
      let envelope = event.optionalBytes(6).flatMap { try? JSONDocument($0).root }
      let newest = Newest(at: event.integer(2), messageID: event.bytes(3))
      func expect(_ code: String, _ subject: [UInt8]) {
        expected[Place(origin: event.integer(0), code: code, subject: subject)] = newest
      }
      let told = outcome?["traits"]?.members.flatMap { group in
        group.value.elements.map { $0.string ?? $0.elements.compactMap { $0.string }.last ?? "" }
      }
      for trait in outcome?["unusable"]?.elements.compactMap({ $0.string }) ?? [] where told?.contains(trait) == true {
        expect("invalid_\(trait)", event.bytes(1))
      }
      if event.text(4) == "Email Bounced" {
        let addresses = [
          body?.value(at: "/context/traits/email"), body?.value(at: "/properties/email"),
          envelope?.value(at: "/context/traits/email"),
        ].compactMap { $0?.string.flatMap { Identifier(.email, $0)?.value } }
        let isTakenOut = addresses.isEmpty && outcome?["redacted"]?.bool == true
        if !isTakenOut { expect("bounced_address", Array((addresses.first ?? "").utf8)) }
      }
      return true
    }
    var rows = 0
    try session.forEachRow(ofText: "SELECT origin, code, subject, at, message_id FROM quality_defect", []) { row in
      rows += 1
      let place = Place(origin: row.integer(0), code: row.text(1), subject: row.bytes(2))
      if expected[place] != Newest(at: row.integer(3), messageID: row.bytes(4)) {
        report("a defect at origin \(row.integer(0)) is not what the log says of it")
      }
      return true
    }
    if rows != expected.count { report("\(rows) defects, the log has \(expected.count)") }
  }

  /// The keys are made by the same rule as in the fold; of which values is gathered anew from the log.
  private func checkTwins(_ session: any Session, _ report: (String) -> Void) throws {
    var values: [Int64: [[UInt8]: [TraitSet.Value]]] = [:]
    // What cannot be read is for the check of the traits to tell.
    for (key, value) in try NewestTraits.gather(in: session, { _ in })
    where TwinKey.traits.contains(String(decoding: key.name, as: UTF8.self)) {
      values[key.origin, default: [:]][key.name, default: []].append(
        TraitSet.Value(
          source: String(decoding: key.source, as: UTF8.self), value: value.value, at: value.at,
          messageID: String(decoding: value.messageID, as: UTF8.self)))
    }
    var expected: Set<[Int64]> = []
    for (origin, traits) in values {
      for key in TwinKey.keys(of: TraitSet(traits)) { expected.insert([key.number, origin]) }
    }
    var rows = 0
    try session.forEachRow(ofText: "SELECT key, origin FROM quality_twin", []) { row in
      rows += 1
      if !expected.contains([row.integer(0), row.integer(1)]) {
        report("origin \(row.integer(1)) has a name and sign that it has not")
      }
      return true
    }
    if rows != expected.count { report("\(rows) names with a sign, the log has \(expected.count)") }
  }
}

/// As many events of each source are counted for each defect as the log has.
struct SourceQualityCheck: Check {
  let name = "sources"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var expected: [[String]: Int64] = [:]
    try session.forEachRow(
      ofText: """
        SELECT source, kind, outcome FROM event
        WHERE outcome NOT LIKE '%"origin":%' OR outcome LIKE '%"unusable":%'
        """, []
    ) { event in
      // What cannot be read is for the check of the log to tell.
      guard let outcome = try? JSONDocument(event.bytes(2)).root else { return true }
      for trait in outcome["unusable"]?.elements.compactMap({ $0.string }) ?? [] {
        expected[[event.text(0), "invalid_\(trait)"], default: 0] += 1
      }
      let isSent = ["identify", "track", "page", "screen", "group", "alias"].contains(event.text(1))
      if isSent, outcome["origin"] == nil { expected[[event.text(0), "no_identifier"], default: 0] += 1 }
      return true
    }
    var rows = 0
    try session.forEachRow(ofText: "SELECT source, code, count FROM quality_source", []) { row in
      rows += 1
      if expected[[row.text(0), row.text(1)]] != row.integer(2) {
        report("\(row.text(0)) has another number of \(row.text(1)) than the log")
      }
      return true
    }
    if rows != expected.count { report("\(rows) counts of sources, the log has \(expected.count)") }
  }
}
