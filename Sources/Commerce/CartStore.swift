import Base
package import Customers
package import SQL

enum CartStatement: Int, StatementSet {
  case partsOfCustomer, partsOfOrigin, linesOfCustomer, linesOfOrigin, coupons, part, named
  case creditsOfCustomer, creditsOfOrigin, share
  case putPart, putLine, putCoupon, putName, putCredit, putShare, eraseCoupons, eraseShares, ids

  private static let parts = """
    SELECT c.id, c.origin, c.state, c.floor, c.order_id, c.told, c.sequence
    """
  private static let newest = "c.sequence = (SELECT max(x.sequence) FROM cart x WHERE x.origin = c.origin)"
  private static let lines = """
    SELECT l.origin, l.sku, l.quantity, l.saved, l.since, l.price, l.currency, l.sequence
    """
  private static let credits = "SELECT k.made, k.origin, k.at, sum(k.quantity)"
  private static let openCredits = """
    k.sku = ?2 AND k.at >= ?3 AND k.at <= ?4 GROUP BY k.made, k.origin, k.at HAVING sum(k.quantity) <> 0
    ORDER BY k.made
    """

  var sql: String {
    switch self {
    case .partsOfCustomer:
      "\(Self.parts) FROM origin o JOIN cart c ON c.origin = o.number WHERE o.customer = ?1 AND \(Self.newest)"
    case .partsOfOrigin: "\(Self.parts) FROM cart c WHERE c.origin = ?1 AND \(Self.newest)"
    case .linesOfCustomer:
      """
      \(Self.lines) FROM origin o JOIN cart_line l ON l.origin = o.number
      WHERE o.customer = ?1 AND (l.quantity > 0 OR l.saved > 0)
      """
    case .linesOfOrigin: "\(Self.lines) FROM cart_line l WHERE l.origin = ?1 AND (l.quantity > 0 OR l.saved > 0)"
    case .coupons: "SELECT code, present, sequence FROM cart_coupon WHERE cart = ?1"
    case .part: "SELECT c.origin, c.state FROM cart c WHERE c.id = ?1"
    case .named: "SELECT origin, cart FROM cart_name WHERE name = ?1 ORDER BY origin LIMIT 20"
    case .creditsOfCustomer:
      """
      \(Self.credits) FROM origin o JOIN cart_credit k ON k.origin = o.number
      WHERE o.customer = ?1 AND \(Self.openCredits)
      """
    case .creditsOfOrigin: "\(Self.credits) FROM cart_credit k WHERE k.origin = ?1 AND \(Self.openCredits)"
    case .share: "SELECT origin, lines, ends_at FROM cart_share WHERE id = ?1"
    case .putPart:
      """
      INSERT INTO cart (id, origin, state, floor, order_id, told, sequence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT (id) DO UPDATE SET state = excluded.state, floor = excluded.floor, order_id = excluded.order_id,
        told = excluded.told, sequence = excluded.sequence
      WHERE excluded.sequence > cart.sequence
      """
    case .putLine:
      """
      INSERT INTO cart_line (origin, sku, quantity, saved, since, price, currency, sequence)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      ON CONFLICT (origin, sku) DO UPDATE SET quantity = excluded.quantity, saved = excluded.saved,
        since = excluded.since, price = excluded.price, currency = excluded.currency, sequence = excluded.sequence
      WHERE excluded.sequence > cart_line.sequence
      """
    case .putCoupon:
      """
      INSERT INTO cart_coupon (cart, code, origin, present, sequence) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (cart, code) DO UPDATE SET present = excluded.present, sequence = excluded.sequence
      WHERE excluded.sequence > cart_coupon.sequence
      """
    case .putName:
      """
      INSERT INTO cart_name (name, origin, cart, sequence) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (name, origin) DO UPDATE SET cart = excluded.cart, sequence = excluded.sequence
      WHERE excluded.sequence > cart_name.sequence
      """
    case .putCredit:
      "INSERT INTO cart_credit (sequence, made, sku, origin, quantity, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    case .putShare: "INSERT INTO cart_share (id, origin, lines, ends_at, sequence) VALUES (?1, ?2, ?3, ?4, ?5)"
    case .eraseCoupons: "DELETE FROM cart_coupon WHERE origin = ?1"
    case .eraseShares: "DELETE FROM cart_share WHERE origin = ?1"
    case .ids: "SELECT id, state, \(OrderID.shown("order_id")) FROM cart WHERE origin = ?1 ORDER BY id"
    }
  }
}

