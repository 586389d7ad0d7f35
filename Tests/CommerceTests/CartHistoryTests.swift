import Base
import SQL
import TestKit
import Testing

@testable import Commerce
@testable import Customers

/// What carts should hold, written down as simply as it can be: quantities by origin and article.
///
/// Who is one customer is asked of the tables of identity, after each entry.
private struct CartModel {
  typealias Number = Origin.Number

  struct Credit {
    var origin: Number
    var sku: String
    var left: Int64
    var at: Int64
  }

  var goods: [Number: [String: Int64]] = [:]
  var saved: [Number: [String: Int64]] = [:]
  var since: [Number: [String: Int64]] = [:]
  var open: Set<Number> = []
  var floors: [Number: Int64] = [:]
  var credits: [Credit] = []

  func total(_ sku: String, _ members: [Number]) -> Int64 { members.reduce(0) { $0 + (goods[$1]?[sku] ?? 0) } }

  func sums(_ rows: [Number: [String: Int64]], _ members: [Number]) -> [String: Int64] {
    members.reduce(into: [:]) { sums, member in sums.merge(rows[member] ?? [:], uniquingKeysWith: +) }
      .filter { $0.value > 0 }
  }

  func floor(at origin: Number, _ members: [Number]) -> Int64? {
    open.contains(origin) ? floors[origin] : members.compactMap { floors[$0] }.max()
  }

  private mutating func use(_ origin: Number, _ members: [Number]) {
    if open.contains(origin) { return }
    floors[origin] = floor(at: origin, members)
    open.insert(origin)
  }

  mutating func add(_ quantity: Int64, _ sku: String, at origin: Number, _ members: [Number], _ time: Int64) {
    if quantity > 0 {
      use(origin, members)
      if (goods[origin]?[sku] ?? 0) == 0 { since[origin, default: [:]][sku] = time }
      goods[origin, default: [:]][sku, default: 0] += quantity
    } else {
      take(-quantity, sku, first: origin, members) { _ in true }
    }
  }

  mutating func take(
    _ quantity: Int64, _ sku: String, first origin: Number, _ members: [Number], _ isMeant: (Int64) -> Bool
  ) {
    var left = quantity
    for member in [origin] + members.filter({ $0 != origin }).sorted() where members.contains(member) {
      guard let there = goods[member]?[sku], there > 0, isMeant(since[member]?[sku] ?? 0) else { continue }
      goods[member]?[sku] = there - min(left, there)
      left -= min(left, there)
    }
  }

  mutating func move(_ sku: String, toSaved: Bool, _ members: [Number], _ time: Int64) {
    for member in members {
      let (there, kept) = (goods[member]?[sku] ?? 0, saved[member]?[sku] ?? 0)
      if toSaved, there > 0 {
        saved[member, default: [:]][sku] = kept + there
        goods[member]?[sku] = 0
      } else if !toSaved, kept > 0 {
        use(member, members)
        if there == 0 { since[member, default: [:]][sku] = time }
        goods[member, default: [:]][sku] = there + kept
        saved[member]?[sku] = 0
      }
    }
  }

  /// Takes of `quantity` what requests have done.
  mutating func unreported(_ quantity: Int64, _ sku: String, _ members: [Number], _ time: Int64) -> Int64 {
    var left = quantity
    for index in credits.indices where credits[index].sku == sku && members.contains(credits[index].origin) {
      let credit = credits[index]
      guard abs(credit.at - time) <= 600_000, credit.left != 0, (credit.left > 0) == (left > 0), left != 0 else {
        continue
      }
      let used = left > 0 ? min(left, credit.left) : max(left, credit.left)
      credits[index].left -= used
      left -= used
    }
    return left
  }

  mutating func end(_ members: [Number], at time: Int64) {
    for member in members where open.contains(member) {
      floors[member] = max(time, floors[member] ?? time)
      var isLeft = false
      for (sku, quantity) in goods[member] ?? [:] where quantity > 0 {
        if (since[member]?[sku] ?? 0) > time { isLeft = true } else { goods[member]?[sku] = 0 }
      }
      if !isLeft { open.remove(member) }
    }
  }

  func last(_ members: [Number]) -> Int64? {
    members.flatMap { member in
      (goods[member] ?? [:]).filter { $0.value > 0 }.map { since[member]?[$0.key] ?? 0 }
    }.max()
  }
}

/// A history that a seed makes, played to a shop and to the model.
private struct CartHistory {
  let town: CartTown
  var model = CartModel()
  var chance: SplitMix64
  private var sent: [(who: String, source: String, name: String, properties: String, at: Instant, id: String)] = []
  private static let skus = ["A", "B", "C"]
  private static let users = (1...4).map { "u\($0)" }
  private static let browsers = (1...5).map { "a\($0)" }

