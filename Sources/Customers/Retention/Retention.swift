import Base
import SQL

enum RetentionStatement: Int, StatementSet {
  case candidates, conflicts, summaries, remove

  var sql: String {
    switch self {
    case .candidates:
      """
      SELECT origin, at, sequence FROM event
      WHERE (origin, at, sequence) > (?1, ?2, ?3) AND at < ?4 AND sequence <= ?5 AND kind = ?6
        AND (name = ?7 OR ?7 IS NULL)
      ORDER BY origin, at, sequence LIMIT ?8
      """
    case .conflicts: "SELECT conflicts_with FROM dead_letter WHERE conflicts_with IS NOT NULL"
    case .summaries: "SELECT sequence, source FROM event WHERE origin = ?1 AND kind = 'summary' ORDER BY sequence DESC"
    case .remove: "DELETE FROM event WHERE sequence = ?1"
    }
  }
}

/// Makes old events of a class into summaries, one for each origin.
///
/// An event may go where nothing hangs on it but its body: no fold has anything of it, nothing was decided by it but
/// where it stands, nobody is comparing it with what came under its id. The summary takes the place in the log of the
/// newest of its events, and what the log keeps of each (`SummedEvent`) says whose places are empty and which messages
/// have counted. So the same message is still a duplicate and another one under its id a conflict, a replay starts from
/// the summaries, and what computed traits come to stays what it was: a class over which one is computed that reads the
/// events themselves is left alone. What an active webhook has not told yet waits for it.
package struct Retention: Sendable {
  /// So many events one transaction looks at, so that other writes need not wait for a long one.
  package static let step = 1000

  /// Some old events of a class.
  struct Page {
    var sequences: [Int64]
    /// The receipt after those that stay.
    var receipt: RetentionReceipt
  }

  /// How a class stands at a moment.
  private struct Standing {
    var rule: RetentionClass
    var end: Instant
    /// Computed traits that read the events themselves.
    var forbiddenBy: [String]
    /// Up to here every computed trait has counted the events, and every active webhook has told of them.
    var settled: Int64
  }

  private let intake: Intake
  private let messages: MessageFold

  package init(intake: Intake, messages: MessageFold) {
    self.intake = intake
    self.messages = messages
  }

  /// The class of that name as it is now; nil where it is none, or not active.
  private func standing(_ name: String, asked: Instant, _ session: any Session) throws -> Standing? {
    guard let rule = try RetentionClass.active(name, in: session) else { return nil }
    let definitions = try ComputedTrait.all(in: session)
    let counted = try definitions.map { try ComputedStore.progress(of: $0, in: session) }
    let told = try WebhookStore.all(in: session).filter { $0.webhook.isActive && !$0.webhook.isDeleted }
      .compactMap { try WebhookStore.cursor(of: $0.webhook.name, in: session) }.map { $0.place.sequence - 1 }
    return Standing(
      rule: rule, end: rule.end(at: asked),
      forbiddenBy: definitions.filter { !rule.permits($0.trait) }.map { $0.trait.name },
      settled: try (counted + told).min() ?? EventLog.last(in: session))
  }

  // MARK: Which

  /// The next old events that may go, after the place of a receipt.
  ///
  /// - Parameter asked: when the run was asked for: what is old by then goes.
  /// - Returns: nil where no old event of the class is left, or it is left alone.
  func page(_ name: String, asked: Instant, after receipt: RetentionReceipt, in session: any Session) throws -> Page? {
    guard let standing = try standing(name, asked: asked, session), standing.forbiddenBy.isEmpty else { return nil }
    let place = receipt.place
    let found = try session.rows(
      of: RetentionStatement.candidates, .integer(place.origin), .integer(place.at), .integer(place.sequence),
      .integer(standing.end.milliseconds), .integer(standing.settled), .text(standing.rule.kind.rawValue),
      .text(standing.rule.event), .integer(Int64(Self.step))
    ) { RetentionReceipt.Place(origin: $0.integer(0), at: $0.integer(1), sequence: $0.integer(2)) }
    guard let last = found.last else { return nil }
    let entries = try summable(found.map { $0.sequence }, standing, session)
    var receipt = receipt
    receipt.place = last
    receipt.kept += Int64(found.count - entries.count)
    return Page(sequences: entries.map { $0.sequence }, receipt: receipt)
  }

  private func summable(_ sequences: [Int64], _ standing: Standing, _ session: any Session) throws -> [LogEntry] {
    let conflicts = Set(try session.rows(of: RetentionStatement.conflicts) { $0.integer(0) })
    return try sequences.compactMap { sequence in
      guard let entry = try EventLog.entry(sequence, in: session),
        standing.rule.covers(entry.event, before: standing.end),
        entry.outcome.isBare, !conflicts.contains(sequence), sequence <= standing.settled,
        !intake.folds.contains(where: { $0.reads(entry.event) })
      else { return nil }
      return entry
    }
  }

  // MARK: The act

  /// Makes the events of a page into summaries, if they are still there and may still go.
  ///
  /// - Returns: the receipt after it.
  func sumUp(_ page: Page, _ name: String, asked: Instant, in session: any Session) throws -> RetentionReceipt {
    var receipt = page.receipt
    guard let standing = try standing(name, asked: asked, session), standing.forbiddenBy.isEmpty else { return receipt }
    let entries = try summable(page.sequences, standing, session)
    for (origin, entries) in Dictionary(grouping: entries, by: { $0.outcome.origin ?? 0 }).sorted(by: {
      $0.key < $1.key
    }) {
      try sumUp(entries, at: origin, standing.rule, session)
      if receipt.lastOrigin != origin { receipt.origins += 1 }
      receipt.lastOrigin = origin
    }
    receipt.events += Int64(entries.count)
    receipt.bytes += entries.reduce(0) { $0 + Int64($1.event.body.count + ($1.event.envelope?.count ?? 0)) }
    return receipt
  }

  private func sumUp(
    _ entries: [LogEntry], at origin: Origin.Number, _ rule: RetentionClass, _ session: any Session
  ) throws {
    guard var summary = EventSummary(of: entries.map { $0.event }) else { return }
    var gone = entries
    let earlier = try self.summary(of: rule, at: origin, session)
    if let earlier, var merged = EventSummary(body: earlier.event.body), merged.type == summary.type {
      merged.merge(summary)
      if merged.size <= EventSummary.mostCounts, merged.body.count <= EventSummary.mostBytes {
        summary = merged
        gone.append(earlier)
      }
    }
    for entry in gone {
      if entry.event.kind != .summary {
        let key = messages.key(entry.source, entry.event.messageID)
        try SummedEvent(
          sequence: entry.sequence, origin: origin, key: key, result: entry.outcome.result,
          said: messages.digest(entry.event)
        ).keep(in: session)
      }
      try EventLog.remove(entry.sequence, in: session)
    }
    let same = gone.last { $0.event.kind == .summary }
    var event = Event.request(
      .summary, name: rule.name, body: summary.body, messageID: same?.event.messageID ?? intake.tokens.next("sum_"),
      at: Instant(milliseconds: summary.last))
    event.receivedAt = gone.map { $0.event.receivedAt }.max() ?? event.at
    var outcome = Outcome(.matched, origin: origin)
    outcome.summed = summary.count
    let sequence = gone.map { $0.sequence }.max() ?? 0
    try EventLog.put(
      LogEntry(
        sequence: sequence, source: rule.source, channel: Intake.requestChannel, event: event, outcome: outcome),
      in: session)
    try messages.move(rule.source, event.messageID, to: sequence, in: session)
    var days = ComputedDays()
    for entry in entries { days.insert(entry) }
    try ComputedStore.recount(days, in: session)
  }

  /// The newest summary of a class at an origin.
  private func summary(
    of rule: RetentionClass, at origin: Origin.Number, _ session: any Session
  ) throws -> LogEntry? {
    try session.rows(of: RetentionStatement.summaries, .integer(origin)) { ($0.integer(0), $0.text(1)) }
      .first { $0.1 == rule.source }.flatMap { try EventLog.entry($0.0, in: session) }
  }

  // MARK: The end

  /// Tells in the log what a run has done.
  ///
  /// - Returns: the receipt with its place.
  func record(
    _ receipt: RetentionReceipt, of name: String, job: String, at now: Instant, in session: any Session
  ) throws -> RetentionReceipt {
    var receipt = receipt
    receipt.forbiddenBy = try standing(name, asked: now, session)?.forbiddenBy ?? []
    var writer = JSONWriter()
    writer.object { receipt.write(to: &$0) }
    let event = Event.request(.retention, name: name, body: writer.bytes, messageID: job, at: now)
    let answer = try intake.record(event, at: nil, author: RetentionClass.source(name), in: session)
    receipt.sequence = answer.sequence
    return receipt
  }
}

extension Outcome {
  /// Whether it says nothing but where the event stands and what its identifiers are.
  fileprivate var isBare: Bool {
    if result == .erased { return false }
    var bare = Outcome(result, origin: origin)
    (bare.rulings, bare.sourceVersion) = (rulings, sourceVersion)
    return origin != nil && bare.json == json
  }
}
