import Base

@testable import Commerce
@testable import Customers

/// What carts should hold, written down as simply as it can be: quantities by origin and article.
///
/// Who is one customer is asked of the tables of identity, after each entry.
struct CartModel {
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
  /// When each part, and each line of it, was changed last, in steps of the history.
  var step = 0
  var partSteps: [Number: Int] = [:]
  var lineSteps: [Number: [String: Int]] = [:]
  /// What logins have saved for later, by their merges.
  var moves: [String: (step: Int, lines: [(origin: Number, sku: String, quantity: Int64)])] = [:]

  private mutating func touch(_ origin: Number, _ sku: String) {
    partSteps[origin] = step
    lineSteps[origin, default: [:]][sku] = step
  }

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
      touch(origin, sku)
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
      if left > 0 { touch(member, sku) }
      left -= min(left, there)
    }
  }

  mutating func move(_ sku: String, toSaved: Bool, _ members: [Number], _ time: Int64) {
    for member in members {
      let (there, kept) = (goods[member]?[sku] ?? 0, saved[member]?[sku] ?? 0)
      if toSaved, there > 0 {
        saved[member, default: [:]][sku] = kept + there
        goods[member]?[sku] = 0
        touch(member, sku)
      } else if !toSaved, kept > 0 {
        use(member, members)
        if there == 0 { since[member, default: [:]][sku] = time }
        goods[member, default: [:]][sku] = there + kept
        saved[member]?[sku] = 0
        touch(member, sku)
      }
    }
  }

  /// A visitor's browser has signed in, whose place is `visitor`.
  mutating func login(_ visitor: Number, _ members: [Number], _ policy: CartPolicy.Login, merge: String?) {
    let full = members.filter { goods[$0]?.values.contains { $0 > 0 } == true }
    let customers = full.filter { $0 != visitor }
    guard policy != .sum, full.contains(visitor), !customers.isEmpty else { return }
    let isOlder = (partSteps[visitor] ?? 0) < customers.map { partSteps[$0] ?? 0 }.max() ?? 0
    var lines: [(origin: Number, sku: String, quantity: Int64)] = []
    for member in policy == .keepBoth || isOlder ? [visitor] : customers {
      for (sku, quantity) in goods[member] ?? [:] where quantity > 0 {
        lines.append((member, sku, quantity))
        saved[member, default: [:]][sku, default: 0] += quantity
        goods[member]?[sku] = 0
        touch(member, sku)
      }
    }
    if let merge { moves[merge] = (step, lines) }
  }

  /// A merge is undone: what its login has saved comes back, unless it was touched since.
  mutating func undo(_ merge: String) {
    guard let made = moves.removeValue(forKey: merge) else { return }
    for line in made.lines where lineSteps[line.origin]?[line.sku] == made.step && open.contains(line.origin) {
      saved[line.origin]?[line.sku, default: 0] -= line.quantity
      goods[line.origin, default: [:]][line.sku, default: 0] += line.quantity
      touch(line.origin, line.sku)
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
      partSteps[member] = step
      var isLeft = false
      for (sku, quantity) in goods[member] ?? [:] where quantity > 0 {
        if (since[member]?[sku] ?? 0) > time {
          isLeft = true
        } else {
          goods[member]?[sku] = 0
          touch(member, sku)
        }
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