extension Cart {
  /// The cart of the customer that `leader` leads.
  package init(ofCustomer leader: Origin.Number, in session: any Session) throws {
    try self.init(of: JoinedCustomers(customers: [leader]), in: session)
  }

  /// The cart that a request reaches.
  package init(of person: Person, in session: any Session) throws {
    try self.init(of: Self.reach(of: person), in: session)
  }

  /// What a request reaches: all of a customer, or a visitor's own place alone.
  static func reach(of person: Person) -> JoinedCustomers {
    switch person.reach {
    case .customer: JoinedCustomers(customers: [person.leader])
    case .stand: JoinedCustomers(customers: [], places: [person.stand])
    }
  }

  /// The cart of all of these, as one.
  init(of joined: JoinedCustomers, in session: any Session) throws {
    self.init()
    for customer in joined.customers.sorted() {
      try read(.partsOfCustomer, .linesOfCustomer, customer, session)
    }
    for place in joined.places.sorted() { try read(.partsOfOrigin, .linesOfOrigin, place, session) }
    try readCoupons(session)
  }

  private mutating func read(
    _ parts: CartStatement, _ lines: CartStatement, _ number: Int64, _ session: any Session
  ) throws {
    try session.forEachRow(of: parts, [.integer(number)]) { row in
      guard let state = State(rawValue: row.text(2)) else { throw Self.damaged }
      let part = Part(
        id: row.text(0), origin: row.integer(1), state: state,
        floor: row.optionalInteger(3).map { Instant(milliseconds: $0) }, order: row.optionalText(4),
        isTold: row.integer(5) == 1, sequence: row.integer(6))
      // One entry may end a life and begin the next.
      if let other = self.parts[part.origin], other.state.isOpen { return true }
      self.parts[part.origin] = part
      return true
    }
    try session.forEachRow(of: lines, [.integer(number)]) { row in
      let price = row.optionalText(6).flatMap { Currency($0) }.map { Money(row.integer(5), $0) }
      let portion = Portion(
        origin: row.integer(0), sku: row.text(1), quantity: Quantity(thousandths: row.integer(2)),
        saved: Quantity(thousandths: row.integer(3)), since: Instant(milliseconds: row.integer(4)), price: price,
        sequence: row.integer(7))
      portions[PortionKey(origin: portion.origin, sku: portion.sku)] = portion
      return true
    }
  }

  /// Of each code the newest word counts, in whichever part it was said.
  private mutating func readCoupons(_ session: any Session) throws {
    var newest: [String: (isPresent: Bool, sequence: Int64)] = [:]
    for part in open {
      try session.forEachRow(of: CartStatement.coupons, [.text(part.id)]) { row in
        let said = (isPresent: row.integer(1) == 1, sequence: row.integer(2))
        if let other = newest[row.text(0)], other.sequence >= said.sequence { return true }
        newest[row.text(0)] = said
        return true
      }
    }
    coupons = newest.filter { $0.value.isPresent }.map { $0.key }.sorted()
  }

  static let damaged = Failure(.internal, "the tables of carts are damaged", hint: "throughline verify")

  /// Whether an id has the form of ours, so that it names nobody.
  static func isOurs(_ id: String) -> Bool {
    id.hasPrefix("crt_") && id.utf8.count <= 32
      && id.utf8.dropFirst(4).allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      }
  }

  /// Whether that id is one of our carts', open or not.
  static func isKnown(_ id: String, in session: any Session) throws -> Bool {
    try session.first(of: CartStatement.part, .text(id)) { _ in true } ?? false
  }
}
