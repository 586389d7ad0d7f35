package import Base
package import SQL

/// A moment of the log: what had been recorded by then, and nothing later.
package struct AsOf: Sendable {
  /// How a reader names it.
  package enum Name: Sendable {
    /// By the place of the last entry that counts.
    case sequence(Int64)
    /// By a time: what was received until then counts.
    case time(Instant)

    /// The moment that `text` names: a place in the log from 1, or a time as in RFC 3339; nil where it is neither.
    package init?(_ text: String) {
      if let sequence = Int64(text), sequence > 0 {
        self = .sequence(sequence)
      } else if let time = Instant(text) {
        self = .time(time)
      } else {
        return nil
      }
    }
  }

  /// The last entry that counts; 0 for none.
  package let sequence: Int64
  package let time: Instant

  /// The moment of that name.
  ///
  /// - Throws: `invalid` where it has not come yet: the answer would not stay what it is.
  package init(_ name: Name, now: Instant, in session: any Session) throws {
    switch name {
    case .sequence(let sequence):
      guard sequence <= (try EventLog.last(in: session)), let time = try EventLog.received(sequence, in: session)
      else { throw Self.notYet("is beyond the log's end") }
      (self.sequence, self.time) = (sequence, time)
    case .time(let time):
      guard time <= now else { throw Self.notYet("is in the future") }
      (self.sequence, self.time) = (try Self.last(receivedBy: time, in: session), time)
    }
  }

  private static func notYet(_ reason: String) -> Failure {
    Failure(.invalid, "the query's asOf \(reason)", faults: [.init("/asOf", reason)])
  }

  /// The place up to which the log had come at that time.
  ///
  /// Of calls that came within a few milliseconds the later one may stand first in the log. So the steps of this search
  /// are the same however long the log is by now, and the same time always leads to the same place.
  private static func last(receivedBy time: Instant, in session: any Session) throws -> Int64 {
    let end = try EventLog.last(in: session)
    var place: Int64 = 0
    for bit in (0..<62).reversed() {
      let next = place + 1 << bit
      if next <= end, let received = try EventLog.received(next, in: session), received <= time { place = next }
    }
    return place
  }

  /// Writes it as the member `asOf` of an answer.
  package func write(to writer: inout JSONWriter) {
    writer.key("asOf")
    writer.object { writer in
      writer.field("sequence", sequence)
      writer.field("time", time.text)
    }
  }
}
