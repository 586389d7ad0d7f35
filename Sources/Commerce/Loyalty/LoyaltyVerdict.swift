package import Base
package import Customers

/// What one entry does to points, decided once: the part `points` of its outcome's verdicts, which the fold adds up.
///
/// An account is an origin's number, or below 0 a household's.
package struct LoyaltyVerdict: Sendable {
  package static let name = "points"

  package typealias Account = Int64

  /// What stands against the members' points.
  package enum Counter: String, Sendable, CaseIterable {
    case issued, redeemed, expired, adjusted, held, forfeited
  }

  /// What a posting was made by.
  package enum Kind: String, Sendable, CaseIterable {
    case earn, burn, refund, hold, capture, void, lapse, adjust, expire, undo, settle, forfeit
  }

  /// Why points move: against what, and for which order or hold, which stands at an origin.
  package struct Cause: Sendable, Hashable {
    package var counter: Counter
    package var order: String?
    package var hold: String?
    package var stand: Origin.Number?

    package init(_ counter: Counter, order: String? = nil, hold: String? = nil, stand: Origin.Number? = nil) {
      self.counter = counter
      self.order = order
      self.hold = hold
      self.stand = stand
    }
  }

  /// Points that came at once.
  package struct Lot: Sendable {
    package var id: Int64
    package var account: Account
    package var kind: Kind
    package var points: Int64
    package var availableFrom: Instant
    package var expiresAt: Instant?
    package var order: String?
  }

  /// Points that are owed.
  package struct Shortage: Sendable {
    package var id: Int64
    package var account: Account
    package var cause: Cause
  }

  /// Where points are: in a lot, or missing in a shortage.
  package enum Item: Sendable, Hashable {
    case lot(Int64)
    case shortage(Int64)
  }

  /// So many points come to a lot or shortage (below 0: go), from the other side.
  package struct Posting: Sendable {
    package var kind: Kind
    package var account: Account
    package var item: Item
    package var points: Int64
    package var cause: Cause
  }

  /// How a hold stands after the entry.
  package struct Hold: Sendable {
    package enum State: String, Sendable { case open, captured, voided, expired }

    package var id: String
    package var origin: Origin.Number
    package var points: Int64
    package var captured: Int64
    package var state: State
    package var until: Instant
  }

  /// What is added to an order's sums.
  package struct OrderSums: Sendable {
    package var order: String
    package var origin: Origin.Number
    package var at: Instant
    /// What `rated` is of an order that earns with what is handed over of it.
    package static let isPromised: Int64 = 2

    /// Once it has earned: 1.
    package var rated: Int64 = 0
    /// What was paid, in minor units of the programme's currency, and of that what was given back.
    package var amount: Int64 = 0
    package var returned: Int64 = 0
    /// What was given back, as who told it counts.
    package var refunded: Int64 = 0
    package var earned: Int64 = 0
    package var taken: Int64 = 0
    package var burnt: Int64 = 0
    package var restored: Int64 = 0
    /// What it earns when all of it is paid and handed over, and of that what it never will.
    package var promised: Int64 = 0
    package var withdrawn: Int64 = 0
  }

  /// A household's account is opened.
  package struct Household: Sendable {
    package var account: Account
    package var id: String
  }

  /// An origin's events earn for a household from now on; for none with 0.
  package struct Membership: Sendable {
    package var origin: Origin.Number
    package var account: Account
  }

  /// The version of the programme that was read; 0 for none.
  package var version: Int64 = 0
  /// What an earning was multiplied by for the customer's tier, in percent.
  package var tierPercent: Int64?
  /// The balance that an adjustment told.
  package var balance: Int64?
  package var households: [Household] = []
  package var memberships: [Membership] = []
  package var lots: [Lot] = []
  package var shortages: [Shortage] = []
  package var postings: [Posting] = []
  package var holds: [Hold] = []
  package var orders: [OrderSums] = []

  package init() {}

  /// Whether it says nothing.
  var isEmpty: Bool {
    households.isEmpty && memberships.isEmpty && lots.isEmpty && postings.isEmpty && holds.isEmpty && orders.isEmpty
  }
}

extension LoyaltyVerdict {
  /// What an entry decided of points, or nil.
  package init?(of outcome: Outcome) throws {
    guard let bytes = outcome.verdicts[Self.name] else { return nil }
    try self.init(json: bytes)
  }

