import Base
import Customers
import SQL

/// What one entry makes of a customer's cart: read as it is, with what was decided about the same entry before, changed
/// by the rules, and written into the outcome.
struct CartDecision {
  private(set) var cart: Cart
  let session: any Session
  /// Gives ids; none where a decision begins no cart.
  private let tokens: TokenSource?
  var verdict: CartVerdict
  private var changedParts: Set<String> = []
  private var changedPortions: Set<Cart.PortionKey> = []
  /// Parts whose life has ended in this decision.
  private var ended: [Cart.Part] = []

  /// - Parameters:
  ///   - joined: whose cart it is when the outcome is folded.
  ///   - tokens: gives ids to parts that begin; none where nothing can begin.
  init(
    of joined: JoinedCustomers, _ outcome: Outcome, tokens: TokenSource? = nil, in session: any Session
  ) throws {
    cart = try Cart(of: joined, in: session)
    verdict = try CartVerdict(of: outcome)
    self.session = session
    self.tokens = tokens
    for part in verdict.parts where part.state.isOpen || cart.parts[part.origin]?.id == part.id {
      cart.parts[part.origin] = part
    }
    for portion in verdict.portions { cart.portions[Cart.PortionKey(portion)] = portion }
  }

  /// Whether anything has changed.
  var hasChanged: Bool { !changedParts.isEmpty || !changedPortions.isEmpty || !ended.isEmpty }

  // MARK: Parts

  /// Begins a part at an origin, unless one is open there, and says that the cart is in use.
  mutating func use(_ origin: Origin.Number) throws {
    if cart.parts[origin]?.state.isOpen != true {
      guard let tokens else { throw Failure(.internal, "a cart begins where none may") }
      begin(Cart.Part(id: tokens.next("crt_"), origin: origin, state: .active, floor: cart.floor(at: origin)))
    }
    if let part = cart.parts[origin] { changedParts.insert(part.id) }
    for part in cart.open where part.state != .active { set(part) { $0.state = .active } }
  }

  private mutating func begin(_ part: Cart.Part) {
    cart.parts[part.origin] = part
    changedParts.insert(part.id)
  }

  private mutating func set(_ part: Cart.Part, _ change: (inout Cart.Part) -> Void) {
    guard var new = cart.parts[part.origin] else { return }
    change(&new)
    cart.parts[part.origin] = new
    changedParts.insert(new.id)
  }

  /// Says of every part where the cart stands.
  mutating func mark(_ state: Cart.State, isTold: Bool? = nil) {
    for part in cart.open {
      set(part) { part in
        part.state = state
        part.isTold = isTold ?? part.isTold
      }
    }
  }

  /// Ends the cart's life in all its parts.
  ///
  /// Saved lines stay, and so do those that came in after `time`, in a life that begins.
  mutating func end(_ state: Cart.State, order: String? = nil, at time: Instant) {
    for part in cart.open {
      var last = part
      (last.state, last.order) = (state, order)
      last.floor = max(time, part.floor ?? time)
      ended.append(last)
      changedParts.remove(part.id)
      cart.parts[part.origin] = last
      var isLeft = false
      for portion in portions(at: part.origin) where portion.quantity > .zero {
        if portion.since > time.toldEnd { isLeft = true } else { put(portion) { $0.quantity = .zero } }
      }
      if isLeft {
        let id = Self.successor(of: part.id)
        begin(Cart.Part(id: id, origin: part.origin, state: .active, floor: last.floor))
      }
    }
  }

  /// The id of the life that goes on when a receipt ends one: made of its id, so that it can be told and not guessed.
  private static func successor(of id: String) -> String {
    "crt_" + Digest.hex(Digest.sha256(Array("the cart after \(id)".utf8))).prefix(26)
  }

  // MARK: Lines

  private func portions(at origin: Origin.Number) -> [Cart.Portion] {
    cart.portions.values.filter { $0.origin == origin }.sorted { $0.sku < $1.sku }
  }

