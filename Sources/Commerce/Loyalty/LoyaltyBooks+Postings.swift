import Base
import Customers
import SQL

/// What is decided about points: postings, each for a cause, and what they open.
extension LoyaltyBooks {
  private mutating func post(
    _ points: Int64, to item: Item, of account: Account, _ kind: LoyaltyVerdict.Kind, _ cause: Cause
  ) throws {
    if points == 0 { return }
    switch item {
    case .lot(let id):
      _ = try lot(id)
      lots[id]?.remaining += points
    case .shortage(let id):
      _ = try shortage(id)
      shortages[id]?.open -= points
    }
    verdict.postings.append(
      LoyaltyVerdict.Posting(kind: kind, account: account, item: item, points: points, cause: cause))
  }

  /// An id of an item that nothing has: no entry has a million postings.
  private var nextID: Int64 { sequence * 1_000_000 + Int64(verdict.postings.count) }

  /// Opens a lot of points.
  mutating func open(
    _ points: Int64, of account: Account, from availableFrom: Instant, to expiresAt: Instant?,
    _ kind: LoyaltyVerdict.Kind, _ cause: Cause
  ) throws {
    let id = nextID
    lots[id] = Lot(
      id: id, account: account, kind: kind, points: points, remaining: 0, availableFrom: availableFrom,
      expiresAt: expiresAt, order: cause.order)
    verdict.lots.append(
      LoyaltyVerdict.Lot(
        id: id, account: account, kind: kind, points: points, availableFrom: availableFrom, expiresAt: expiresAt,
        order: cause.order))
    try post(points, to: .lot(id), of: account, kind, cause)
  }

  /// Takes points from lots, one after the other.
  ///
  /// - Returns: what they did not have.
  mutating func take(
    _ points: Int64, from lots: [Lot], _ kind: LoyaltyVerdict.Kind, _ cause: Cause
  ) throws -> Int64 {
    var rest = points
    for lot in lots where rest > 0 {
      let taken = min(rest, lot.remaining)
      try post(-taken, to: .lot(lot.id), of: lot.account, kind, cause)
      rest -= taken
    }
    return rest
  }

  /// Takes points whatever there is: what is available, then what pends, and the rest is owed by `debtor`.
  mutating func charge(
    _ points: Int64, to accounts: Set<Account>, debtor: Account, at time: Instant, _ kind: LoyaltyVerdict.Kind,
    _ cause: Cause
  ) throws {
    let lots = try lots(of: accounts).filter { !$0.isExpired(at: time) }
    let (available, pending) = (lots.filter { $0.isAvailable(at: time) }, lots.filter { !$0.isAvailable(at: time) })
    let rest = try take(points, from: available + pending, kind, cause)
    if rest > 0, Protection.holds("loyalty.owe") { try owe(rest, debtor, kind, cause) }
  }

  private mutating func owe(
    _ points: Int64, _ account: Account, _ kind: LoyaltyVerdict.Kind, _ cause: Cause
  ) throws {
    let id = nextID
    shortages[id] = Shortage(id: id, account: account, cause: cause, open: 0)
    verdict.shortages.append(LoyaltyVerdict.Shortage(id: id, account: account, cause: cause))
    try post(-points, to: .shortage(id), of: account, kind, cause)
  }

  /// Gives points back to where they were taken from, until there are no more of them.
  ///
  /// A lot keeps its old expiry: what comes back to one that is over expires at once.
  mutating func giveBack(
    _ points: Int64, to nets: [Net], at time: Instant, _ kind: LoyaltyVerdict.Kind, _ cause: Cause
  ) throws {
    var rest = points
    for net in nets where rest > 0 && net.points < 0 {
      let given = min(rest, -net.points)
      try post(given, to: net.item, of: net.account, kind, cause)
      rest -= given
      guard case .lot(let id) = net.item else { continue }
      if let end = try lot(id).expiresAt {
        if end <= time {
          try post(-given, to: net.item, of: net.account, .expire, Cause(.expired))
        } else {
          restored[net.account] = min(restored[net.account] ?? end, end)
        }
      }
      try settle(net.account, at: time)
    }
  }

  /// Pays what an account owes with what it has, the oldest first: whoever owes has nothing.
  mutating func settle(_ account: Account, at time: Instant) throws {
    for shortage in try shortages(of: [account]) {
      let lots = try lots(of: [account]).filter { !$0.isExpired(at: time) }
      let rest = try take(shortage.open, from: lots, .settle, shortage.cause)
      try post(shortage.open - rest, to: .shortage(shortage.id), of: account, .settle, shortage.cause)
      if rest > 0 { return }
    }
  }

