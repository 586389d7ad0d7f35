import Base
import Customers

/// Points as one would keep them on paper: lots, what is owed, and for each order, earning or hold what it has of which.
///
/// It knows nothing of postings, tables or verdicts.
struct LoyaltyModel {
  struct Lot {
    var account: Int64
    var left: Int64
    var gone: Int64 = 0
    var from: Instant
    var end: Instant
    var order: String?
  }

  struct Debt {
    var account: Int64
    var open: Int64
    /// For what it is owed: `order o1`, `earned o1`, `hold h1` or `adjust 7`.
    var cause: String
  }

  struct Hold {
    var origin: Int64
    var points: Int64
    var until: Instant
    var isOpen = true
  }

  struct Order {
    var origin: Int64
    var amount: Int64 = 0
    var earned: Int64 = 0
    var burnt: Int64 = 0
    var refunded: Int64 = 0
    var isRated = false
  }

  var lots: [Lot] = []
  var debts: [Debt] = []
  /// What each cause has taken of which lot, by the lot's number.
  var taken: [String: [Int: Int64]] = [:]
  /// Where a cause stands.
  var stands: [String: Int64] = [:]
  var holds: [String: Hold] = [:]
  var orders: [String: Order] = [:]
  var households: [Int64: Int64] = [:]
  var life: Duration
  var pends: Duration

  func account(of origin: Int64) -> Int64 { households[origin] ?? origin }

  func accounts(_ origins: Set<Int64>) -> Set<Int64> { origins.union(origins.map(account(of:))) }

  private func order(of accounts: Set<Int64>, at time: Instant) -> [Int] {
    lots.indices.filter { accounts.contains(lots[$0].account) && lots[$0].left > 0 && lots[$0].end > time }
      .sorted { (lots[$0].end, lots[$0].from, $0) < (lots[$1].end, lots[$1].from, $1) }
  }

  /// Available, pending and owed.
  func sums(_ accounts: Set<Int64>, at time: Instant) -> (available: Int64, pending: Int64, owed: Int64) {
    var sums = (available: Int64(0), pending: Int64(0), owed: Int64(0))
    for index in order(of: accounts, at: time) {
      if lots[index].from <= time { sums.available += lots[index].left } else { sums.pending += lots[index].left }
    }
    sums.owed = debts.filter { accounts.contains($0.account) }.reduce(0) { $0 + $1.open }
    return sums
  }

  private mutating func take(_ points: Int64, _ indices: [Int], _ cause: String) -> Int64 {
    var rest = points
    for index in indices where rest > 0 {
      let some = min(rest, lots[index].left)
      lots[index].left -= some
      taken[cause, default: [:]][index, default: 0] += some
      rest -= some
    }
    return rest
  }

  private mutating func charge(
    _ points: Int64, _ accounts: Set<Int64>, debtor: Int64, at time: Instant, _ cause: String
  ) {
    let all = order(of: accounts, at: time)
    let rest = take(points, all.filter { lots[$0].from <= time } + all.filter { lots[$0].from > time }, cause)
    if rest > 0 { debts.append(Debt(account: debtor, open: rest, cause: cause)) }
  }

  private mutating func settle(_ account: Int64, at time: Instant) {
    for index in debts.indices where debts[index].account == account && debts[index].open > 0 {
      debts[index].open = take(debts[index].open, order(of: [account], at: time), debts[index].cause)
    }
  }

  private mutating func putBack(_ points: Int64, _ index: Int, at time: Instant, _ cause: String) {
    taken[cause]?[index, default: 0] -= points
    if lots[index].end <= time { lots[index].gone += points } else { lots[index].left += points }
    settle(lots[index].account, at: time)
  }

