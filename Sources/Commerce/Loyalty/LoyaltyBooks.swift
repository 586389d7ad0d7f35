import Base
import Customers
import SQL

/// The books of points as they are in a transaction, and what its entry has decided about them so far.
///
/// What it reads it keeps with what was decided added, so that several decisions of one entry see each other. Nothing is
/// written: the verdict is, with the entry.
struct LoyaltyBooks {
  typealias Account = LoyaltyVerdict.Account
  typealias Cause = LoyaltyVerdict.Cause
  typealias Item = LoyaltyVerdict.Item

  struct Lot {
    var id: Int64
    var account: Account
    var kind: LoyaltyVerdict.Kind
    var points: Int64
    var remaining: Int64
    var availableFrom: Instant
    var expiresAt: Instant?
    var order: String?

    func isExpired(at time: Instant) -> Bool { expiresAt.map { $0 <= time } ?? false }
    func isAvailable(at time: Instant) -> Bool { availableFrom <= time && !isExpired(at: time) }

    /// First expiring first, then what was there first.
    static func goes(_ one: Lot, before other: Lot) -> Bool {
      (one.expiresAt ?? .latest, one.availableFrom, one.id)
        < (other.expiresAt ?? .latest, other.availableFrom, other.id)
    }
  }

  struct Shortage {
    var id: Int64
    var account: Account
    var cause: Cause
    var open: Int64
  }

  /// What an order or a hold has of an item: below 0 where it took points of it.
  struct Net {
    var account: Account
    var item: Item
    var points: Int64
  }

  let session: any Session
  var verdict: LoyaltyVerdict
  /// The place that the entry will have.
  let sequence: Int64
  /// What the entry decided before this was made, in the rows that are not read yet.
  private var moved: [Item: Int64] = [:]
  var lots: [Int64: Lot] = [:]
  var shortages: [Int64: Shortage] = [:]
  private var read: Set<Account> = []
  /// Where points came back to, and when the first of them expire.
  var restored: [Account: Instant] = [:]

  /// The books in the transaction of `session`, with what `outcome` says already.
  init(_ outcome: Outcome, in session: any Session) throws {
    self.session = session
    verdict = try LoyaltyVerdict(of: outcome) ?? LoyaltyVerdict()
    sequence = try EventLog.last(in: session) + 1
    for posting in verdict.postings { moved[posting.item, default: 0] += posting.points }
    for lot in verdict.lots {
      lots[lot.id] = Lot(
        id: lot.id, account: lot.account, kind: lot.kind, points: lot.points, remaining: moved[.lot(lot.id)] ?? 0,
        availableFrom: lot.availableFrom, expiresAt: lot.expiresAt, order: lot.order)
    }
    for shortage in verdict.shortages {
      shortages[shortage.id] = Shortage(
        id: shortage.id, account: shortage.account, cause: shortage.cause, open: -(moved[.shortage(shortage.id)] ?? 0))
    }
  }

  /// Puts what was decided into the outcome, and sees to it that what came back expires.
  ///
  /// An account's timer stands for its next end; it may be beyond that of a lot to which a late fact gives back.
  func write(to outcome: inout Outcome) throws {
    for (account, end) in restored.sorted(by: { $0.key < $1.key }) {
      try LoyaltyExpiry.set(account, end, &outcome, in: session)
    }
    if !verdict.isEmpty { outcome.verdicts[LoyaltyVerdict.name] = verdict.json }
  }

  mutating func note(_ change: (inout LoyaltyVerdict) -> Void) { change(&verdict) }

  // MARK: What there is

  private mutating func read(_ account: Account) throws {
    guard read.insert(account).inserted else { return }
    for lot in try session.rows(of: LoyaltyStatement.openLots, .integer(account), map: { Self.lot($0) }) {
      keep(lot)
    }
    for shortage in try session.rows(
      of: LoyaltyStatement.shortages, .integer(account), map: { Self.shortage($0) })
    { keep(shortage) }
  }