  init(seed: UInt64) throws {
    town = try CartTown(chance: seed)
    chance = SplitMix64(seed: seed)
    for user in Self.users { try town.send("user_id:\(user)", from: "backend") }
    for browser in Self.browsers { try town.send("anonymous_id:\(browser)", from: "page") }
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &chance) }
  private mutating func any(_ names: [String]) -> String { names[number(0...names.count - 1)] }

  private func members(of origin: Origin.Number) throws -> [Origin.Number] {
    try town.store.database.read { session in
      let leader = try OriginStore.leader(of: origin, in: session).number
      return try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    }
  }

  /// Where the newest entry stands, with whom.
  private func stand() throws -> (origin: Origin.Number, members: [Origin.Number])? {
    let last = try town.store.database.read { session in
      try EventLog.entry(EventLog.last(in: session), in: session)?.outcome.origin
    }
    return try last.map { ($0, try members(of: $0)) }
  }

  mutating func step() throws {
    town.store.clock.advance(by: .seconds(number(0...400)))
    switch number(0...19) {
    case 0...6: try tell()
    case 7...11: try ask()
    case 12: try again()
    case 13: try empty()
    case 14, 15: try buy()
    case 16: try town.login(any(Self.users), any(Self.browsers))
    case 17:
      do { try town.merge("user_id:\(any(Self.users))", "user_id:\(any(Self.users))") } catch is Failure {}
    case 18:
      let merges = try town.openMerges()
      if !merges.isEmpty { try town.undo(any(merges)) }
    default: try checkOut()
    }
  }

  private mutating func tell() throws {
    let (user, browser) = (any(Self.users), any(Self.browsers))
    let (who, source): (String, String)
    switch number(0...4) {
    case 0: (who, source) = ("user_id:\(user)", "backend")
    case 1: (who, source) = ("user_id:\(user) anonymous_id:\(browser)", "backend")
    case 2: (who, source) = ("anonymous_id:\(browser) email:e@\(number(1...2)).test", "page")
    case 3: (who, source) = ("anonymous_id:\(browser) user_id:\(user)", "page")
    default: (who, source) = ("anonymous_id:\(browser)", "page")
    }
    let (sku, count) = (any(Self.skus), number(1...3))
    let isAdded = number(0...2) > 0
    let at = town.store.clock.now - .seconds(number(0...3) == 0 ? number(0...3000) : 0)
    let event = (
      who: who, source: source, name: isAdded ? "Product Added" : "Product Removed",
      properties: #"{"sku":"\#(sku)","quantity":\#(count)}"#, at: at, id: "m\(sent.count)"
    )
    sent.append(event)
    try town.send(who, from: source, event.name, event.properties, at: at, id: event.id)
    guard let (origin, members) = try stand() else { return }
    if let floor = model.floor(at: origin, members), at.milliseconds < floor { return }
    let said = Int64(isAdded ? count : -count) * 1000
    let left = model.unreported(said, sku, members, at.milliseconds)
    model.add(left, sku, at: origin, members, at.milliseconds)
  }

  private mutating func again() throws {
    guard !sent.isEmpty else { return }
    let old = sent[number(0...sent.count - 1)]
    try town.send(old.who, from: old.source, old.name, old.properties, at: old.at, id: old.id)
  }

  /// Somebody whom a request may name; a visitor's token is one's who has not signed in.
  private mutating func name() throws -> String {
    let browser = any(Self.browsers)
    switch number(0...2) {
    case 0:
      let isOpen = try town.store.database.read { session in
        let place = try OriginStore.find(Identifier(recorded: .anonymousID, browser), .own, in: session)
        return place.map { !$0.isKnown && $0.generation == 0 } ?? false
      }
      return isOpen ? "visitor:\(browser)" : "user_id:\(any(Self.users))"
    case 1: return "anonymous_id:\(browser)"
    default: return "user_id:\(any(Self.users))"
    }
  }

  private func reach(_ name: String) throws -> (origin: Origin.Number, members: [Origin.Number])? {
    guard let (origin, members) = try stand() else { return nil }
    return (origin, name.hasPrefix("visitor:") ? [origin] : members)
  }

  private mutating func ask() throws {
    let (name, sku, count) = (try name(), any(Self.skus), number(0...4))
    let act = number(0...4)
    let said = [
      "\"quantity\":\(count)", "\"delta\":\(count)", "\"delta\":-\(count)", "\"saved\":true", "\"saved\":false",
    ]
    try town.change(name, #"{"lines":[{"sku":"\#(sku)",\#(said[act])}]}"#)
    guard let (origin, members) = try reach(name) else { return }
    let now = town.store.clock.now.milliseconds
    let was = model.total(sku, members)
    switch act {
    case 0: model.add(Int64(count) * 1000 - was, sku, at: origin, members, now)
    case 1: model.add(Int64(count) * 1000, sku, at: origin, members, now)
    case 2: model.add(Int64(-count) * 1000, sku, at: origin, members, now)
    default: model.move(sku, toSaved: act == 3, members, now)
    }
    let change = model.total(sku, members) - was
    if change != 0 { model.credits.append(.init(origin: origin, sku: sku, left: change, at: now)) }
  }

  private mutating func empty() throws {
    let name = try name()
    try town.empty(name)
    guard let (origin, members) = try reach(name) else { return }
    let now = town.store.clock.now.milliseconds
    for sku in Self.skus {
      let was = model.total(sku, members)
      if was > 0 { model.credits.append(.init(origin: origin, sku: sku, left: -was, at: now)) }
    }
    model.end(members, at: max(now, model.last(members) ?? now))
  }

  private mutating func buy() throws {
    let name = "user_id:\(any(Self.users))"
    let lines = Self.skus.prefix(number(1...3)).map { ($0, Quantity(thousandths: Int64(number(1...4)) * 1000)) }
    let time = town.store.clock.now - .seconds(number(0...2) == 0 ? number(0...3000) : 0)
    try town.bought(name, lines, time: time)
    guard let (origin, members) = try stand(), !model.sums(model.goods, members).isEmpty else { return }
    for (sku, quantity) in lines {
      model.take(quantity.thousandths, sku, first: origin, members) { $0 <= time.milliseconds }
    }
    if model.sums(model.goods, members).isEmpty { model.end(members, at: time.milliseconds) }
  }

  private mutating func checkOut() throws {
    let parts = try town.store.database.read { session in
      var parts: [(id: String, origin: Origin.Number)] = []
      try session.forEachRow(ofText: "SELECT id, origin FROM cart WHERE state = 'active' ORDER BY id", []) { row in
        parts.append((row.text(0), row.integer(1)))
        return true
      }
      return parts
    }
    guard !parts.isEmpty else { return }
    let part = parts[number(0...parts.count - 1)]
    let time = town.store.clock.now - .seconds(number(0...2) == 0 ? number(0...3000) : 0)
    try town.checkOut(part.id, by: "user_id:\(any(Self.users))", time: time)
    model.end(try members(of: part.origin), at: time.milliseconds)
  }

  /// Where the shop's carts are other than the model's.
  func differences() throws -> [String] {
    try town.store.database.read { session in
      var leaders: [Origin.Number] = []
      try session.forEachRow(ofText: "SELECT DISTINCT customer FROM origin ORDER BY customer", []) { row in
        leaders.append(row.integer(0))
        return true
      }
      return try leaders.compactMap { leader in
        let members = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
        let cart = try Cart(ofCustomer: leader, in: session)
        let goods = Dictionary(uniqueKeysWithValues: cart.goods.map { ($0.sku, $0.quantity.thousandths) })
        let saved = Dictionary(uniqueKeysWithValues: cart.savedLines.map { ($0.sku, $0.saved.thousandths) })
        let meant = (model.sums(model.goods, members), model.sums(model.saved, members))
        return goods == meant.0 && saved == meant.1 ? nil : "\(leader): \(goods) \(saved), meant \(meant)"
      }
    }
  }
}

