package import Base
package import Customers
package import SQL

/// What an order takes and gives: stock, points, carts and prices, as `Orders` asks for them, in this order.
///
/// Everything is decided in the transaction of the order's own entry, into its outcome.
package protocol OrderBooks: Sendable {
  typealias Goods = (sku: String, quantity: Quantity)

  /// What these goods cost now; nil where no prices are kept, and the order says what they cost.
  func quote(_ goods: [Goods], _ context: OrderQuote.Context, in session: any Session) throws -> OrderQuote?

  /// Uses codes for an order.
  ///
  /// - Parameter isFact: whether it has happened already: then a code counts beyond its limits, and one that is none
  ///   counts nothing.
  /// - Throws: `conflict` where there is no such code, or it is used up.
  func redeem(
    _ coupons: [String], order: String, customer: Origin.Number?, isFact: Bool, into outcome: inout Outcome,
    in session: any Session
  ) throws
  /// The order was called off, and its codes may be used again.
  func giveBackCoupons(order: String, into outcome: inout Outcome, in session: any Session) throws

  typealias Share = (store: String, quantity: Quantity)

  /// The stores that send goods of which nobody has said who does, and how much each, for each line: one for all where one
  /// has all, else the fewest; nil where no stock is kept.
  ///
  /// - Throws: `OrderShortfall` where all together have too little.
  func senders(of goods: [Goods], now: Instant, in session: any Session) throws -> [[Share]]?

  /// Keeps goods for an order; without an end until it is released or sold.
  ///
  /// - Throws: `OrderShortfall` where not all of it can be promised.
  func reserve(
    _ goods: [Goods], at store: String, until: Instant?, order: String, now: Instant, into outcome: inout Outcome,
    in session: any Session) throws
  /// What has been sold: a fact.
  ///
  /// - Parameter isOffline: whether the till that sold it had no connection.
  func sell(
    _ goods: [Goods], at store: String, time: Instant, order: String, isOffline: Bool, into outcome: inout Outcome,
    in session: any Session
  ) throws
  /// What a till that had no connection takes beyond what its store allows, before it is booked.
  ///
  /// - Parameters:
  ///   - origin: where the sale stands; nil where it is nobody's.
  ///   - outcome: what its entry has decided so far of who is who.
  func offlineExcess(
    _ goods: [Goods], points: Int64, of origin: Origin.Number?, at store: String, time: Instant, after outcome: Outcome,
    in session: any Session
  ) throws -> [OfflineExcess]
  /// Ends what is kept for an order at a store.
  func release(
    order: String, _ goods: [Goods], at store: String, into outcome: inout Outcome, in session: any Session
  ) throws
  /// What came back.
  func restock(
    _ goods: [Goods], at store: String, time: Instant, order: String, into outcome: inout Outcome,
    in session: any Session
  ) throws
  /// Where else goods are that a shelf has not, the nearest first, and what may take their place.
  func alternatives(
    for goods: Goods, near store: String, now: Instant, in session: any Session
  ) throws -> (stores: [String], substitutes: [String])

  /// Works out what an order earns.
  ///
  /// - Parameter isFact: whether it has been sold already: then it is earned now, and else with what is handed over.
  func earn(
    order: String, amount: Int64, currency: Currency, lines: [(sku: String, total: Int64)], at origin: Origin.Number,
    isFact: Bool, time: Instant, into outcome: inout Outcome, in session: any Session) throws
  /// Works out what an order earns beside that with lines that it gets later, when they are handed over.
  func earnMore(
    order: String, amount: Int64, currency: Currency, lines: [(sku: String, total: Int64)], at origin: Origin.Number,
    time: Instant, into outcome: inout Outcome, in session: any Session) throws
  /// Says how much of an order is paid and in the customer's hands, in units of the whole, and how much money that is.
  func handOver(
    order: String, part: Int64, of whole: Int64, paid: Int64, time: Instant, into outcome: inout Outcome,
    in session: any Session) throws
  /// Pays with points.
  ///
  /// - Parameter due: what the order comes to; nil where it does not matter.
  /// - Returns: how much they pay, in minor units.
  /// - Throws: `conflict` where a request would take more than there are.
  func burn(
    points: Int64, order: String, currency: Currency?, due: Int64?, at origin: Origin.Number, isFact: Bool,
    time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws -> Int64
  /// Takes back a part of what an order earned and restores as much of what it burnt.
  func refund(
    order: String, part: Int64, of whole: Int64, time: Instant, into outcome: inout Outcome, in session: any Session)
    throws

  /// Whether a cart is this customer's, or is not there.
  func isCart(_ cart: String, of customer: Origin.Number, in session: any Session) throws -> Bool
  func checkOut(cart: String, order: String, time: Instant, into outcome: inout Outcome, in session: any Session) throws
  func takeBought(
    _ goods: [Goods], ofCustomer origin: Origin.Number, order: String, time: Instant, into outcome: inout Outcome,
    in session: any Session) throws
}

/// What goods cost.
package struct OrderQuote: Sendable {
  package struct Context: Sendable {
    package var currency: Currency?
    package var region: String?
    /// The leading origin of the customer; none for a visitor, of whom nothing is known.
    package var customer: Origin.Number?
    package var coupons: [String]
    package var store: String?
    package var now: Instant
  }

  package struct Line: Sendable {
    /// For one unit.
    package var price: Int64
    package var goods: Int64
    /// After discounts.
    package var net: Int64

    package init(price: Int64, goods: Int64, net: Int64) { (self.price, self.goods, self.net) = (price, goods, net) }
  }

  package var currency: Currency
  /// One for each line that was asked for.
  package var lines: [Line]
  /// What keeps it from being sold so: a sku that is unknown, a quantity off its step; the pointer is the line's number
  /// from 0, and the reason.
  package var issues: [(line: Int, reason: String)]

  package init(currency: Currency, lines: [Line], issues: [(line: Int, reason: String)] = []) {
    (self.currency, self.lines, self.issues) = (currency, lines, issues)
  }
}

/// Not all of what an order wants can be promised: what is short, and where it is.
package struct OrderShortfall: Error {
  package struct Line: Sendable {
    package var sku: String
    package var asked: Quantity
    package var available: Quantity
    /// Stores that have it, the nearest first.
    package var stores: [String]

    package init(sku: String, asked: Quantity, available: Quantity, stores: [String]) {
      (self.sku, self.asked, self.available, self.stores) = (sku, asked, available, stores)
    }
  }

  package var lines: [Line]

  package init(_ lines: [Line]) { self.lines = lines }
}

/// A shop that keeps no stock, no points, no prices and no carts: everything is promised, nothing is earned.
package struct NoBooks: OrderBooks {
  package init() {}

  package func quote(_ goods: [Goods], _ context: OrderQuote.Context, in session: any Session) throws -> OrderQuote? {
    nil
  }

  package func redeem(
    _ coupons: [String], order: String, customer: Origin.Number?, isFact: Bool, into outcome: inout Outcome,
    in session: any Session
  ) throws {}
  package func giveBackCoupons(order: String, into outcome: inout Outcome, in session: any Session) throws {}
  package func senders(of goods: [Goods], now: Instant, in session: any Session) throws -> [[Share]]? { nil }
  package func isCart(_ cart: String, of customer: Origin.Number, in session: any Session) throws -> Bool { true }
  package func reserve(
    _ goods: [Goods], at store: String, until: Instant?, order: String, now: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {}
  package func sell(
    _ goods: [Goods], at store: String, time: Instant, order: String, isOffline: Bool, into outcome: inout Outcome,
    in session: any Session
  ) throws {}
  package func offlineExcess(
    _ goods: [Goods], points: Int64, of origin: Origin.Number?, at store: String, time: Instant, after outcome: Outcome,
    in session: any Session
  ) throws -> [OfflineExcess] { [] }
  package func release(
    order: String, _ goods: [Goods], at store: String, into outcome: inout Outcome, in session: any Session
  ) throws {}
  package func restock(
    _ goods: [Goods], at store: String, time: Instant, order: String, into outcome: inout Outcome,
    in session: any Session
  ) throws {}
  package func alternatives(
    for goods: Goods, near store: String, now: Instant, in session: any Session
  ) throws -> (stores: [String], substitutes: [String]) { ([], []) }
  package func earn(
    order: String, amount: Int64, currency: Currency, lines: [(sku: String, total: Int64)], at origin: Origin.Number,
    isFact: Bool, time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {}
  package func earnMore(
    order: String, amount: Int64, currency: Currency, lines: [(sku: String, total: Int64)], at origin: Origin.Number,
    time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {}
  package func handOver(
    order: String, part: Int64, of whole: Int64, paid: Int64, time: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {}
  package func burn(
    points: Int64, order: String, currency: Currency?, due: Int64?, at origin: Origin.Number, isFact: Bool,
    time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws -> Int64 {
    if isFact { return 0 }
    throw Failure(.conflict, "the customer has no points", faults: [.init("/points", "is more than there is")])
  }
  package func refund(
    order: String, part: Int64, of whole: Int64, time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {}
  package func checkOut(
    cart: String, order: String, time: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {}
  package func takeBought(
    _ goods: [Goods], ofCustomer origin: Origin.Number, order: String, time: Instant, into outcome: inout Outcome,
    in session: any Session
  ) throws {}
}
