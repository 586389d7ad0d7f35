package import Base
package import Customers
import SQL

/// A person's word that an entry of the work list of orders is dealt with: an event, which says why.
///
/// It changes nothing but the list: what has happened stays as it was decided.
package struct ConflictSettlement: Sendable {
  /// What the outcomes of entries have it under, and what such an event is called.
  package static let name = "settle"
  /// Why it is settled is a sentence or two.
  package static let longestReason = 1000

  /// The entry of the log that does not fit.
  package var conflict: Int64
  package var at: Instant
  /// Whose request it was.
  package var author: String
  /// What he wrote; none where it was erased.
  package var reason: String?

  /// The one that an entry of the log is.
  init?(_ entry: LogEntry) {
    guard let conflict = Self.conflict(in: entry.outcome) else { return nil }
    self.conflict = conflict
    (at, author) = (entry.event.at, entry.source)
    reason = (try? JSONDocument(entry.event.body).root)?["reason"]?.string
  }

  /// Which conflict an entry settles; nil for any other entry.
  static func conflict(in outcome: Outcome) -> Int64? {
    outcome.verdicts[name].flatMap { (try? JSONDocument($0).root)?["conflict"]?.integer }
  }

  /// The event of a request to settle a conflict.
  package static func event(_ conflict: Int64, reason: String, messageID: String, at: Instant) -> Event {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("conflict", conflict)
      writer.field("reason", reason)
    }
    return .request(.order, name: name, body: writer.bytes, messageID: messageID, at: at)
  }

  /// Decides that a conflict is settled, which was open.
  package static func settle(_ conflict: OrderConflict, into outcome: inout Outcome) {
    var writer = JSONWriter()
    writer.object { $0.field("conflict", conflict.sequence) }
    outcome.verdicts[name] = writer.bytes
  }

  /// Writes it as the API shows it.
  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("at", at.text)
      writer.field("by", author)
      writer.field("reason", orNull: reason)
    }
  }
}