  package var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("version", version)
      writer.field("tierPercent", ifPresent: tierPercent)
      writer.field("balance", ifPresent: balance)
      writer.rows("households", households) { writer, household in
        writer.value(household.account)
        writer.value(household.id)
      }
      writer.rows("memberships", memberships) { writer, membership in
        writer.value(membership.origin)
        writer.value(membership.account)
      }
      writer.rows("lots", lots) { writer, lot in
        writer.value(lot.id)
        writer.value(lot.account)
        writer.value(lot.kind.rawValue)
        writer.value(lot.points)
        writer.value(lot.availableFrom.milliseconds)
        writer.optional(lot.expiresAt?.milliseconds)
        writer.optional(lot.order)
      }
      writer.rows("shortages", shortages) { writer, shortage in
        writer.value(shortage.id)
        writer.value(shortage.account)
        writer.cause(shortage.cause)
      }
      writer.rows("postings", postings) { writer, posting in
        writer.value(posting.kind.rawValue)
        writer.value(posting.account)
        switch posting.item {
        case .lot(let lot):
          writer.value(lot)
          writer.null()
        case .shortage(let shortage):
          writer.null()
          writer.value(shortage)
        }
        writer.value(posting.points)
        writer.cause(posting.cause)
      }
      writer.rows("holds", holds) { writer, hold in
        writer.value(hold.id)
        writer.value(hold.origin)
        writer.value(hold.points)
        writer.value(hold.captured)
        writer.value(hold.state.rawValue)
        writer.value(hold.until.milliseconds)
      }
      writer.rows("orders", orders) { writer, sums in
        writer.value(sums.order)
        writer.value(sums.origin)
        writer.value(sums.at.milliseconds)
        for sum in sums.sums { writer.value(sum) }
      }
    }
    return writer.bytes
  }

  package init(json: [UInt8]) throws {
    let root = try JSONDocument(json).root
    func rows(_ name: String) -> [[JSON]] { root.member(name)?.elements.map { Array($0.elements) } ?? [] }
    func integer(_ row: [JSON], _ index: Int) throws -> Int64 {
      guard index < row.count, let integer = row[index].integer else { throw Self.damaged }
      return integer
    }
    func text(_ row: [JSON], _ index: Int) throws -> String {
      guard index < row.count, let text = row[index].string else { throw Self.damaged }
      return text
    }
    func cause(_ row: [JSON], _ index: Int) throws -> Cause {
      guard let counter = Counter(rawValue: try text(row, index)), row.count >= index + 4 else { throw Self.damaged }
      return Cause(
        counter, order: row[index + 1].string, hold: row[index + 2].string, stand: row[index + 3].integer)
    }
    version = root["version"]?.integer ?? 0
    tierPercent = root["tierPercent"]?.integer
    balance = root["balance"]?.integer
    households = try rows("households").map { Household(account: try integer($0, 0), id: try text($0, 1)) }
    memberships = try rows("memberships").map { Membership(origin: try integer($0, 0), account: try integer($0, 1)) }
    lots = try rows("lots").map { row in
      guard let kind = Kind(rawValue: try text(row, 2)), row.count == 7 else { throw Self.damaged }
      return Lot(
        id: try integer(row, 0), account: try integer(row, 1), kind: kind, points: try integer(row, 3),
        availableFrom: Instant(milliseconds: try integer(row, 4)),
        expiresAt: row[5].integer.map { Instant(milliseconds: $0) }, order: row[6].string)
    }
    shortages = try rows("shortages").map { row in
      Shortage(id: try integer(row, 0), account: try integer(row, 1), cause: try cause(row, 2))
    }
    postings = try rows("postings").map { row in
      guard let kind = Kind(rawValue: try text(row, 0)), row.count == 9 else { throw Self.damaged }
      let item: Item = try row[2].integer.map { .lot($0) } ?? .shortage(integer(row, 3))
      return Posting(
        kind: kind, account: try integer(row, 1), item: item, points: try integer(row, 4), cause: try cause(row, 5))
    }
    holds = try rows("holds").map { row in
      guard let state = Hold.State(rawValue: try text(row, 4)) else { throw Self.damaged }
      return Hold(
        id: try text(row, 0), origin: try integer(row, 1), points: try integer(row, 2), captured: try integer(row, 3),
        state: state, until: Instant(milliseconds: try integer(row, 5)))
    }
    orders = try rows("orders").map { row in
      var sums = OrderSums(
        order: try text(row, 0), origin: try integer(row, 1), at: Instant(milliseconds: try integer(row, 2)))
      // Before anything was promised, there were two fewer.
      sums.sums = try (3...12).map { $0 > 10 && $0 >= row.count ? 0 : try integer(row, $0) }
      return sums
    }
  }

  private static var damaged: Failure {
    Failure(.internal, "the log is damaged", cause: "a verdict of points that is none", hint: "throughline verify")
  }
}

extension LoyaltyVerdict.OrderSums {
  /// The sums in the order of the table's columns.
  package var sums: [Int64] {
    get { [rated, amount, returned, refunded, earned, taken, burnt, restored, promised, withdrawn] }
    set {
      (rated, amount, returned, refunded) = (newValue[0], newValue[1], newValue[2], newValue[3])
      (earned, taken, burnt, restored) = (newValue[4], newValue[5], newValue[6], newValue[7])
      (promised, withdrawn) = (newValue[8], newValue[9])
    }
  }
}

extension JSONWriter {
  fileprivate mutating func rows<T>(_ name: String, _ items: [T], _ body: (inout JSONWriter, T) -> Void) {
    if items.isEmpty { return }
    key(name)
    array { writer in
      for item in items { writer.array { body(&$0, item) } }
    }
  }

  fileprivate mutating func optional(_ integer: Int64?) {
    if let integer { value(integer) } else { null() }
  }

  fileprivate mutating func optional(_ text: String?) {
    if let text { value(text) } else { null() }
  }

  fileprivate mutating func cause(_ cause: LoyaltyVerdict.Cause) {
    value(cause.counter.rawValue)
    optional(cause.order)
    optional(cause.hold)
    optional(cause.stand)
  }
}
