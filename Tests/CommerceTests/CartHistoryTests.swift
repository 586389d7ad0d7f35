import Base
import SQL
import TestKit
import Testing

@testable import Commerce
@testable import Customers

/// A history that a seed makes, played to a shop and to the model.
private struct CartHistory {
  let town: CartTown
  var model = CartModel()
  var chance: SplitMix64
  private let policy: CartPolicy.Login
  private var sent: [(who: String, source: String, name: String, properties: String, at: Instant, id: String)] = []
  private static let skus = ["A", "B", "C"]
  private static let users = (1...4).map { "u\($0)" }
  private static let browsers = (1...5).map { "a\($0)" }

  init(seed: UInt64) throws {
    var policy = CartPolicy()
    policy.login = CartPolicy.Login.allCases[Int(seed % 3)]
    self.policy = policy.login
    town = try CartTown(chance: seed, policy: policy)
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
    model.step += 1
    town.store.clock.advance(by: .seconds(number(0...400)))
    switch number(0...19) {
    case 0...6: try tell()
    case 7...11: try ask()
    case 12: try again()
    case 13: try empty()
    case 14, 15: try buy()
    case 16:
      try town.login(any(Self.users), any(Self.browsers))
      try settleLogin()
    case 17:
      do { try town.merge("user_id:\(any(Self.users))", "user_id:\(any(Self.users))") } catch is Failure {}
    case 18:
      let merges = try town.openMerges()
      if !merges.isEmpty {
        let merge = any(merges)
        try town.undo(merge)
        model.undo(merge)
      }
    default: try checkOut()
    }
  }

  /// Settles the carts of a login, if the newest entry is one.
  private mutating func settleLogin() throws {
    let last = try town.store.database.read { session in
      try EventLog.entry(EventLog.last(in: session), in: session)?.outcome
    }
    guard let last, let (_, members) = try stand() else { return }
    for tie in last.ties where tie.isLogin && !last.opened.contains(where: { $0.number == tie.second }) {
      model.login(tie.second, members, policy, merge: tie.merge)
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
    try settleLogin()
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
        func told(_ amount: (Cart.Portion) -> Quantity) -> [String] {
          cart.portions.values.filter { amount($0) > .zero }
            .map { "\($0.origin) \($0.sku) \(amount($0).thousandths)" }.sorted()
        }
        func meant(_ rows: [Origin.Number: [String: Int64]]) -> [String] {
          members.flatMap { member in
            (rows[member] ?? [:]).filter { $0.value > 0 }.map { "\(member) \($0.key) \($0.value)" }
          }.sorted()
        }
        let sums = Dictionary(uniqueKeysWithValues: cart.goods.map { ($0.sku, $0.quantity.thousandths) })
        let isRight =
          told { $0.quantity } == meant(model.goods) && told { $0.saved } == meant(model.saved)
          && sums == model.sums(model.goods, members)
        return isRight ? nil : "\(leader): \(cart.portions), meant \(meant(model.goods)) \(meant(model.saved))"
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
