import Base
import Customers
import SQL

extension Administration {
  /// Marks the directory as one of practice data for ever, if it has no other.
  ///
  /// - Parameter town: whose histories are to be posted.
  /// - Returns: as JSON, when they end and whether they have been posted already.
  /// - Throws: `conflict` where it has events that were not made up.
  func beginPractice(_ town: String) throws -> String {
    let (end, isFilled) = try store.database.write { [clock = store.clock] session in
      (try Demo.beginPractice(now: clock.now, in: session), try Setting.isFilled(town, in: session))
    }
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("until", end.text)
      writer.field("filled", isFilled)
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Notes that all that happened in a town has been posted.
  func endPractice(_ town: String) throws -> String {
    try store.database.write { try Setting.markFilled(town, in: $0) }
    return ""
  }
}
