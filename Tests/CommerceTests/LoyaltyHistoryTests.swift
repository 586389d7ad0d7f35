import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

/// A history that a seed makes, done to a shop and to a model of it at once.
private struct PointsHistory {
  var shop: PointsShop
  var model: LoyaltyModel
  private var chance: SplitMix64
  /// The origins of each person who is there.
  private var people: [Set<Int64>] = []
  /// Ties that persons made, by the merge's id.
  private var merges: [(id: String, first: Int64, second: Int64)] = []
  private var names = 0
  private var spent: [String] = []
  private(set) var refused = 0

  init(seed: UInt64) throws {
    chance = SplitMix64(seed: seed)
    let (life, pends) = (Int64([3, 30].randomElement(using: &chance) ?? 3), Int64.random(in: 0...1, using: &chance))
    shop = try PointsShop(
      chance: seed,
      programme: """
        {"currency": "RUB", "earn": {"points": 1, "per": 100}, "pointValue": 100, "pendingDays": \(pends),
         "expiryDays": \(life)}
        """)
    shop.asksTwice = seed % 5 == 0
    model = LoyaltyModel(life: .seconds(life * 86_400), pends: .seconds(pends * 86_400))
    for person in 0..<Int.random(in: 3...5, using: &chance) {
      let origin = try shop.enter("user_id:u\(person) card:C\(person)")
      people.append([origin, try shop.origin("card:C\(person)")])
    }
  }

  /// All whom merges make one with an origin.
  func customer(of origin: Int64) -> Set<Int64> {
    var found = people.first { $0.contains(origin) } ?? [origin]
    while true {
      var wider = found
      for merge in merges where found.contains(merge.first) || found.contains(merge.second) {
        for end in [merge.first, merge.second] { wider.formUnion(people.first { $0.contains(end) } ?? [end]) }
      }
      if wider == found { return found }
      found = wider
    }
  }