/// Every row of the carts' tables.
private func rows(_ session: any Session) throws -> [String] {
  var rows: [String] = []
  for table in CartFold().tables {
    try session.forEachRow(ofText: "SELECT * FROM \(table.name)", []) { row in
      rows.append(table.name + (0..<row.count).map { " \(row.value($0))" }.joined())
      return true
    }
  }
  return rows.sorted()
}

@Test(arguments: UInt64(1)...120)
func `carts of any history hold what a simple count says, and add up again in any order`(seed: UInt64) throws {
  var history = try CartHistory(seed: seed)
  for turn in 1...60 {
    try history.step()
    if turn % 10 == 0 { #expect(try history.differences() == [], "after \(turn)") }
  }
  #expect(try history.town.findings() == [])
  let aside = TemporaryDirectory()
  let migrations = (Schema.migrations + Commerce.migrations).sorted { $0.number < $1.number }
  let other = try Database(engine: SQLiteEngine(path: aside.file("db"), memory: 1 << 20), migrations: migrations)
  defer { other.close() }
  let shuffled = try history.town.log().shuffled(using: &history.chance)
  let told = try other.write { session in
    for entry in shuffled { try CartFold().apply(entry, in: session) }
    return try rows(session)
  }
  #expect(try told == history.town.store.database.read { try rows($0) })
  if seed % 4 == 0 {
    for user in ["user_id:u1", "user_id:u2"] { do { try history.town.erase(user) } catch is Failure {} }
    #expect(try history.town.findings() == [])
  }
}
