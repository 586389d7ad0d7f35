package import Base
package import Customers
package import SQL

/// A customer's points at a moment, exact between the timers: what has ended by then counts as ended.
package struct LoyaltyReading: Sendable {
  /// What can be spent: what is available, less what is owed.
  ///
  /// Below 0 where he owes more than he has.
  package let balance: Int64
  /// What comes when orders are paid and handed over, and the time to return them is over.
  package let pending: Int64
  /// What open holds have set aside.
  package let held: Int64
  /// What is owed, of the balance.
  package let owed: Int64
  private let lots: [LoyaltyBooks.Lot]
  private let holds: [LoyaltyVerdict.Hold]
  private let households: [String]
  package let tier: LoyaltyTier?
  private let programme: LoyaltyProgramme?

  /// The points of the customer to whom an origin belongs.
  package init(ofCustomer origin: Origin.Number, now: Instant, in session: any Session) throws {
    let origins = try CustomerParts.origins(with: origin, in: session)
    var nothing = Outcome(.matched, origin: nil)
    var books = try LoyaltyBooks(nothing, in: session)
    let accounts = try books.accounts(of: origins)
    try Loyalty.lapse(of: Set(origins), accounts, at: now, &books, &nothing)
    lots = try books.lots(of: accounts).filter { !$0.isExpired(at: now) }.map { lot in
      var lot = lot
      lot.order = try lot.order.map { try OrderID.shown($0, in: session) }
      return lot
    }
    owed = try books.shortages(of: accounts).reduce(0) { $0 + $1.open }
    let available = lots.filter { $0.isAvailable(at: now) }.reduce(0) { $0 + $1.remaining }
    balance = available - owed
    var members = Set(origins)
    for account in accounts where account < 0 { members.formUnion(try books.members(of: account)) }
    let promised = try members.reduce(Int64(0)) { sum, origin in
      try sum + (session.first(of: LoyaltyStatement.promised, .integer(origin)) { $0.integer(0) } ?? 0)
    }
    pending = lots.reduce(promised) { $0 + $1.remaining } - available
    holds = try books.openHolds(of: origins)
    held = holds.reduce(0) { $0 + $1.points }
    households = try accounts.filter { $0 < 0 }.sorted().map { account in
      try session.first(of: LoyaltyStatement.householdID, .integer(account)) { $0.text(0) } ?? ""
    }
    programme = try ShopMemory.programme(in: session)
    tier = try programme.map { try LoyaltyTier(of: origins, $0, now: now, in: session) }
  }

  /// What expires next: all that expires at that moment.
  private var nextExpiry: (points: Int64, at: Instant)? {
    guard let end = lots.compactMap({ $0.expiresAt }).min() else { return nil }
    return (lots.filter { $0.expiresAt == end }.reduce(0) { $0 + $1.remaining }, end)
  }

  /// How many points he may pay with for a receipt.
  package func redeemable(for receipt: Money) -> Int64 {
    programme.map { max(min(balance, $0.cap(of: receipt)), 0) } ?? 0
  }

  /// Writes it as the API shows it, as an object.
  ///
  /// - Parameters:
  ///   - receipt: what `redeemable` is told for.
  ///   - isTill: whether it is told what may be promised offline.
  package func write(to writer: inout JSONWriter, receipt: Money? = nil, isTill: Bool = false) {
    writer.object { writer in
      writer.field("balance", balance)
      writer.field("pending", pending)
      writer.field("held", held)
      writer.field("owed", owed)
      writer.field("tier", orNull: tier?.tier?.name)
      writer.field("tierUntil", orNull: tier?.until?.text)
      writer.field("tierSpent", tier?.spent ?? 0)
      writer.key("nextTier")
      if let tier, let next = tier.next {
        writer.object { writer in
          writer.field("name", next.name)
          writer.field("missing", next.threshold - tier.spent)
        }
      } else {
        writer.null()
      }
      writer.key("nextExpiry")
      if let nextExpiry {
        writer.object { writer in
          writer.field("points", nextExpiry.points)
          writer.field("at", nextExpiry.at.text)
        }
      } else {
        writer.null()
      }
      if let programme {
        writer.key("pointValue")
        Money(programme.pointValue, programme.currency).write(to: &writer)
      }
      if let receipt { writer.field("redeemable", redeemable(for: receipt)) }
      if isTill { writer.field("offlineAllowance", max(min(programme?.offlineAllowance ?? 0, balance), 0)) }
      writer.key("households")
      writer.array { for household in households { $0.value(household) } }
      writer.key("lots")
      writer.array { for lot in lots { lot.write(to: &$0) } }
      writer.key("holds")
      writer.array { for hold in holds { hold.write(to: &$0) } }
    }
  }
}

extension LoyaltyBooks.Lot {
  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("points", points)
      writer.field("remaining", remaining)
      writer.field("availableFrom", availableFrom.text)
      writer.field("expiresAt", orNull: expiresAt?.text)
      writer.field("order", orNull: order)
    }
  }
}

extension LoyaltyVerdict.Hold {
  /// Writes it as the API shows it.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", id)
      writer.field("points", points)
      writer.field("captured", captured)
      writer.field("state", state.rawValue)
      writer.field("until", until.text)
    }
  }
}

/// `points:balance`, `points:pending`, `points:held` and `points:tier`: a customer's points, and the name of his tier.
package struct LoyaltyFacts: FactPublisher {
  package let prefix = "points"

  package init() {}

  package func fact(
    _ name: String, ofCustomer leader: Origin.Number, now: Instant, in session: any Session
  ) throws -> Fact? {
    guard ["balance", "pending", "held", "tier"].contains(name) else { return nil }
    let points = try LoyaltyReading(ofCustomer: leader, now: now, in: session)
    func number(_ points: Int64) -> Fact { .number(Int128(points) * 1_000_000) }
    return switch name {
    case "balance": number(points.balance)
    case "pending": number(points.pending)
    case "held": number(points.held)
    default: (points.tier?.tier?.name).map { .text($0) }
    }
  }
}
