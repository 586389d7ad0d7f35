import Base
import SQL
import TestKit
import Testing

@testable import Customers

/// A history that a seed makes: several people with names of their own and names that they share, at every door, with
/// events that come late, twice, or otherwise than before.
struct History {
  private var chance: SplitMix64
  private var people: [[String]] = []
  private var sent: [(event: Event, door: String)] = []
  private var count = 0
  private var door = "backend"

  init(seed: UInt64) {
    chance = SplitMix64(seed: seed)
    for person in 0..<Int.random(in: 8...10, using: &chance) {
      var names = ["user_id:u\(person)", "card:C\(person)", "phone:+1201555\(person)000", "device:d\(person)"]
      names += ["telegram:10\(person)", "whatsapp:+1201555\(person)001", "viber:v\(person)"]
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
    let points = String(Int.random(in: -50...100, using: &chance))
    let isReceipt = traits.isEmpty && Bool.random(using: &chance)
    let event = Town.event(
      "m\(UInt64.random(in: 0..<1 << 40, using: &chance))-\(count)", who, at: now - late, receivedAt: now,
      traits: traits, kind: traits.isEmpty ? .track : .identify, name: isReceipt ? "Points" : nil,
      properties: isReceipt ? [("value", points)] : [])
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

/// Merges whom chance brings together and takes merges back in any order, with the identifiers that tied them anywhere,
/// until there were enough of both.
@discardableResult
func mergeAndUndo(_ town: Town, _ history: inout History, each most: Int = 5) throws -> (merges: Int, undos: Int) {
  var (merges, undos) = (0, 0)
  // Whom a reader sees after the last act.
  var pictures = try town.pictures()
  for _ in 0..<60 * most where merges < most || undos < most {
    let open = try town.openMerges()
    if undos < merges || history.number(in: 0...3) == 0, !open.isEmpty {
      let id = open[history.number(in: 0...open.count - 1)]
      guard let merge = try town.store.database.read({ try Merge.find(id, in: $0) }) else { continue }
      let ends = [merge.pair.first, merge.pair.second]
      let end = ends[history.number(in: 0...1)]
      let identifier = try town.store.database.read { try OriginStore.origin(end, in: $0).identifier }
      let keepers: [Merging.Keeper] = [.shared, .side(of: ends[0]), .side(of: ends[1])]
      do {
        let keep = [("\(identifier.type.name):\(identifier.value)", keepers[history.number(in: 0...2)])]
        pictures = try town.undo(merge, keep: history.number(in: 0...1) == 0 ? [] : keep)
        undos += 1
      } catch let failure as Failure where failure.code == .invalid {
        // It is all that one side has, or an older place of it was in the tie: nothing has changed.
        #expect(try town.pictures() == pictures)
      }
    } else if let (one, other) = try history.pair(in: town) {
      do {
        pictures = try town.merge(one, other)
        merges += 1
      } catch let failure as Failure where failure.code == .conflict {}
    }
  }
  return (merges, undos)
}

/// A merge and its undo, with nothing in between, leave what was there before but for the two acts.
private func mergeAndUndoAtOnce(_ town: Town, _ history: inout History) throws {
  guard let (one, other) = try history.pair(in: town) else { return }
  let before = try town.lines()
  do { try town.merge(one, other) } catch let failure as Failure where failure.code == .conflict { return }
  let merge = try town.merges(one)[0]
  try town.undo(merge)
  let after = try town.lines(withoutMerge: merge.id)
  #expect(Set(after).symmetricDifference(before) == [])
}

extension History {
  /// Two different known customers, each by a name of his.
  fileprivate mutating func pair(in town: Town) throws -> (String, String)? {
    let names = try town.people().filter { $0.hasPrefix("known") }.compactMap { person in
      person.split(separator: " ").dropFirst().first { !$0.contains("?") }.map(String.init)
    }
    guard names.count > 1 else { return nil }
    let one = number(in: 0...names.count - 1)
    return (names[one], names[(one + number(in: 1...names.count - 1)) % names.count])
  }
}

extension Town {
  fileprivate func openMerges() throws -> [String] {
    try store.database.read { session in
      var ids: [String] = []
      try session.forEachRow(ofText: "SELECT id FROM merge WHERE undone IS NULL ORDER BY id", []) { row in
        ids.append(row.text(0))
        return true
      }
      return ids
    }
  }

  fileprivate func lines(withoutMerge merge: String? = nil) throws -> [String] {
    try store.database.read { [folds = store.folds] session in
      var bytes: [UInt8] = []
      _ = try CanonicalExport(folds: folds).write(withoutMerge: merge, in: session) { bytes += $0 }
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
  }

  /// What the books hold in each account, and what all customers have together.
  fileprivate func books() throws -> (accounts: [String: Int64], balances: Int64) {
    try store.database.read { session in
      var leaders: [Int64] = []
      try session.forEachRow(ofText: "SELECT DISTINCT customer FROM origin", []) { row in
        leaders.append(row.integer(0))
        return true
      }
      let balances = try leaders.map {
        try BooksFold.balance(of: OriginStore.origins(ofCustomer: $0, in: session).map { $0.number }, in: session)
      }
      return (try BooksFold.totals(in: session), balances.reduce(0, +))
    }
  }
}

/// Events of one door, which go in together.
private struct Batch {
  var events: [(event: Event, door: String, isNew: Bool)] = []
  var new = 0
  var points: Int64 = 0
  var wrong: [String] = []

  mutating func send(to town: Town) throws {
    guard let door = events.first?.door else { return }
    let answers = try town.store.send(events.map { $0.event }, from: door).answers
    for (answer, sent) in zip(answers, events) {
      let isNew = answer.result != "conflict" && !answer.result.hasPrefix("again")
      if isNew != sent.isNew { wrong.append("\(sent.event.messageID) \(answer.result)") }
      new += isNew ? 1 : 0
      points += isNew ? BooksFold.points(of: sent.event) ?? 0 : 0
    }
    events = []
  }
}

@Test(arguments: UInt64(1)...1000)
func `a history of any chance holds, adds up again, and in any order to the same views`(seed: UInt64) throws {
  var town = try Town(chance: seed, hasBooks: true)
  var history = History(seed: seed)
  var batch = Batch()
  var acts = (merges: 0, undos: 0)
  try town.retain(#"{"name": "all", "type": "track", "days": 30}"#)
  // Two who can be merged in any case.
  for person in 0..<2 {
    try town.happens("{}", "Looked", who: "user_id:u\(person)")
    batch.new += 1
  }
  for turn in 1...history.number(in: 50...(seed % 40 == 0 ? 500 : 70)) {
    if seed % 6 == 0, turn % 25 == 0 {
      try batch.send(to: town)
      for person in 0..<3 {
        try town.happens("{}", "Looked", who: "user_id:u\(person)")
        batch.new += 1
      }
      try town.sumUp("all", daysOn: 31)
    }
    town.store.clock.advance(by: .seconds(history.number(in: 0...90)))
    let next = history.next(at: town.store.clock.now)
    if next.door != batch.events.first?.door || batch.events.count >= 5 { try batch.send(to: town) }
    batch.events.append(next)
    if seed % 4 == 0, history.number(in: 0...30) == 0 {
      try batch.send(to: town)
      let some = try mergeAndUndo(town, &history, each: 1)
      (acts.merges, acts.undos) = (acts.merges + some.merges, acts.undos + some.undos)
    }
    if history.number(in: 0...60) == 0 {
      try batch.send(to: town)
      town = try town.restarted(chance: seed << 32 + UInt64(batch.new), hasBooks: true)
    }
  }
  try batch.send(to: town)
  #expect(batch.wrong == [])
  // A person may cross limits, so they hold until one has decided something.
  if acts.merges == 0 { #expect(try broken(in: town) == []) }
  let last = try mergeAndUndo(town, &history, each: 5 - min(acts.merges, acts.undos, 4))
  (acts.merges, acts.undos) = (acts.merges + last.merges, acts.undos + last.undos)
  if seed % 6 == 0 { try town.sumUp("all", daysOn: 31) }
  #expect(acts.merges >= 5 && acts.undos >= 5, "\(acts)")
  try mergeAndUndoAtOnce(town, &history)
  #expect(try town.findings() == [])
  let books = try town.books()
  #expect(books.accounts["member", default: 0] == batch.points && books.balances == batch.points)
  #expect(books.accounts["shop", default: 0] == -batch.points)
  let entries = try town.log()
  let summed = entries.reduce(0) { $0 + Int($1.outcome.summed) }
  #expect(entries.count { $0.event.kind.isSegments } + summed == batch.new && (summed > 0) == (seed % 6 == 0))

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
