package import Base
import SQL

extension Timeline {
  /// An event as the API shows it, to whomever it belongs by the time it is read.
  package final class ShownEvent: Sendable {
    let sequence: Int64
    let at: Int64
    let kind: String
    let source: String
    let messageID: String
    /// The JSON of the event with an empty `customer`.
    private let text: [UInt8]
    /// Where in it the customer's id goes, between its quotes.
    private let customer: Int

    init(_ event: StoredEvent) throws {
      (sequence, at, kind) = (event.sequence, event.at, event.kind)
      (source, messageID) = (event.source, event.messageID)
      let body = try JSONDocument(event.body).root
      let outcome = try JSONDocument(event.outcome).root
      var writer = JSONWriter(capacity: event.body.count + Self.usualFields)
      var customer = 0
      writer.object { writer in
        writer.field("sequence", event.sequence)
        writer.field("messageId", event.messageID)
        writer.field("type", event.kind)
        writer.field(event.kind == Event.Kind.track.rawValue ? "event" : "name", ifPresent: event.name)
        writer.key("properties")
        if let properties = Timeline.properties(of: body, kind: event.kind) {
          writer.raw(properties)
        } else {
          writer.object { _ in }
        }
        writer.field("channel", event.channel)
        writer.field("source", event.source)
        writer.field("timestamp", Instant(milliseconds: event.at).text)
        writer.field("originalTimestamp", ifPresent: event.originalAt.map { Instant(milliseconds: $0).text })
        writer.field("sentAt", ifPresent: event.sentAt.map { Instant(milliseconds: $0).text })
        writer.field("receivedAt", Instant(milliseconds: event.receivedAt).text)
        writer.field("customer", "")
        customer = writer.bytes.count - 1
        writer.key("identifiers")
        if let identifiers = outcome["identifiers"] { writer.raw(identifiers) } else { writer.array { _ in } }
      }
      (text, self.customer) = (writer.bytes, customer)
    }

    /// About how many bytes an event has beside its body.
    private static let usualFields = 512

    /// How many bytes it is written with, without the customer's id.
    var size: Int { text.count }

    /// Writes it as an event of the customer of that id.
    package func write(ofCustomer id: String, to writer: inout JSONWriter) {
      writer.raw(text, with: id, at: customer)
    }
  }
}
