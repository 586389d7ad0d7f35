import Base
import Customers
import SQL

/// What stands beside the lines: what requests have changed and events report, names, codes and links.
extension CartDecision {
  /// Remembers what a request has changed, for events that report it.
  mutating func leaveCredit(_ quantity: Quantity, of sku: String, at origin: Origin.Number, time: Instant) {
    if quantity == .zero { return }
    verdict.credits.append(.init(made: 0, sku: sku, origin: origin, quantity: quantity, at: time))
  }

  /// Uses what requests have left for an event of that time.
  ///
  /// - Returns: how much of `quantity` no request has made.
  mutating func useCredits(
    _ quantity: Quantity, of sku: String, _ joined: JoinedCustomers, time: Instant
  ) throws -> Quantity {
    var left = quantity
    let window: [SQLValue] = [
      .text(sku), .integer((time - Carts.creditLife).milliseconds), .integer((time + Carts.creditLife).milliseconds),
    ]
    var open: [CartVerdict.Credit] = []
    func read(_ statement: CartStatement, _ number: Int64) throws {
      try session.forEachRow(of: statement, [.integer(number)] + window) { row in
        open.append(
          .init(
            made: row.integer(0), sku: sku, origin: row.integer(1), quantity: Quantity(thousandths: row.integer(3)),
            at: Instant(milliseconds: row.integer(2))))
        return true
      }
    }
    for customer in joined.customers.sorted() { try read(.creditsOfCustomer, customer) }
    for place in joined.places.sorted() { try read(.creditsOfOrigin, place) }
    for index in open.indices {
      // What this very entry has used before.
      for used in verdict.credits where used.made == open[index].made && used.sku == sku {
        open[index].quantity = open[index].quantity + used.quantity
      }
    }
    for credit in open.sorted(by: { $0.made < $1.made })
    where left != .zero && (credit.quantity > .zero) == (left > .zero) && credit.quantity != .zero {
      let used = left > .zero ? min(left, credit.quantity) : max(left, credit.quantity)
      verdict.credits.append(
        .init(made: credit.made, sku: sku, origin: credit.origin, quantity: -used, at: credit.at))
      left = left - used
    }
    return left
  }

  /// Remembers what the sender calls the cart that is open at an origin.
  mutating func call(_ name: String, at origin: Origin.Number) throws {
    guard let part = cart.parts[origin], part.state.isOpen else { return }
    let digest = Carts.digest(of: name)
    let known = try session.rows(of: CartStatement.named, .text(digest)) { ($0.integer(0), $0.text(1)) }
    if known.contains(where: { $0.0 == origin && $0.1 == part.id }) { return }
    verdict.carriesName = .init(origin: origin, digest: digest, cart: part.id)
  }

  /// Takes the codes of the request's body into the part of `origin`.
  mutating func takeCoupons(at origin: Origin.Number) throws {
    try use(origin)
    verdict.coupons = cart.parts[origin]?.id
  }

  mutating func share(_ share: CartVerdict.Share) { verdict.share = share }
  mutating func placed(_ order: String?) { verdict.order = order }
  mutating func note(_ note: String) { if !verdict.notes.contains(note) { verdict.notes.append(note) } }
}