  private mutating func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &chance) }

  private mutating func name(_ prefix: String) -> String {
    names += 1
    return "\(prefix)\(names)"
  }

  mutating func step() throws {
    shop.store.clock.advance(by: .seconds(number(0...(number(0...9) == 0 ? 200_000 : 4_000))))
    guard let person = people.randomElement(using: &chance), let origin = person.sorted().randomElement(using: &chance)
    else { return }
    let now = shop.store.clock.now
    let late = number(0...5) == 0 ? now - .seconds(number(0...100_000)) : now
    switch number(0...19) {
    case 0...3:
      let (amount, order) = (number(0...20_000), name("o"))
      try shop.earn(amount, order, at: origin, time: late)
      model.earn(amount, order, at: origin, time: late)
      spent.append(order)
    case 4: try give(number(1...100), to: origin, now)
    case 5: try give(-number(1...100), to: origin, now)
    case 6...8: try burn(origin, late)
    case 9, 10: try hold(origin, now)
    case 11, 12: try endHold(now)
    case 13, 14: try refund(late)
    case 15: if merges.count < 4 { try merge(origin) }
    case 16: try undo(now)
    case 17: if number(0...2) == 0 { try join(origin) }
    case 18: if number(0...7) == 0, people.count > 2 { try erase(origin, now) }
    default:
      try shop.tick()
      model.tick(now)
    }
  }

  private mutating func attempt(_ isRight: Bool, _ request: () throws -> Void) throws {
    do {
      try request()
      #expect(isRight, "what should be refused was done")
    } catch let failure as Failure where failure.code == .conflict {
      #expect(!isRight, "what is right was refused")
      refused += 1
    }
  }

  private mutating func give(_ points: Int64, to origin: Int64, _ now: Instant) throws {
    var isRight = true
    if points > 0 {
      model.give(points, to: origin, time: now)
    } else {
      isRight = model.spend(
        -points, "adjust \(origin)", of: customer(of: origin), at: origin, time: now, isFact: false)
    }
    let shop = shop
    try attempt(isRight) { try shop.give(points, to: origin) }
  }

  private mutating func burn(_ origin: Int64, _ time: Instant) throws {
    let (points, order, isFact) = (number(1...150), name("o"), number(0...2) == 0)
    let time = isFact ? time : shop.store.clock.now
    let isRight = model.spend(
      points, "order \(order)", of: customer(of: origin), at: origin, time: time, isFact: isFact)
    if isRight {
      model.burn(points, order, at: origin)
      spent.append(order)
    }
    let shop = shop
    try attempt(isRight) { try shop.burn(points, order, at: origin, isFact: isFact, time: time) }
  }

  private mutating func hold(_ origin: Int64, _ now: Instant) throws {
    let (points, id) = (number(1...120), name("h"))
    let isRight = model.spend(
      points, "hold \(id)", of: customer(of: origin), at: origin, time: now, isFact: false)
    if isRight { model.holds[id] = .init(origin: origin, points: points, until: now + Loyalty.usualHold) }
    let shop = shop
    try attempt(isRight) { try shop.hold(id, points, at: origin) }
  }

  private mutating func endHold(_ now: Instant) throws {
    guard let (id, hold) = model.holds.sorted(by: { $0.key < $1.key }).randomElement(using: &chance) else { return }
    let isRight = hold.isOpen && hold.until > now
    let shop = shop
    if number(0...1) == 0 {
      if isRight { model.release(id, at: now) }
      try attempt(isRight) { try shop.void(id, at: hold.origin) }
    } else {
      let (points, order) = (number(0...hold.points), name("o"))
      if isRight {
        model.capture(id, points, order, at: now)
        spent.append(order)
      }
      try attempt(isRight) { try shop.capture(id, points, order: order, at: hold.origin) }
    }
  }

  private mutating func refund(_ time: Instant) throws {
    guard let order = spent.randomElement(using: &chance), let known = model.orders[order] else { return }
    let part = number(1...7)
    try shop.refund(order, part, of: 10, at: known.origin, time: time)
    model.refund(order, part: part, of: 10, time: time)
  }

  private mutating func merge(_ origin: Int64) throws {
    guard let other = people.randomElement(using: &chance)?.min(), !customer(of: origin).contains(other) else { return }
    merges.append((try shop.merge(origin, other), origin, other))
  }

  private mutating func undo(_ now: Instant) throws {
    guard !merges.isEmpty else { return }
    let merge = merges.remove(at: Int(number(0...Int64(merges.count - 1))))
    try shop.undo(merge.id)
    model.part([customer(of: merge.first), customer(of: merge.second)], at: now)
  }

  private mutating func join(_ origin: Int64) throws {
    guard let other = people.randomElement(using: &chance)?.min(), !customer(of: origin).contains(other) else { return }
    let (ours, theirs) = (customer(of: origin), customer(of: other))
    let households = [ours, theirs].map { Set($0.compactMap { model.households[$0] }) }
    guard households[0].isEmpty || households[1].isEmpty else { return }
    try shop.join(origin, with: other)
    let next = try shop.store.database.read { try EventLog.last(in: $0) }
    let account = households[0].min() ?? households[1].min() ?? -next
    for member in ours.union(theirs) where model.households[member] != account { model.households[member] = account }
  }

  private mutating func erase(_ origin: Int64, _ now: Instant) throws {
    let gone = customer(of: origin)
    try shop.erase(origin)
    model.erase(gone, at: now)
    people.removeAll { !$0.isDisjoint(with: gone) }
    merges.removeAll { gone.contains($0.first) }
    model.holds = model.holds.filter { !gone.contains($0.value.origin) }
  }

  /// Where the shop and the model differ.
  func difference() throws -> String? {
    let now = shop.store.clock.now
    for person in people {
      guard let origin = person.min() else { continue }
      var model = model
      let all = customer(of: origin)
      model.lapse(all, at: now, now: now)
      let sums = model.sums(model.accounts(all), at: now)
      let held = model.holds.values.filter { $0.isOpen && all.contains($0.origin) }.reduce(0) { $0 + $1.points }
      let expected = [sums.available - sums.owed, sums.pending, held, sums.owed]
      let told = try shop.sums(origin)
      if told != expected { return "customer \(origin) has \(told), the model \(expected)" }
    }
    var accounts: [Int64: Int64] = [:]
    for lot in model.lots where lot.left > 0 { accounts[lot.account, default: 0] += lot.left }
    for debt in model.debts where debt.open > 0 { accounts[debt.account, default: 0] -= debt.open }
    let lots = model.lots.filter { $0.end > now }.reduce(0) { $0 + $1.left }
    let held = model.holds.values.filter { $0.isOpen }.reduce(0) { $0 + $1.points }
    let report = try JSONDocument(shop.store.database.read { try LoyaltyLiability(now: now, in: $0).json }).root
    let told = [report["outstanding"]?.integer, report["owed"]?.integer]
    let expected = [lots + held, model.debts.reduce(0) { $0 + $1.open }]
    if told != expected { return "the liability is \(told), the model's \(expected)" }
    let kept = try shop.accounts().filter { $0.value != 0 }
    accounts = accounts.filter { $0.value != 0 }
    return kept == accounts ? nil : "the accounts have \(kept), the model \(accounts)"
  }
}

/// Every row of the books' tables.
private func rows(_ session: any Session) throws -> [String] {
  var rows: [String] = []
  for table in LoyaltyFold().tables {
    try session.forEachRow(
      ofText: "SELECT * FROM \(table.name) ORDER BY \(table.key.joined(separator: ", "))", []
    ) { row in
      rows.append(table.name + (0..<row.count).map { " \(row.value($0))" }.joined())
      return true
    }
  }
  return rows
}

@Test(arguments: UInt64(1)...30)
func `a history of any chance comes to what is kept on paper, holds, and adds up in any order`(seed: UInt64) throws {
  var history = try PointsHistory(seed: seed)
  for step in 1...80 {
    try history.step()
    if step % 4 == 0, let difference = try history.difference() {
      Issue.record("step \(step): \(difference)")
      return
    }
  }
  #expect(try history.shop.findings() == [])
  var entries = try history.shop.store.database.read { session in
    var entries: [LogEntry] = []
    try EventLog.forEach(in: session) { entries.append($0) }
    return entries
  }
  var chance = SplitMix64(seed: seed)
  entries.shuffle(using: &chance)
  let aside = TemporaryDirectory()
  let other = try Database(
    engine: SQLiteEngine(path: aside.file("db"), memory: 1 << 20),
    migrations: (Schema.migrations + Commerce.migrations).sorted { $0.number < $1.number })
  defer { other.close() }
  let shuffled = entries
  let told = try other.write { session in
    for entry in shuffled { try LoyaltyFold().apply(entry, in: session) }
    return try rows(session)
  }
  #expect(try told == history.shop.store.database.read { try rows($0) })
}