  private mutating func keep(_ lot: Lot) {
    guard lots[lot.id] == nil else { return }
    lots[lot.id] = lot
    lots[lot.id]?.remaining += moved[.lot(lot.id)] ?? 0
  }

  private mutating func keep(_ shortage: Shortage) {
    guard shortages[shortage.id] == nil else { return }
    shortages[shortage.id] = shortage
    shortages[shortage.id]?.open -= moved[.shortage(shortage.id)] ?? 0
  }

  mutating func lot(_ id: Int64) throws -> Lot {
    if lots[id] == nil, let lot = try session.first(of: LoyaltyStatement.lot, .integer(id), map: { Self.lot($0) }) {
      keep(lot)
    }
    guard let lot = lots[id] else { throw Self.damaged }
    return lot
  }

  mutating func shortage(_ id: Int64) throws -> Shortage {
    if shortages[id] == nil,
      let shortage = try session.first(of: LoyaltyStatement.shortage, .integer(id), map: { Self.shortage($0) })
    {
      keep(shortage)
    }
    guard let shortage = shortages[id] else { throw Self.damaged }
    return shortage
  }

  /// A customer's past may have what was moved of a household's lot, and not who opened it.
  private static func lot(_ row: any Row) -> Lot {
    Lot(
      id: row.integer(0), account: row.integer(1),
      kind: LoyaltyVerdict.Kind(rawValue: row.text(2)) ?? .adjust, points: row.integer(3), remaining: row.integer(4),
      availableFrom: Instant(milliseconds: row.integer(5)),
      expiresAt: row.optionalInteger(6).map { Instant(milliseconds: $0) }, order: row.optionalText(7))
  }

  private static func shortage(_ row: any Row) -> Shortage {
    Shortage(
      id: row.integer(0), account: row.integer(1),
      cause: Cause(
        LoyaltyVerdict.Counter(rawValue: row.text(2)) ?? .redeemed, order: row.optionalText(3),
        hold: row.optionalText(4), stand: row.optionalInteger(5)),
      open: row.integer(6))
  }

  static var damaged: Failure {
    Failure(.internal, "the books of points are damaged", hint: "throughline verify")
  }

  /// The lots of these accounts with something in them, in the order in which they are spent.
  mutating func lots(of accounts: Set<Account>) throws -> [Lot] {
    for account in accounts.sorted() { try read(account) }
    return lots.values.filter { accounts.contains($0.account) && $0.remaining > 0 }.sorted(by: Lot.goes)
  }

  /// The open shortages of these accounts, the oldest first.
  mutating func shortages(of accounts: Set<Account>) throws -> [Shortage] {
    for account in accounts.sorted() { try read(account) }
    return shortages.values.filter { accounts.contains($0.account) && $0.open > 0 }.sorted { $0.id < $1.id }
  }

  /// What can be spent: what is available, less what is owed.
  mutating func balance(of accounts: Set<Account>, at time: Instant) throws -> Int64 {
    let available = try lots(of: accounts).filter { $0.isAvailable(at: time) }.reduce(0) { $0 + $1.remaining }
    return try shortages(of: accounts).reduce(available) { $0 - $1.open }
  }

  /// The account for which an origin earns: its household's, else its own.
  func account(of origin: Origin.Number) throws -> Account {
    if let told = verdict.memberships.last(where: { $0.origin == origin }) {
      return told.account == 0 ? origin : told.account
    }
    return try session.first(of: LoyaltyStatement.household, .integer(origin)) { $0.integer(0) } ?? origin
  }

  /// The accounts whose points these origins spend: each its own, and the households of which they are members.
  func accounts(of origins: some Sequence<Origin.Number>) throws -> Set<Account> {
    var accounts = Set(origins)
    guard try hasHouseholds else { return accounts }
    for origin in origins { accounts.insert(try account(of: origin)) }
    return accounts
  }

  var hasHouseholds: Bool {
    get throws {
      if !verdict.households.isEmpty { return true }
      return try session.first(of: LoyaltyStatement.anyHousehold) { _ in true } ?? false
    }
  }