  /// Takes what an order earned out of the lots that it opened: what is left there, and what has expired there, which
  /// nobody needs to give back.
  ///
  /// - Returns: what is neither there any more, and the account of the lots.
  mutating func takeBack(
    _ points: Int64, earnedBy order: String, _ cause: Cause
  ) throws -> (rest: Int64, account: Account?) {
    var ids = try session.rows(of: LoyaltyStatement.lotsOfOrder, .text(order)) { $0.integer(0) }
    ids += verdict.lots.filter { $0.order == order }.map { $0.id }
    var (rest, account) = (points, Account?.none)
    for id in ids {
      let lot = try lot(id)
      guard lot.kind == .earn else { continue }
      account = lot.account
      rest = try take(rest, from: [lot], .refund, cause)
      let expired = min(rest, try expired(id))
      try post(expired, to: .lot(id), of: lot.account, .refund, Cause(.expired))
      try post(-expired, to: .lot(id), of: lot.account, .refund, cause)
      rest -= expired
    }
    return (rest, account)
  }

  private func expired(_ lot: Int64) throws -> Int64 {
    let sum = try session.first(of: LoyaltyStatement.expired, .integer(lot)) { $0.integer(0) } ?? 0
    return verdict.postings.reduce(sum) { sum, posting in
      posting.item == .lot(lot) && posting.cause.counter == .expired ? sum - posting.points : sum
    }
  }

  /// Takes what an account has and forgives what it owes: nobody is left to spend it.
  mutating func close(_ account: Account) throws {
    for lot in try lots(of: [account]) {
      try post(-lot.remaining, to: .lot(lot.id), of: account, .forfeit, Cause(.forfeited))
    }
    for shortage in try shortages(of: [account]) {
      try post(shortage.open, to: .shortage(shortage.id), of: account, .forfeit, Cause(.forfeited))
    }
  }

  /// Turns what a hold has into what an order has taken, item by item.
  mutating func redeem(_ points: Int64, from nets: [Net], of hold: LoyaltyVerdict.Hold, order: String?) throws {
    let held = Cause(.held, hold: hold.id, stand: hold.origin)
    let redeemed = Cause(.redeemed, order: order, hold: hold.id, stand: hold.origin)
    var rest = points
    // What a hold took first, it gives first to the order; what comes back is what expires last.
    for net in nets.reversed() where rest > 0 && net.points < 0 {
      let moved = min(rest, -net.points)
      try post(moved, to: net.item, of: net.account, .capture, held)
      switch net.item {
      case .lot: try post(-moved, to: net.item, of: net.account, .capture, redeemed)
      case .shortage: try owe(moved, net.account, .capture, redeemed)
      }
      rest -= moved
    }
  }

  /// What the orders, open holds and adjustments of an origin have of other accounts, by what they are for.
  func foreign(at origin: Origin.Number) throws -> [(net: Net, cause: Cause)] {
    var sums: [Cause: [Item: (account: Account, points: Int64)]] = [:]
    try session.forEachRow(of: LoyaltyStatement.foreign, [.integer(origin)]) { row in
      guard let counter = LoyaltyVerdict.Counter(rawValue: row.text(4)) else { throw Self.damaged }
      let item: Item = row.optionalInteger(1).map { .lot($0) } ?? .shortage(row.integer(2))
      let cause = Cause(counter, order: row.optionalText(5), hold: row.optionalText(6), stand: origin)
      sums[cause, default: [:]][item] = (row.integer(0), row.integer(3))
      return true
    }
    for posting in verdict.postings
    where posting.cause.stand == origin && posting.account != origin
      && [.redeemed, .held, .adjusted].contains(posting.cause.counter)
    {
      sums[posting.cause, default: [:]][posting.item, default: (posting.account, 0)].points += posting.points
    }
    return sums.sorted { Self.key(of: $0.key) < Self.key(of: $1.key) }.flatMap { cause, items in
      items.filter { $0.value.points != 0 }.sorted { Self.key(of: $0.key) < Self.key(of: $1.key) }.map { item, sum in
        (Net(account: sum.account, item: item, points: sum.points), cause)
      }
    }
  }

  private static func key(of cause: Cause) -> (String, String, String) {
    (cause.order ?? "", cause.hold ?? "", cause.counter.rawValue)
  }

  private static func key(of item: Item) -> (Int, Int64) {
    switch item {
    case .lot(let id): (0, id)
    case .shortage(let id): (1, id)
    }
  }

  /// Takes what has expired of an account.
  ///
  /// - Returns: how many points.
  mutating func expire(_ account: Account, at time: Instant) throws -> Int64 {
    var points: Int64 = 0
    for lot in try lots(of: [account]) where lot.isExpired(at: time) {
      try post(-lot.remaining, to: .lot(lot.id), of: account, .expire, Cause(.expired))
      points += lot.remaining
    }
    return points
  }

  /// The lots of an account that have something and expire after one time and not after another, the first first.
  func ending(_ account: Account, after time: Instant, upTo end: Instant) throws -> [Lot] {
    var books = self
    return try session.rows(
      of: LoyaltyStatement.ending, .integer(account), .integer(time.milliseconds), .integer(end.milliseconds)
    ) { $0.integer(0) }.map { try books.lot($0) }
  }
}