  /// Those of an article, first that of `origin`, then the others' in the order of their origins.
  private func portions(of sku: String, first origin: Origin.Number) -> [Cart.Portion] {
    cart.portions.values.filter { $0.sku == sku }.sorted { one, other in
      if (one.origin == origin) != (other.origin == origin) { return one.origin == origin }
      return one.origin < other.origin
    }
  }

  private mutating func put(_ portion: Cart.Portion, _ change: (inout Cart.Portion) -> Void) {
    var new = portion
    change(&new)
    if new == portion, cart.portions[Cart.PortionKey(portion)] != nil { return }
    cart.portions[Cart.PortionKey(portion)] = new
    changedPortions.insert(Cart.PortionKey(portion))
  }

  /// Puts more of an article into the cart, or takes some out: more stands at `origin`, less is taken from its share
  /// first, then from the others'.
  ///
  /// - Returns: by how much it has changed: what is not there cannot be taken out.
  @discardableResult
  mutating func add(_ quantity: Quantity, of sku: String, at origin: Origin.Number, time: Instant) throws -> Quantity {
    if quantity > .zero {
      try use(origin)
      put(portion(sku, at: origin, time)) { portion in
        if portion.quantity == .zero { (portion.since, portion.price) = (time, nil) }
        portion.quantity = portion.quantity + quantity
      }
      return quantity
    }
    return try -take(-quantity, of: sku, first: origin) { _ in true }
  }

  /// Takes of an article what is there of so much, of those shares that `isMeant` names.
  private mutating func take(
    _ quantity: Quantity, of sku: String, first origin: Origin.Number, _ isMeant: (Cart.Portion) -> Bool
  ) throws -> Quantity {
    var left = quantity
    for portion in portions(of: sku, first: origin) where left > .zero && portion.quantity > .zero && isMeant(portion) {
      let taken = min(left, portion.quantity)
      try use(portion.origin)
      put(portion) { $0.quantity = $0.quantity - taken }
      left = left - taken
    }
    return quantity - left
  }

  /// Takes what was bought by `time` out of the cart.
  mutating func takeBought(_ quantity: Quantity, of sku: String, first origin: Origin.Number, by time: Instant?) throws
  {
    _ = try take(quantity, of: sku, first: origin) { portion in time.map { portion.since <= $0.toldEnd } ?? true }
  }

  private func portion(_ sku: String, at origin: Origin.Number, _ time: Instant) -> Cart.Portion {
    cart.portions[Cart.PortionKey(origin: origin, sku: sku)] ?? Cart.Portion(origin: origin, sku: sku, since: time)
  }

  /// Moves all of an article to what is saved for later, or back, each share where it stands.
  mutating func move(_ sku: String, toSaved: Bool, first origin: Origin.Number, time: Instant) throws {
    for portion in portions(of: sku, first: origin) {
      try move(portion, toSaved: toSaved, time: time)
    }
  }

  /// Saves all that stands in the cart at these origins for later, and remembers it for an undo.
  mutating func saveAll(at origins: Set<Origin.Number>, time: Instant) throws {
    for origin in origins.sorted() {
      for portion in portions(at: origin) where portion.quantity > .zero {
        verdict.moves.append(.init(origin: origin, sku: portion.sku, quantity: portion.quantity))
        try move(portion, toSaved: true, time: time)
      }
    }
  }

  /// Brings back what a login at that place in the log has saved for later, where nothing has touched it since.
  mutating func takeBack(_ moves: [CartVerdict.Move], madeAt sequence: Int64) throws {
    for move in moves {
      guard let portion = cart.portions[.init(origin: move.origin, sku: move.sku)], portion.sequence == sequence,
        portion.saved >= move.quantity, cart.parts[move.origin]?.state.isOpen == true
      else { continue }
      try use(move.origin)
      put(portion) { portion in
        portion.quantity = portion.quantity + move.quantity
        portion.saved = portion.saved - move.quantity
      }
    }
  }

