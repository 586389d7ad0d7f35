import Base
import Dispatch
package import SQL
import Synchronization

/// Counts reads by machines' keys, per key, customer and minute, and writes the counts every half a second, so that no
/// read waits for the writer.
///
/// A crash loses at most what was read in its last second; a read by a person is not counted here, but written before
/// it is answered.
package final class ReadCounter: Sendable {
  /// What is written for one key, customer and minute.
  struct Count: Sendable {
    var reader: Audit.Reader
    var subject: Audit.Subject
    var minute: Instant
    var reads: Int64
  }

  private struct Place: Hashable {
    var key: String
    var origin: Origin.Number
    var minute: Int64
  }

  private struct Waiting {
    var counts: [Place: Count] = [:]
    var isScheduled = false
  }

  /// Half of the second within which counts must be there; the other half is the commit's.
  private static let pause: DispatchTimeInterval = .milliseconds(500)
  /// As many counts may wait when the database takes none: a second of reads, 20 MB.
  private static let usualRoom = 100_000
  /// As many go into one transaction, so that nobody waits long behind them.
  private static let group = 1000
  /// About what the row of a count takes, with its places in the indexes.
  private static let rowWeight = 300
  private static let minute: Int64 = 60_000

  private let database: Database
  private let room: Int
  private let waiting = Mutex(Waiting())
  private let queue = DispatchQueue(label: "throughline.reads")

  /// - Parameter room: as many counts may wait to be written.
  package init(database: Database, room: Int = usualRoom) {
    self.database = database
    self.room = room
  }

  /// - Throws: `unavailable` where so many counts wait that a further read could not be counted.
  package func checkRoom() throws {
    guard waiting.withLock({ $0.counts.count < room }) else {
      throw Failure(
        .unavailable, "reads cannot be counted now", cause: "the counts of reads cannot be written",
        retryAfter: .seconds(1))
    }
  }

  /// Counts a read of these customers.
  package func count(_ read: Audit.Read, of subjects: [Audit.Subject]) {
    if subjects.isEmpty { return }
    let minute = (read.at.milliseconds / Self.minute) * Self.minute
    waiting.withLock { waiting in
      for subject in subjects {
        let place = Place(key: read.reader.id, origin: subject.origin, minute: minute)
        waiting.counts[
          place,
          default: Count(reader: read.reader, subject: subject, minute: Instant(milliseconds: minute), reads: 0)
        ].reads += 1
      }
      schedule(&waiting)
    }
  }

  private func schedule(_ waiting: inout Waiting) {
    if waiting.isScheduled { return }
    waiting.isScheduled = true
    queue.asyncAfter(deadline: .now() + Self.pause) { @Sendable [weak self] in self?.write() }
  }

  /// Writes what waits, then says so.
  private func write(then done: @escaping @Sendable () -> Void = {}) {
    let counts = waiting.withLock { waiting in
      defer { waiting = Waiting() }
      return waiting.counts.sorted { ($0.key.key, $0.key.origin) < ($1.key.key, $1.key.origin) }
    }
    let groups = stride(from: 0, to: counts.count, by: Self.group).map { start in
      Array(counts[start..<min(start + Self.group, counts.count)])
    }
    let written = DispatchGroup()
    for group in groups {
      written.enter()
      database.write(weight: group.count * Self.rowWeight) { session in
        for (_, count) in group { try Audit.add(count, in: session) }
      } then: { [self] (result: Result<Void, any Error>) in
        if case .failure = result { putBack(group) }
        written.leave()
      }
    }
    written.notify(queue: queue) { @Sendable in done() }
  }

  private func putBack(_ group: [(key: Place, value: Count)]) {
    waiting.withLock { waiting in
      for (place, count) in group {
        var count = count
        count.reads += waiting.counts[place]?.reads ?? 0
        waiting.counts[place] = count
      }
      schedule(&waiting)
    }
  }

  /// Writes what waits and comes back when it is durable, or cannot be written.
  package func flush() {
    let written = DispatchSemaphore(value: 0)
    write { written.signal() }
    written.wait()
  }
}
