package import Base
package import Customers
package import SQL

/// The rules of the shared cart.
///
/// A source's event tells what has happened and is never refused; a request is decided on the cart as it is then. What
/// stands in the outcome are the new quantities at each origin.
package enum Carts {
  /// Within so much time an event reports what a request has changed; later it tells of a change of its own.
  ///
  /// Pages send their events when they are left or come back into reach: minutes, not hours.
  package static let creditLife: Duration = .seconds(600)

  /// What a sender's own name of a cart is remembered as: 128 bits of SHA-256, so that a log tells no names.
  static func digest(of name: String) -> String {
    Digest.hex(Array(Digest.sha256(Array("cart name\0\(name)".utf8)).prefix(16)))
  }

  // MARK: Events

  /// Decides what an entry comes to: a login, an undo, an event of a cart.
  static func decide(_ entry: inout LogEntry, tokens: TokenSource, in session: any Session) throws {
    for tie in entry.outcome.ties where tie.isLogin { try settle(tie, &entry, in: session) }
    if !entry.outcome.cuts.isEmpty, entry.event.kind == .undo { try part(&entry, in: session) }
    guard let told = CartEvent(entry.event), let origin = entry.outcome.origin else { return }
    try take(told, at: origin, &entry, tokens: tokens, in: session)
  }

  /// What becomes of the cart of a visitor who signs in, by the shop's policy: a line is never lost.
  private static func settle(_ tie: Outcome.Tie, _ entry: inout LogEntry, in session: any Session) throws {
    // A place that this entry opens has no cart.
    if entry.outcome.opened.contains(where: { $0.number == tie.second }) { return }
    let policy = try ShopMemory.cartPolicy(in: session).login
    if policy == .sum, Protection.holds("cart.login") { return }
    let joined = try entry.outcome.joined(with: tie.first, in: session)
    var decision = try CartDecision(of: joined, entry.outcome, in: session)
    let full = Set(decision.cart.portions.values.filter { $0.quantity > .zero }.map { $0.origin })
    let customers = full.subtracting([tie.second])
    guard full.contains(tie.second), !customers.isEmpty else { return }
    func newest(_ origins: Set<Origin.Number>) -> Int64 {
      origins.compactMap { decision.cart.parts[$0]?.sequence }.max() ?? 0
    }
    let visitorGivesWay = policy == .keepBoth || newest([tie.second]) < newest(customers)
    try decision.saveAll(at: visitorGivesWay ? [tie.second] : customers, time: entry.event.at)
    try decision.write(to: &entry.outcome, changedAt: entry.event.at)
  }

  /// An undo brings back what the login that it undoes has saved for later, and each side has a timer of its own.
  private static func part(_ entry: inout LogEntry, in session: any Session) throws {
    for id in entry.outcome.undone {
      guard let merge = try Merge.find(id, in: session), let made = try EventLog.entry(merge.sequence, in: session)
      else { continue }
      let moves = try CartVerdict(of: made.outcome).moves
      if moves.isEmpty { continue }
      let customer = try Lookup.leader(of: merge.pair.first, in: session)
      var decision = try CartDecision(of: JoinedCustomers(customers: [customer]), entry.outcome, in: session)
      try decision.takeBack(moves, madeAt: merge.sequence)
      try decision.write(to: &entry.outcome, changedAt: nil)
    }
    try CartAbandonment.part(&entry.outcome, at: entry.event.at, in: session)
  }

  private static func take(
    _ told: CartEvent, at origin: Origin.Number, _ entry: inout LogEntry, tokens: TokenSource, in session: any Session
  ) throws {
    // Our id stands in the events of a shop that changes the cart by requests.
    if let cart = told.cart, try Cart.isKnown(cart, in: session) { return }
    let time = entry.event.at
    let joined = try entry.outcome.joined(with: origin, in: session)
    var decision = try CartDecision(of: joined, entry.outcome, tokens: tokens, in: session)
    if let floor = decision.cart.floor(at: origin), time < floor {
      decision.note("late")
      return try decision.write(to: &entry.outcome, changedAt: nil)
    }
    var articles = Set(decision.cart.lines.map { $0.sku })
    for line in told.lines {
      let said = told.kind == .added ? line.quantity : -line.quantity
      var change = try decision.useCredits(said, of: line.sku, joined, time: time)
      if change > .zero {
        if !articles.contains(line.sku), articles.count >= Cart.mostLines {
          decision.note("full")
          continue
        }
        let room = Cart.mostOfLine - decision.cart.quantity(of: line.sku)
        if change > room {
          decision.note("capped")
          change = room
        }
        articles.insert(line.sku)
      }
      if change != .zero { try decision.add(change, of: line.sku, at: origin, time: time) }
    }
    if let cart = told.cart { try decision.call(cart, at: origin) }
    try decision.write(to: &entry.outcome, changedAt: time)
  }

  // MARK: What was bought

  /// Checks out the cart that a receipt or an order names, by our id or by what its sender called it in events.
  ///
  /// It ends in all its parts; what came in after `time` stays, in a life that begins, and what is saved stays. A cart that
  /// has ended, and a name that several customers' carts have, change nothing.
  ///
  /// - Parameter time: when it was bought; none for now.
  /// - Throws: where the database cannot be read.
  package static func checkOut(
    cart: String, order: String, time: Instant? = nil, into outcome: inout Outcome, in session: any Session
  ) throws {
    guard let place = try place(of: cart, outcome, in: session) else { return }
    let joined = try outcome.joined(with: place, in: session)
    var decision = try CartDecision(of: joined, outcome, in: session)
    let last = decision.cart.goods.map { $0.since }.max() ?? .earliest
    decision.end(.checkedOut, order: order, at: time ?? last)
    try decision.write(to: &outcome, changedAt: time ?? last)
  }

  /// The leading origin of the customer whose cart it is; nil where there is no such cart, or it has ended.
  static func owner(of cart: String, in session: any Session) throws -> Origin.Number? {
    try place(of: cart, Outcome(.matched, origin: nil), in: session).map { try Lookup.leader(of: $0, in: session) }
  }

  /// Where the open part is that a name means.
  private static func place(
    of cart: String, _ outcome: Outcome, in session: any Session
  ) throws -> Origin.Number? {
    func openPlace(_ id: String) throws -> Origin.Number? {
      try session.first(of: CartStatement.part, .text(id)) { row in
        Cart.State(rawValue: row.text(1))?.isOpen == true ? row.integer(0) : nil
      } ?? nil
    }
    if try Cart.isKnown(cart, in: session) { return try openPlace(cart) }
    let named = try session.rows(of: CartStatement.named, .text(digest(of: cart))) { $0.text(1) }
    let places = try named.compactMap { try openPlace($0) }
    if let buyer = outcome.origin {
      let joined = try outcome.joined(with: buyer, in: session)
      for place in places {
        if try joined.places.contains(place) || joined.customers.contains(Lookup.leader(of: place, in: session)) {
          return place
        }
      }
    }
    let customers = Set(try places.map { try Lookup.leader(of: $0, in: session) })
    return customers.count == 1 ? places.first : nil
  }

  /// Takes what was bought out of the buyer's active cart, up to its quantity, and ends the cart where nothing is left.
  ///
  /// - Parameters:
  ///   - origin: where the sale stands.
  ///   - time: when it was bought: what came into the cart later is not what was bought; none for now.
  /// - Throws: where the database cannot be read.
  package static func takeBought(
    _ lines: [(sku: String, quantity: Quantity)], ofCustomer origin: Origin.Number, order: String,
    time: Instant? = nil, into outcome: inout Outcome, in session: any Session
  ) throws {
    let joined = try outcome.joined(with: origin, in: session)
    var decision = try CartDecision(of: joined, outcome, in: session)
    guard !decision.cart.goods.isEmpty else { return }
    let last = decision.cart.goods.map { $0.since }.max() ?? .earliest
    for line in lines { try decision.takeBought(line.quantity, of: line.sku, first: origin, by: time) }
    if decision.cart.goods.isEmpty { decision.end(.checkedOut, order: order, at: time ?? last) }
    try decision.write(to: &outcome, changedAt: time ?? last)
  }
}