  private mutating func move(_ portion: Cart.Portion, toSaved: Bool, time: Instant) throws {
    guard (toSaved ? portion.quantity : portion.saved) > .zero else { return }
    try use(portion.origin)
    put(portion) { portion in
      if toSaved {
        portion.saved = portion.saved + portion.quantity
        portion.quantity = .zero
      } else {
        if portion.quantity == .zero { portion.since = time }
        portion.quantity = portion.quantity + portion.saved
        portion.saved = .zero
      }
    }
  }

  /// Saves so much of an article for later in all: more stands at `origin`, less is taken from its share first.
  mutating func setSaved(_ quantity: Quantity, of sku: String, at origin: Origin.Number, time: Instant) throws {
    let change = quantity - cart.saved(of: sku)
    if change > .zero {
      try use(origin)
      put(portion(sku, at: origin, time)) { $0.saved = $0.saved + change }
    }
    var left = -change
    for portion in portions(of: sku, first: origin) where left > .zero && portion.saved > .zero {
      let taken = min(left, portion.saved)
      try use(portion.origin)
      put(portion) { $0.saved = $0.saved - taken }
      left = left - taken
    }
  }

  /// Remembers what one unit of an article was shown to cost.
  mutating func show(_ price: Money, of sku: String) {
    for portion in portions(of: sku, first: 0) where portion.quantity > .zero {
      put(portion) { $0.price = price }
      if let part = cart.parts[portion.origin], part.state.isOpen { changedParts.insert(part.id) }
    }
  }

  /// Writes what was decided into the outcome, and moves the timer by which the cart counts as abandoned.
  ///
  /// - Parameter time: when the cart was changed; nil where the timer stays as it is.
  mutating func write(to outcome: inout Outcome, changedAt time: Instant?) throws {
    for part in ended + cart.parts.values.filter({ changedParts.contains($0.id) }).sorted(by: { $0.id < $1.id }) {
      verdict.parts.removeAll { $0.id == part.id }
      verdict.parts.append(part)
    }
    for key in changedPortions.sorted(by: { ($0.origin, $0.sku) < ($1.origin, $1.sku) }) {
      guard let portion = cart.portions[key] else { continue }
      verdict.portions.removeAll { Cart.PortionKey($0) == key }
      verdict.portions.append(portion)
    }
    if verdict.isEmpty { return }
    outcome.verdicts[CartVerdict.name] = verdict.json
    guard let time, hasChanged, let stand = outcome.origin else { return }
    let key = CartAbandonment.key(at: stand)
    outcome.timers.removeAll { $0.key == key }
    if !cart.goods.isEmpty {
      let due = try time + ShopMemory.cartPolicy(in: session).abandonedAfter
      outcome.timers.append(CartAbandonment.timer(at: stand, due: due))
    }
    try endTimers(of: &outcome, but: cart.goods.isEmpty ? nil : key)
  }

  /// Ends the timers of every part: a change has one timer, that of the newest.
  private func endTimers(of outcome: inout Outcome, but key: String?) throws {
    for origin in Set(cart.parts.keys).union([outcome.origin].compactMap { $0 }).sorted() {
      let old = CartAbandonment.key(at: origin)
      if old == key || outcome.ended.contains(old) { continue }
      if try PendingTimer.find(old, in: session) != nil { outcome.ended.append(old) }
    }
  }
}

extension Instant {
  /// Until when something may have happened of which this time is told: tills tell whole seconds.
  fileprivate var toldEnd: Instant {
    milliseconds % 1000 == 0 ? Instant(milliseconds: milliseconds + 999) : self
  }
}

extension Cart.PortionKey {
  init(_ portion: Cart.Portion) { self.init(origin: portion.origin, sku: portion.sku) }
}
