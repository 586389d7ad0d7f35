import Base
import SQL
import TestKit
import Testing

@testable import Customers

/// A history that a seed makes: several people with names of their own and names that they share, at every door, with
/// events that come late, twice, or otherwise than before.
struct History {
  private var chance: SeededGenerator
  private var people: [[String]] = []
  private var sent: [(event: Event, door: String)] = []
  private var count = 0
  private var door = "backend"

  init(seed: UInt64) {
    chance = SeededGenerator(seed: seed)
    for person in 0..<Int.random(in: 2...7, using: &chance) {
      var names = ["user_id:u\(person)", "card:C\(person)", "phone:+1201555\(person)000", "device:d\(person)"]
      names += (0..<3).map { "email:e\($0)@\(person).test" } + (0..<4).map { "anonymous_id:a\(person)\($0)" }
      // What a family, or a tablet in the shop, has in common.
      if Bool.random(using: &chance) { names += ["anonymous_id:shared", "email:shared@b.test"] }
      if Int.random(in: 0..<4, using: &chance) == 0 { names += ["card:SHARED", "user_id:u0"] }
      people.append(names)
    }
  }

  /// The next event, the door that it comes in at and what is answered to it: true where it is new.
  mutating func next(at now: Instant) -> (event: Event, door: String, isNew: Bool) {
    if let old = sent.randomElement(using: &chance), Int.random(in: 0..<8, using: &chance) == 0 {
      var event = old.event
      event.receivedAt = now
      if Bool.random(using: &chance) { event.body = Array(#"{"another":"body"}"#.utf8) }
      return (event, old.door, false)
    }
    count += 1
    let names = people.randomElement(using: &chance) ?? []
    let who = names.shuffled(using: &chance).prefix(Int.random(in: 1...4, using: &chance)).joined(separator: " ")
    // Times repeat, so that ties are broken.
    let late = Duration.seconds(60 * Int.random(in: 0..<30, using: &chance))
    let traits = ["name", "city", "size"].filter { _ in Bool.random(using: &chance) }.map { ($0, "v\(count)") }
    let event = Town.event(
      "m\(UInt64.random(in: 0..<1 << 40, using: &chance))-\(count)", who, at: now - late, receivedAt: now,
      traits: traits,
      kind: traits.isEmpty ? .track : .identify)
    // A door sends several in a row, and so in one batch.
    if Int.random(in: 0..<3, using: &chance) == 0 { door = Town.sources.randomElement(using: &chance) ?? "page" }
    sent.append((event, door))
    return (event, door, true)
  }

  mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &chance) }

  mutating func shuffle(_ entries: [LogEntry]) -> [LogEntry] { entries.shuffled(using: &chance) }
}

/// The views that do not depend on the order of arrival, row by row.
private func views(_ session: any Session) throws -> [String] {
  var rows: [String] = []
  for table in TraitFold().tables + SearchFold().tables {
    let keys = table.key.joined(separator: ", ")
    try session.forEachRow(ofText: "SELECT * FROM \(table.name) ORDER BY \(keys)", []) { row in
      rows.append(table.name + (0..<row.count).map { " \(row.value($0))" }.joined())
      return true
    }
  }
  return rows
}

/// What breaks a rule that no table keeps: a limit that is exceeded, a claim among what is a known customer's.
private func broken(in town: Town) throws -> [String] {
  try town.people().filter { person in
    let names = person.split(separator: " ").dropFirst()
    if person.hasPrefix("known"), names.contains(where: { $0.contains("?") }) { return true }
    return IdentifierType.all.contains { type in
      names.count { $0.hasPrefix("\(type.name):") } > IdentifierLimits()[type]
    }
  }
}