  /// The origins that earn for a household.
  func members(of account: Account) throws -> Set<Origin.Number> {
    var members = Set(try session.rows(of: LoyaltyStatement.members, .integer(account)) { $0.integer(0) })
    for told in verdict.memberships {
      if told.account == account { members.insert(told.origin) } else { members.remove(told.origin) }
    }
    return members
  }

  /// What an order, or a hold as long as it is open, has taken from where, first what is owed, then what expires last.
  mutating func nets(order: String? = nil, hold: String? = nil) throws -> [Net] {
    let counter: LoyaltyVerdict.Counter = hold == nil ? .redeemed : .held
    var sums: [Item: (account: Account, points: Int64)] = [:]
    let statement: LoyaltyStatement = hold == nil ? .netsOfOrder : .netsOfHold
    try session.forEachRow(of: statement, [.text(hold ?? order)]) { row in
      let item: Item = row.optionalInteger(1).map { .lot($0) } ?? .shortage(row.integer(2))
      sums[item] = (row.integer(0), row.integer(3))
      return true
    }
    for posting in verdict.postings
    where posting.cause.counter == counter
      && (hold == nil ? posting.cause.order == order : posting.cause.hold == hold)
    {
      sums[posting.item, default: (posting.account, 0)].points += posting.points
    }
    let left = sums.filter { $0.value.points != 0 }
    return try sorted(left.map { Net(account: $1.account, item: $0, points: $1.points) })
  }

  private mutating func sorted(_ nets: [Net]) throws -> [Net] {
    var keyed: [(key: (Int, Int64, Int64), net: Net)] = []
    for net in nets {
      switch net.item {
      case .shortage(let id): keyed.append(((0, id, 0), net))
      case .lot(let id): keyed.append(((1, -(try lot(id).expiresAt ?? .latest).milliseconds, -id), net))
      }
    }
    return keyed.sorted { $0.key < $1.key }.map { $0.net }
  }

  /// An order's sums, with what the entry adds to them; nil where nothing is known of it.
  func order(_ order: String) throws -> LoyaltyVerdict.OrderSums? {
    var sums = try session.first(of: LoyaltyStatement.order, .text(order)) { row in
      var sums = LoyaltyVerdict.OrderSums(
        order: order, origin: row.integer(0), at: Instant(milliseconds: row.integer(1)))
      sums.sums = (2..<12).map { row.integer($0) }
      return sums
    }
    for told in verdict.orders where told.order == order {
      guard let old = sums?.sums else {
        sums = told
        continue
      }
      sums?.sums = zip(old, told.sums).map { $0 + $1 }
    }
    return sums
  }

  /// A hold as the entry leaves it; nil where there is none.
  func hold(_ id: String) throws -> LoyaltyVerdict.Hold? {
    if let told = verdict.holds.last(where: { $0.id == id }) { return told }
    return try session.first(of: LoyaltyStatement.hold, .text(id)) { try Self.hold($0) }
  }

  /// The open holds that stand at these origins.
  func openHolds(of origins: some Sequence<Origin.Number>) throws -> [LoyaltyVerdict.Hold] {
    var holds: [String: LoyaltyVerdict.Hold] = [:]
    for origin in origins {
      for hold in try session.rows(of: LoyaltyStatement.openHolds, .integer(origin), map: { try Self.hold($0) }) {
        holds[hold.id] = hold
      }
      for told in verdict.holds where told.origin == origin { holds[told.id] = told }
    }
    return holds.values.filter { $0.state == .open }.sorted { ($0.until, $0.id) < ($1.until, $1.id) }
  }

  private static func hold(_ row: any Row) throws -> LoyaltyVerdict.Hold {
    guard let state = LoyaltyVerdict.Hold.State(rawValue: row.text(4)) else { throw damaged }
    return LoyaltyVerdict.Hold(
      id: row.text(0), origin: row.integer(1), points: row.integer(2), captured: row.integer(3), state: state,
      until: Instant(milliseconds: row.integer(5)))
  }
}
