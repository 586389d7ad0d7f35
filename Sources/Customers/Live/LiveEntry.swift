import Base
import SQL

/// What of an entry of the log is told to open screens: where it is, of which kind, and whom it is about.
///
/// It carries ids and the shop's own words (names of events, pages and sources), and nothing that the entry says.
package struct LiveEntry: Sendable {
  package var sequence: Int64
  /// The entry as JSON, an object on one line.
  package var json: [UInt8]
  /// The leading origins of the customers whom it is about, as they are now; two for an undo.
  package var about: Set<Origin.Number>

  /// How much of a name is told, in Unicode scalars: a screen shows no more, and the timeline has it whole.
  package static let longestName = 300
  /// What the kinds of Segment are called together.
  private static let event = "event"

  /// - Parameter row: one of `LiveStatement.entries`.
  init(_ row: any Row, in session: any Session) throws {
    let sequence = row.integer(0)
    let type = row.text(2)
    let outcome = row.bytes(6)
    let customer = row.optionalText(8).flatMap { ErasedName.isID($0) ? nil : $0 }
    let isErased = try JSONDocument(outcome).root["result"]?.string == Outcome.Result.erased.rawValue
    let acts = try LiveActs(outcome, at: sequence, isUndo: type == Event.Kind.undo.rawValue, in: session)
    var writer = JSONWriter(capacity: 256)
    writer.object { writer in
      writer.field("sequence", sequence)
      writer.field("kind", Event.Kind(rawValue: type)?.isSegments == true ? LiveEntry.event : type)
      writer.field("type", type)
      writer.field("event", orNull: row.optionalText(3).map(LiveEntry.shortened))
      writer.field("channel", row.text(5))
      writer.field("source", LiveEntry.shortened(row.text(4)))
      writer.field("customer", orNull: customer)
      writer.field("timestamp", Instant(milliseconds: row.integer(1)).text)
      if let from = acts.from.first { writer.field("from", from) }
      if acts.from.count > 1 {
        writer.key("alsoFrom")
        writer.array { writer in for id in acts.from.dropFirst() { writer.value(id) } }
      }
      if isErased { writer.field("erased", true) }
    }
    self.sequence = sequence
    json = writer.bytes
    about = acts.about
    if let leader = row.optionalInteger(7) { about.insert(leader) }
  }

  private static func shortened(_ name: String) -> String {
    let scalars = name.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: longestName, limitedBy: scalars.endIndex),
      end < scalars.endIndex
    else { return name }
    return String(scalars[..<end])
  }
}

/// Whom an entry brings together, parts or erases beside the one it stands with.
private struct LiveActs {
  /// The ids that became former ones by a merge, or are customers of their own again by an undo.
  var from: [String] = []
  var about: Set<Origin.Number> = []

  private static let members: [StaticString] = ["ties", "cuts", "undone", "reviews", "decisions", "erased"]

  init(_ json: [UInt8], at sequence: Int64, isUndo: Bool, in session: any Session) throws {
    let root = try JSONDocument(json).root
    // Most entries do none of it.
    guard Self.members.contains(where: { root[$0] != nil }) else { return }
    let outcome = try Outcome(json: json)
    for id in Set(outcome.ties.compactMap { $0.merge } + outcome.undone).sorted() {
      guard let merge = try LiveMerge.find(id, in: session) else { continue }
      if isUndo ? outcome.undone.contains(id) : merge.sequence == sequence { from.append(merge.taken) }
      try add(merge.pair, session)
    }
    from.removeAll { ErasedName.isID($0) }
    for pair in outcome.cuts + outcome.reviews.map({ $0.pair }) { try add(pair, session) }
    for decision in outcome.decisions {
      let review = try Review.find(decision.review, in: session)
      about.formUnion(review?.customers.map { $0.leader } ?? [])
    }
    for origin in outcome.erased { about.insert(try Lookup.leader(of: origin, in: session)) }
  }

  private mutating func add(_ pair: Outcome.Pair, _ session: any Session) throws {
    for origin in [pair.first, pair.second] { about.insert(try Lookup.leader(of: origin, in: session)) }
  }
}

/// A merge as far as it is told to screens.
private struct LiveMerge {
  var taken: String
  var pair: Outcome.Pair
  var sequence: Int64

  static func find(_ id: String, in session: any Session) throws -> LiveMerge? {
    try session.first(of: LiveStatement.merge, .text(id)) { row in
      LiveMerge(
        taken: row.text(0), pair: Outcome.Pair(first: row.integer(1), second: row.integer(2)), sequence: row.integer(3))
    }
  }
}