  /// First what is owed for it, then what ends last.
  private mutating func giveBack(_ points: Int64, at time: Instant, _ cause: String) {
    var rest = points
    // What it has is looked at once: what settling gives it meanwhile is not given back again.
    let had = (taken[cause] ?? [:]).filter { $0.value > 0 }
      .sorted { (lots[$0.key].end, $0.key) > (lots[$1.key].end, $1.key) }
    for index in debts.indices where debts[index].cause == cause && rest > 0 {
      let some = min(rest, debts[index].open)
      debts[index].open -= some
      rest -= some
    }
    for (index, points) in had where rest > 0 {
      let some = min(rest, points)
      putBack(some, index, at: time, cause)
      rest -= some
    }
  }

  mutating func earn(_ amount: Int64, _ order: String, at origin: Int64, time: Instant) {
    if orders[order]?.isRated == true { return }
    orders[order, default: Order(origin: origin)].isRated = true
    orders[order]?.amount = amount
    orders[order]?.earned = amount / 100
    if amount >= 100 { open(amount / 100, origin, from: time + pends, end: time + life, order) }
    settle(account(of: origin), at: time)
  }

  private mutating func open(_ points: Int64, _ origin: Int64, from: Instant, end: Instant, _ order: String?) {
    lots.append(Lot(account: account(of: origin), left: points, from: from, end: end, order: order))
  }

  mutating func give(_ points: Int64, to origin: Int64, time: Instant) {
    open(points, origin, from: time, end: time + life, nil)
    settle(account(of: origin), at: time)
  }

  /// - Returns: whether it may be.
  mutating func spend(
    _ points: Int64, _ cause: String, of person: Set<Int64>, at origin: Int64, time: Instant, isFact: Bool
  ) -> Bool {
    let before = self
    let accounts = accounts(person)
    lapse(person, at: time, now: time)
    if isFact {
      charge(points, accounts, debtor: account(of: origin), at: time, cause)
    } else {
      let sums = sums(accounts, at: time)
      guard points <= sums.available - sums.owed else {
        self = before
        return false
      }
      _ = take(points, order(of: accounts, at: time).filter { lots[$0].from <= time }, cause)
    }
    stands[cause] = origin
    return true
  }

  mutating func burn(_ points: Int64, _ name: String, at origin: Int64) {
    orders[name, default: Order(origin: origin)].burnt += points
    stands["order \(name)"] = orders[name]?.origin
  }

  mutating func refund(_ name: String, part: Int64, of whole: Int64, time: Instant) {
    guard var order = orders[name] else { return }
    func share(_ sum: Int64, _ part: Int64) -> Int64 { (sum * part * 2 + whole) / (2 * whole) }
    let after = min(order.refunded + part, whole)
    let restored = share(order.burnt, after) - share(order.burnt, order.refunded)
    var back = share(order.earned, after) - share(order.earned, order.refunded)
    order.refunded = after
    orders[name] = order
    giveBack(restored, at: time, "order \(name)")
    var debtor = account(of: order.origin)
    for index in lots.indices where lots[index].order == name {
      debtor = lots[index].account
      back = take(back, [index], "earned \(name)")
      let gone = min(back, lots[index].gone)
      lots[index].gone -= gone
      back -= gone
    }
    charge(back, [debtor], debtor: debtor, at: time, "earned \(name)")
  }

  /// Releases the holds that have ended.
  ///
  /// - Parameter now: when that is done; none for just in time.
  mutating func lapse(_ person: Set<Int64>, at time: Instant, now: Instant?) {
    let all = person.union(
      households.filter { member in person.contains { households[$0] == member.value } }.map { $0.key })
    let ended = holds.filter { $0.value.isOpen && $0.value.until <= time && all.contains($0.value.origin) }
    for (id, hold) in ended.sorted(by: { ($0.value.until, $0.key) < ($1.value.until, $1.key) }) {
      release(id, at: max(hold.until, now ?? hold.until))
    }
  }

  mutating func release(_ id: String, at time: Instant) {
    giveBack(holds[id]?.points ?? 0, at: time, "hold \(id)")
    holds[id]?.isOpen = false
  }

