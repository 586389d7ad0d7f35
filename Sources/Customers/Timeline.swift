package import Base
import SQL

/// A customer's events over all channels, newest first by the time they happened.
///
/// Of one moment the event of the greater source and message goes first (as bytes), so that the order does not depend
/// on the order of arrival. Resume states, which a player saves every few seconds, are shown to who asks for their type.
package enum Timeline {
  /// Where a page ends and the next one begins: after an event, named by its time and its place in the log.
  package struct Cursor: Sendable {
    package var at: Int64
    package var sequence: Int64

    /// Before everything: the newest page.
    package static let newest = Cursor(at: .max, sequence: .max)

    /// After every event of that moment.
    static func after(_ at: Int64) -> Cursor { Cursor(at: at, sequence: 0) }

    package init(at: Int64, sequence: Int64) {
      self.at = at
      self.sequence = sequence
    }

    /// The cursor that a former page answered, or nil where `text` is none.
    package init?(_ text: String) {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, let at = Int64(parts[0], radix: 36), let sequence = Int64(parts[1], radix: 36)
      else { return nil }
      self.init(at: at, sequence: sequence)
    }

    /// The cursor as it stands in a URL; opaque to callers.
    package var text: String { "\(String(at, radix: 36)).\(String(sequence, radix: 36))" }
  }

  /// What is asked of a timeline, beside its page.
  package struct Filter: Sendable {
    package var channel: String?
    package var kind: String?
    package var event: String?
    package var phrase: Phrase?
    package var from: Instant?
    package var to: Instant?
    /// The newest place in the log that is looked at; what was recorded later is left out.
    package var upTo = Int64.max
    /// Whether the customer himself asks: then what was decided about him and others is left out.
    package var isOwn = false

    package init() {}

    /// Whether the row of an event must be read to know that it matches; else its kind says so.
    var asksRows: Bool { channel != nil || kind != nil || event != nil || phrase != nil }

    /// Whether an event is shown where no row is asked.
    func shows(_ event: ShownEvent) -> Bool {
      switch Event.Kind(rawValue: event.kind) {
      case .state: false
      case .merge, .undo, .review: !isOwn
      default: true
      }
    }
  }

  /// Events in their order, and where the next page begins.
  package struct Page: Sendable {
    package var events: [ShownEvent] = []
    /// None at the end.
    ///
    /// A page may have fewer events than were asked for, or none, and a next one all the same: then the work of one
    /// page has found no more.
    package var next: Cursor?
  }

  /// An event as the tables have it.
  package struct StoredEvent: Sendable {
    var sequence: Int64
    var at: Int64
    var kind: String
    var name: String?
    var source: String
    var channel: String
    var messageID: String
    var originalAt: Int64?
    var sentAt: Int64?
    var receivedAt: Int64
    var body: [UInt8]
    var outcome: [UInt8]

    /// - Parameter row: one of `TimelineStatement.step`.
    init(_ row: any Row) {
      sequence = row.integer(0)
      at = row.integer(1)
      kind = row.text(3)
      name = row.optionalText(4)
      source = row.text(5)
      channel = row.text(6)
      messageID = row.text(7)
      originalAt = row.optionalInteger(8)
      sentAt = row.optionalInteger(9)
      receivedAt = row.integer(10)
      body = row.bytes(11)
      outcome = row.bytes(12)
    }
  }

  /// What an event says beside its name.
  ///
  /// RudderStack's SDKs put the traits of an identify into the context, and null is sent for what is missing. A request's
  /// body has nothing else.
  static func properties(of body: JSON, kind: String) -> JSON? {
    if Event.Kind(rawValue: kind)?.isSegments == false { return body }
    let inContext = kind == Event.Kind.identify.rawValue ? body["context"]?["traits"] : nil
    return [body["properties"], body["traits"], inContext].compactMap { $0 }.first { $0.kind == .object }
  }
}