/// Takes merges back in any order, with the identifiers that tied them anywhere, and merges whom chance brings together.
func undoAndMerge(_ town: Town, _ history: inout History) throws {
  func merges() throws -> [String] {
    try town.store.database.read { session in
      var ids: [String] = []
      try session.forEachRow(ofText: "SELECT id FROM merge WHERE undone IS NULL ORDER BY id", []) { row in
        ids.append(row.text(0))
        return true
      }
      return ids
    }
  }
  for _ in 0..<history.number(in: 5...10) {
    let open = try merges()
    if history.number(in: 0...2) > 0, !open.isEmpty {
      let id = open[history.number(in: 0...open.count - 1)]
      guard let merge = try town.store.database.read({ try Merge.find(id, in: $0) }) else { continue }
      let ends = [merge.pair.first, merge.pair.second]
      let end = ends[history.number(in: 0...1)]
      let identifier = try town.store.database.read { try OriginStore.origin(end, in: $0).identifier }
      let keepers: [Merging.Keeper] = [.shared, .side(of: ends[0]), .side(of: ends[1])]
      let before = try town.pictures()
      do {
        let keep = [("\(identifier.type.name):\(identifier.value)", keepers[history.number(in: 0...2)])]
        try town.undo(merge, keep: history.number(in: 0...1) == 0 ? [] : keep)
      } catch let failure as Failure where failure.code == .invalid {
        // It is all that one side has, or an older place of it was in the tie: nothing has changed.
        #expect(try town.pictures() == before)
      }
    } else {
      let people = try town.people().filter { $0.hasPrefix("known") }
      let names = people.compactMap { $0.split(separator: " ").dropFirst().first { !$0.contains("?") } }.map(
        String.init)
      guard names.count > 1 else { continue }
      let (one, other) = (history.number(in: 0...names.count - 1), history.number(in: 0...names.count - 1))
      do { try town.merge(names[one], names[other]) } catch let failure as Failure where failure.code == .conflict {}
    }
  }
}

@Test(arguments: UInt64(1)...200)
func `a history of any chance holds, adds up again, and in any order to the same views`(seed: UInt64) throws {
  let town = try Town(chance: seed)
  var history = History(seed: seed)
  var batch: [(event: Event, door: String, isNew: Bool)] = []
  var wrong: [String] = []
  var new = 0
  func send() throws {
    guard let door = batch.first?.door else { return }
    let answers = try town.store.send(batch.map { $0.event }, from: door).answers
    for (answer, sent) in zip(answers, batch) {
      let isNew = answer.result != "conflict" && !answer.result.hasPrefix("again")
      if isNew != sent.isNew { wrong.append("\(sent.event.messageID) \(answer.result)") }
      new += isNew ? 1 : 0
    }
    batch = []
  }
  for _ in 0..<history.number(in: 50...200) {
    town.store.clock.advance(by: .seconds(history.number(in: 0...90)))
    let next = history.next(at: town.store.clock.now)
    if next.door != batch.first?.door || batch.count >= 5 { try send() }
    batch.append(next)
  }
  try send()
  #expect(wrong == [])
  #expect(try town.findings() == [])
  #expect(try broken(in: town) == [])
  try undoAndMerge(town, &history)
  #expect(try town.findings() == [])
  let entries = try town.log()
  #expect(entries.count { $0.event.kind.isSegments } == new)

  let aside = TemporaryDirectory()
  let other = try Database(engine: SQLiteEngine(path: aside.file("db"), memory: 1 << 20), migrations: Schema.migrations)
  defer { other.close() }
  let shuffled = history.shuffle(entries)
  let told = try other.write { session in
    for entry in shuffled {
      for fold in [SearchFold(), TraitFold()] as [any Fold] { try fold.apply(entry, in: session) }
    }
    return try views(session)
  }
  #expect(try told == town.store.database.read { try views($0) })
}

@Test func `an outcome comes back from the log as it was decided`() throws {
  let town = try Town()
  var history = History(seed: 7)
  for _ in 0..<100 {
    let (event, door, _) = history.next(at: town.store.clock.now)
    try town.store.send([event], from: door)
  }
  for entry in try town.log() {
    #expect(try Outcome(json: entry.outcome.json).json == entry.outcome.json)
  }
}
