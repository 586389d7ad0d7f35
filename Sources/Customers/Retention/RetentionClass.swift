package import Base
import SQL

/// How long events of one kind are kept as they came: a document of the kind `retention`.
///
/// ```json
/// {"name": "pages", "type": "page", "days": 90}
/// {"name": "views", "type": "track", "event": "Product Viewed", "days": 365}
/// ```
package struct RetentionClass: Sendable {
  package static let documentKind = "retention"
  /// Each is gone through once a day.
  package static let most = 50
  /// What was refused beside an event is kept for 30 days, and until then the event is what it is compared with.
  package static let shortest: Int64 = 30
  /// In days: ten years.
  package static let longest: Int64 = 3650
  /// An event's name, in characters.
  package static let longestEvent = ComputedTrait.longestEvent
  /// What views look for in the log itself: these are kept as they came.
  static let kept = SearchedFields.orderEvents.union([MailEvent.bounced] + MailEvent.reached)

  private static let kinds: [Event.Kind] = [.page, .screen, .track]
  private static let fields: Set = ["name", "type", "event", "days", "active"]

  package let name: String
  let kind: Event.Kind
  /// The name of the event or page; nil for any.
  let event: String?
  /// After how many days of 24 hours an event is old.
  let days: Int64
  let isActive: Bool

  /// The class that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(document: JSON) throws {
    var fields = try FieldReader(document, "a class of events", known: Self.fields)
    let name = fields.given("name")?.string ?? ""
    fields.check(Source.isName(name), "/name", "has not 1 to \(Source.longestName) of a-z, 0-9, '-', '_', '.'")
    let kind = fields.given("type")?.string.flatMap(Event.Kind.init(rawValue:)).flatMap {
      Self.kinds.contains($0) ? $0 : nil
    }
    fields.check(kind != nil, "/type", "is none of \(Self.kinds.map { $0.rawValue }.joined(separator: ", "))")
    let event = fields.given("event")?.string
    fields.check(
      fields.given("event") == nil || event?.isPlainText(upTo: Self.longestEvent) == true, "/event",
      "has not 1 to \(Self.longestEvent) characters, or control characters")
    fields.check(
      kind != .track || event.map { !Self.kept.contains($0) } ?? true, "/event", "is looked for, and always kept")
    let days = fields.given("days")?.integer
    fields.check(
      days.map { (Self.shortest...Self.longest).contains($0) } == true, "/days",
      "is no whole number from \(Self.shortest) to \(Self.longest)")
    isActive = fields.flag("active", usual: true)
    guard fields.faults.isEmpty, let kind, let days else {
      throw Failure(.invalid, "a class of events is wrong", faults: fields.faults)
    }
    (self.name, self.kind, self.event, self.days) = (name, kind, event, days)
  }

  /// The document that holds it.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("name", name)
      writer.field("type", kind.rawValue)
      writer.field("event", orNull: event)
      writer.field("days", days)
      writer.field("active", isActive)
    }
    return writer.bytes
  }

  /// The source of its summaries and of what is told of its runs; no source's name has a colon.
  var source: String { Self.source(name) }

  static func source(_ name: String) -> String { "\(documentKind):\(name)" }

  /// What happened before is old.
  func end(at now: Instant) -> Instant { now - .seconds(days * 86_400) }

  /// Whether an event is one of the class and happened before `end`.
  func covers(_ event: Event, before end: Instant) -> Bool {
    event.kind == kind && event.at < end
      && (self.event == nil || event.name.map { $0.utf8.elementsEqual(self.event?.utf8 ?? "".utf8) } == true)
  }

  /// Whether what a computed trait comes to stays the same when old events of the class become summaries.
  ///
  /// A summary has the count of each day; so a count for ever may read it. A window that is no longer than the class's
  /// days never reaches back to one. Every other trait reads the events themselves.
  func permits(_ trait: ComputedTrait) -> Bool {
    if trait.kind != kind { return true }
    if let event, let other = trait.event, !event.utf8.elementsEqual(other.utf8) { return true }
    return trait.days.map { $0 <= days } ?? (trait.function == .count)
  }
}

extension RetentionClass {
  /// The class of that name as its newest document has it, where it is active.
  static func active(_ name: String, in session: any Session) throws -> RetentionClass? {
    guard let document = try DocumentStore.find(documentKind, name, in: session) else { return nil }
    let rule = try RetentionClass(document: JSONDocument(document.body).root)
    return rule.isActive ? rule : nil
  }
}
