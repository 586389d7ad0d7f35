package import Base
import Dispatch
package import SQL
import Synchronization

/// Puts the newest messages into the index of all of them, in its order, when there are many (`RecentMessages`).
///
/// The steps are short, and others write between them. A message leaves the newest only when the index has it durably, so
/// whatever ends the program takes none away.
package final class MessageSweeper: Sendable {
  /// How many make a sweep worth it: with them a page of the index takes three even where it has ten million, and what
  /// the writer remembers of them is some six megabytes.
  package static let most = 131_072
  /// Messages that one step puts into the index: a millisecond of work.
  static let step = 512
  /// Messages that one step takes from the newest, which are side by side.
  static let removed = 4096

  private let database: Database
  private let most: Int64
  private let log: Log?
  private let queue = DispatchQueue(label: "throughline.messages", qos: .utility)
  private let isStopping = Atomic<Bool>(false)
  /// The place in the log from which on the newest are too many; the greatest one during a sweep.
  private let due = Atomic<Int64>(0)

  package init(database: Database, most: Int = MessageSweeper.most, log: Log? = nil) {
    (self.database, self.most, self.log) = (database, Int64(most), log)
  }

  /// Is told how long the log has become; it returns at once.
  package func logGrew(to sequence: Int64) {
    let place = due.load(ordering: .relaxed)
    guard sequence >= place, !isStopping.load(ordering: .relaxed),
      due.compareExchange(expected: place, desired: .max, ordering: .relaxed).exchanged
    else { return }
    queue.async { @Sendable [self] in
      do {
        let first = try database.read { try $0.first(of: RecentMessageStatement.first) { $0.integer(0) } ?? sequence }
        if sequence - first >= most { try sweep() }
        due.store(sequence + most, ordering: .relaxed)
      } catch {
        // A full disk or a full queue: later is as good.
        log?.write(.warning, "the index of messages waits", ["cause": "\(error)"])
        due.store(sequence + most, ordering: .relaxed)
      }
    }
  }

  /// Ends after the step in hand; the next start goes on.
  package func stop() {
    isStopping.store(true, ordering: .relaxed)
    finish()
  }

  /// Waits until nothing of what it was told is left to do.
  func finish() { queue.sync {} }

  /// Puts all that has been recorded so far into the index.
  func sweep() throws {
    let last = try putAside()
    guard var places = try index(upTo: last) else { return }
    places.sort()
    for start in stride(from: 0, to: places.count, by: Self.removed) {
      if isStopping.load(ordering: .relaxed) { return }
      let end = places[min(start + Self.removed, places.count) - 1]
      try database.write { _ = try $0.execute(RecentMessageStatement.removeUpTo, .integer(end)) }
      CrashPoint.pass("messages.removed")
    }
    try database.write { try RecentMessages.of($0)?.forget() }
  }

  /// What is put into the index: the newest up to the place that this answers.
  func putAside() throws -> Int64 {
    try database.write { session in
      try RecentMessages.of(session)?.putAside()
      return try session.first(of: RecentMessageStatement.last) { $0.integer(0) } ?? 0
    }
  }

  /// Puts the newest up to a place into the index.
  ///
  /// - Returns: their places, or nil where it was stopped before the end.
  func index(upTo last: Int64) throws -> [Int64]? {
    let places = try database.read { session in
      try session.rows(of: RecentMessageStatement.byKey, .integer(last)) { $0.integer(0) }
    }
    for start in stride(from: 0, to: places.count, by: Self.step) {
      if isStopping.load(ordering: .relaxed) { return nil }
      let step = Array(places[start..<min(start + Self.step, places.count)])
      try database.write { session in
        for place in step { try session.execute(RecentMessageStatement.sweep, .integer(place)) }
      }
      CrashPoint.pass("messages.indexed")
    }
    return places
  }
}
