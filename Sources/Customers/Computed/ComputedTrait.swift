package import Base
import SQL

/// What is counted of a customer's events and shown among his traits: a document of the kind `computed-trait`.
///
/// ```json
/// {"name": "spent30d", "function": "sum", "event": "Order Completed", "property": "/properties/total", "days": 30}
/// {"name": "firstTouch", "function": "first", "type": "page", "property": "/context/campaign/source"}
/// {"name": "favourite", "function": "most_frequent", "event": "Order Completed", "property": "/properties/products/*/sku"}
/// ```
package struct ComputedTrait: Sendable {
  package enum Function: String, Sendable, CaseIterable {
    /// How many events there are.
    case count
    /// What their numbers come to, to the millionth.
    case sum
    /// The value that the newest event has.
    case last
    /// The value that the oldest event has: of a campaign, the first touch.
    case first
    /// The value that occurs most often; of several the one that came last.
    case mostFrequent = "most_frequent"
  }

  package static let documentKind = "computed-trait"
  /// Each is read whenever a profile is.
  package static let most = 50
  /// The longest window, in days: ten years.
  package static let longestWindow: Int64 = 3650
  /// An event's name, in characters.
  package static let longestEvent = 200
  /// A pointer into an event, in characters.
  package static let longestProperty = 200
  /// Values of one event that a `*` leads to: an order's lines.
  package static let mostValues = 100
  /// A value that is kept or counted is a word, a number or an id, in bytes of JSON.
  package static let longestValue = 256

  /// The trait's name.
  package let name: String
  let function: Function
  let kind: Event.Kind
  /// The name of the event or page; nil for any.
  let event: String?
  /// A JSON Pointer (RFC 6901) from the event's body, in which `*` stands for each element of a list.
  let property: String?
  /// How far back the window reaches, in days of 24 hours; nil for ever.
  let days: Int64?
  let isActive: Bool

  private static let fields: Set = ["name", "function", "type", "event", "property", "days", "active"]

  /// The definition that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(document: JSON) throws {
    var fields = try FieldReader(document, "a computed trait", known: Self.fields)
    let name = fields.given("name")?.string ?? ""
    fields.check(
      name.isPlainText(upTo: TraitEdit.longestName), "/name",
      "has not 1 to \(TraitEdit.longestName) characters, or control characters")
    let function = fields.given("function")?.string.flatMap(Function.init(rawValue:))
    fields.check(
      function != nil, "/function", "is none of \(Function.allCases.map { $0.rawValue }.joined(separator: ", "))")
    let kind = fields.given("type").map { $0.string.flatMap(Event.Kind.init(rawValue:)) } ?? .track
    fields.check(kind?.isSegments == true, "/type", "is no type of event that sources send")
    let event = fields.given("event")?.string
    fields.check(
      fields.given("event") == nil || event?.isPlainText(upTo: Self.longestEvent) == true, "/event",
      "has not 1 to \(Self.longestEvent) characters, or control characters")
    let property = fields.given("property")?.string
    fields.check(
      fields.given("property") == nil
        || property.map { $0.hasPrefix("/") && $0.isPlainText(upTo: Self.longestProperty) } == true,
      "/property", "is no JSON Pointer of at most \(Self.longestProperty) characters")
    if let function, fields.faults.isEmpty {
      fields.check(
        (function == .count) == (property == nil), "/property", "is for every function but count, and needed there")
    }
    let days = fields.given("days")?.integer
    fields.check(
      fields.given("days") == nil || days.map { (1...Self.longestWindow).contains($0) } == true, "/days",
      "is no whole number from 1 to \(Self.longestWindow)")
    isActive = fields.flag("active", usual: true)
    guard fields.faults.isEmpty, let function, let kind else {
      throw Failure(.invalid, "a computed trait is wrong", faults: fields.faults)
    }
    (self.name, self.function, self.kind, self.event) = (name, function, kind, event)
    (self.property, self.days) = (property, days)
  }

  /// The document that holds it.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("name", name)
      writer.field("function", function.rawValue)
      writer.field("type", kind.rawValue)
      writer.field("event", orNull: event)
      writer.field("property", orNull: property)
      writer.key("days")
      if let days { writer.value(days) } else { writer.null() }
      writer.field("active", isActive)
    }
    return writer.bytes
  }

  /// Whether events of that kind and name are counted; names are compared by their bytes, as in the tables.
  func counts(_ kind: String, _ name: String?) -> Bool {
    self.kind.rawValue == kind && (event == nil || event.map { Array($0.utf8) } == name.map { Array($0.utf8) })
  }

  /// The moment after which events count, at a moment.
  func start(at now: Instant) -> Int64 { days.map { now.milliseconds - $0 * ComputedCell.day } ?? .min }

  // MARK: What an event adds

  /// What one event adds, by the value that is counted, or under an empty one.
  func cells(
    at: Int64, source: [UInt8], messageID: [UInt8], body: [UInt8], envelope: [UInt8]?
  ) throws -> [[UInt8]: ComputedCell] {
    if function == .count { return [[]: ComputedCell(count: 1, at: at)] }
    let values = try self.values(body, envelope)
    switch function {
    case .count: return [:]
    case .sum:
      let amounts = values.compactMap { $0.number.flatMap { ComputedCell.amount($0) } }
      if amounts.isEmpty { return [:] }
      var cell = ComputedCell(count: 1, at: at)
      for amount in amounts { cell.micros += amount }
      return [[]: cell]
    case .first, .last:
      guard let value = values.first else { return [:] }
      return [
        []: ComputedCell(
          count: 1, at: at, source: source, messageID: messageID, payload: value.canonical(keepsNumbers: true))
      ]
    case .mostFrequent:
      var cells: [[UInt8]: ComputedCell] = [:]
      for value in values {
        cells[value.canonical(keepsNumbers: true), default: ComputedCell(count: 0, at: at)].count += 1
      }
      return cells
    }
  }

  /// The values to which the pointer leads; what holds for a whole batch stands in the envelope.
  private func values(_ body: [UInt8], _ envelope: [UInt8]?) throws -> [JSON] {
    let found = try Self.values(property ?? "", in: JSONDocument(body).root)
    if !found.isEmpty { return found }
    return try envelope.map { try Self.values(property ?? "", in: JSONDocument($0).root) } ?? []
  }

  private static func values(_ pointer: String, in root: JSON) -> [JSON] {
    var values = [root]
    for token in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      if token == "*" {
        values = Array(values.flatMap { $0.elements.prefix(mostValues) }.prefix(mostValues))
      } else {
        let name = token.replacing("~1", with: "/").replacing("~0", with: "~")
        values = values.compactMap { $0.member(String(name)) }
      }
    }
    return values.filter { value in
      [.string, .number, .boolean].contains(value.kind) && value.range.count <= longestValue
    }
  }
}

extension ComputedTrait {
  /// A definition in force, with its version.
  struct InForce {
    let trait: ComputedTrait
    let version: Int64
  }

  /// The definitions in force, by name.
  static func all(in session: any Session) throws -> [InForce] {
    try read(DocumentStore.list(documentKind, in: session))
  }

  /// The definitions that were in force at a moment of the log.
  static func all(asOf moment: AsOf, in session: any Session) throws -> [InForce] {
    try read(DocumentStore.list(documentKind, upTo: moment.sequence, in: session))
  }

  private static func read(_ documents: [Document]) throws -> [InForce] {
    try documents.map { document in
      InForce(trait: try ComputedTrait(document: JSONDocument(document.body).root), version: document.version)
    }.filter { $0.trait.isActive }
  }
}
