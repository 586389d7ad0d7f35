package import Base
import Dispatch
package import SQL
import Synchronization

enum NumberingStatement: Int, StatementSet {
  case phones

  var sql: String {
    switch self {
    case .phones:
      """
      SELECT number, value FROM origin WHERE number > ?1 AND number <= ?2 AND type = 'phone' AND standing = 0
      ORDER BY number
      """
    }
  }
}

/// Looks through the telephone numbers that were proved, where this program's numbering plans are not those that it was
/// done by last, and opens a review of each that the plans have otherwise now.
///
/// A number stays what it is, and stays whose it is: it was read when its event was decided. Only a person can know
/// whether it was given to somebody else. It is done page by page in the background; what was interrupted is begun anew
/// at the next start, and no number has two reviews.
package final class NumberingRunner: Sendable {
  /// So many places are looked at in one read: some milliseconds.
  static let step: Int64 = 10_000
  /// The reason of its reviews.
  package static let reason = "numbering"
  /// The source of its events.
  static let author = "numbering"
  /// What a number became names the person who has that now, who is as likely another one.
  private static let score: Int64 = 50

  private let database: Database
  private let intake: Intake
  private let table: NumberingTable
  private let clock: any Clock
  private let log: Log?
  private let queue = DispatchQueue(label: "throughline.numbering", qos: .utility)
  private let isStopping = Atomic<Bool>(false)

  package init(
    database: Database, intake: Intake, table: NumberingTable = .current, clock: any Clock, log: Log? = nil
  ) {
    (self.database, self.intake, self.table) = (database, intake, table)
    (self.clock, self.log) = (clock, log)
  }

  /// Begins in the background, where there is something to do.
  package func start() {
    queue.async { @Sendable [self] in
      do {
        try finish()
      } catch {
        log?.write(.error, "telephone numbers cannot be looked through", ["cause": "\(error)"])
      }
    }
  }

  /// Ends after the step in hand.
  package func stop() {
    isStopping.store(true, ordering: .relaxed)
    queue.sync {}
  }

  /// Does all that there is to do, unless it is stopped.
  func finish() throws {
    let (known, last) = try database.read { session in
      (try Setting.numbering(in: session), try session.first(of: OriginStatement.last) { $0.integer(0) } ?? 0)
    }
    if known == table.version { return }
    var opened = 0
    for place in stride(from: 0, to: last, by: Int64.Stride(Self.step)) {
      if isStopping.load(ordering: .relaxed) { return }
      let changed = try database.read { [table] session in
        try session.rows(of: NumberingStatement.phones, .integer(place), .integer(place + Self.step)) {
          (origin: $0.integer(0), value: $0.text(1))
        }.filter { $0.value.hasPrefix("+") && table.read($0.value) != $0.value }.map { $0.origin }
      }
      for origin in changed {
        if try database.write({ [self] in try review(origin, in: $0) }) { opened += 1 }
      }
    }
    try database.write { [table] in try Setting.keep(numbering: table.version, in: $0) }
    if opened > 0 { log?.write(.info, "reviews of telephone numbers opened", ["count": "\(opened)"]) }
  }

  /// Opens the review of a number, unless there is or was one.
  ///
  /// - Returns: whether it was opened.
  private func review(_ origin: Origin.Number, in session: any Session) throws -> Bool {
    let place = try OriginStore.origin(origin, in: session)
    guard !place.identifier.isErased else { return false }
    let successor = try table.read(place.identifier.value).flatMap {
      try OriginStore.find(Identifier(recorded: .phone, $0), .own, in: session)?.origin
    }
    let pair = Outcome.Pair(first: min(origin, successor ?? origin), second: max(origin, successor ?? origin))
    guard
      try session.first(of: ReviewStatement.find, .integer(pair.first), .integer(pair.second), map: { _ in true })
        == nil
    else { return false }
    var writer = JSONWriter(capacity: 32)
    writer.object { $0.field("version", table.version) }
    let event = Event.request(
      .numbering, name: nil, body: writer.bytes, messageID: intake.tokens.next("num_"), at: clock.now)
    _ = try intake.record(event, at: origin, author: Self.author, in: session) { outcome in
      outcome.reviews.append(
        Outcome.Review(
          id: intake.tokens.next("rev_"), pair: pair, reason: Self.reason, score: successor == nil ? 0 : Self.score))
    }
    return true
  }
}