  /// What is owed for the part that is spent stays owed, now for the order.
  mutating func capture(_ id: String, _ points: Int64, _ order: String, at time: Instant) {
    var rest = points
    let (held, spent) = ("hold \(id)", "order \(order)")
    let had = (taken[held] ?? [:]).filter { $0.value > 0 }
      .sorted { (lots[$0.key].end, $0.key) < (lots[$1.key].end, $1.key) }
    for (index, points) in had where rest > 0 {
      let some = min(rest, points)
      taken[held]?[index, default: 0] -= some
      taken[spent, default: [:]][index, default: 0] += some
      rest -= some
    }
    for index in debts.indices.reversed() where debts[index].cause == held && rest > 0 {
      let some = min(rest, debts[index].open)
      debts[index].open -= some
      debts.append(Debt(account: debts[index].account, open: some, cause: spent))
      rest -= some
    }
    giveBack((holds[id]?.points ?? 0) - points, at: time, held)
    holds[id]?.isOpen = false
    burn(points, order, at: holds[id]?.origin ?? 0)
  }

  /// What causes of one side took of the other goes back there and is charged to their own account.
  mutating func part(_ sides: [Set<Int64>], at time: Instant) {
    lapse(sides.reduce([]) { $0.union($1) }, at: time, now: time)
    func side(of origin: Int64) -> Set<Int64> { sides.first { $0.contains(origin) } ?? [origin] }
    var moved: [(cause: String, index: Int, points: Int64)] = []
    for (cause, lots) in taken where !cause.hasPrefix("earned") {
      guard let stand = stands[cause], sides.contains(where: { $0.contains(stand) }) else { continue }
      for (index, points) in lots where points > 0 {
        let account = self.lots[index].account
        let owners = account > 0 ? [account] : households.filter { $0.value == account }.map { $0.key }
        if Set(owners).isDisjoint(with: side(of: stand)) { moved.append((cause, index, points)) }
      }
    }
    // Adjustments, then holds, then orders, each by its name.
    func key(_ move: (cause: String, index: Int, points: Int64)) -> (Int64, Int, String, Int) {
      let rank = move.cause.hasPrefix("adjust") ? 0 : move.cause.hasPrefix("hold") ? 1 : 2
      return (stands[move.cause] ?? 0, rank, move.cause, move.index)
    }
    moved.sort { key($0) < key($1) }
    for (cause, index, points) in moved { putBack(points, index, at: time, cause) }
    for (cause, _, points) in moved {
      let own = account(of: stands[cause] ?? 0)
      charge(points, [own], debtor: own, at: time, cause)
    }
  }

  /// What is due: holds and lots end.
  mutating func tick(_ now: Instant) {
    lapse(Set(holds.values.map { $0.origin }), at: now, now: nil)
    for index in lots.indices where lots[index].end <= now {
      lots[index].gone += lots[index].left
      lots[index].left = 0
    }
  }

  mutating func erase(_ person: Set<Int64>, at time: Instant) {
    let open = holds.filter { $0.value.isOpen && person.contains($0.value.origin) }
    for (id, _) in open.sorted(by: { ($0.value.until, $0.key) < ($1.value.until, $1.key) }) { release(id, at: time) }
    orders = orders.filter { !person.contains($0.value.origin) }
    let theirs = Set(person.compactMap { households[$0] })
    for index in lots.indices where theirs.contains(lots[index].account) && lots[index].end <= time {
      lots[index].gone += lots[index].left
      lots[index].left = 0
    }
    for origin in person { households[origin] = nil }
    for index in lots.indices where person.contains(lots[index].account) { lots[index].left = 0 }
    for index in debts.indices where person.contains(debts[index].account) { debts[index].open = 0 }
    let left = Set(households.values)
    for index in lots.indices where lots[index].account < 0 && !left.contains(lots[index].account) {
      lots[index].left = 0
    }
    for index in debts.indices where debts[index].account < 0 && !left.contains(debts[index].account) {
      debts[index].open = 0
    }
  }
}
