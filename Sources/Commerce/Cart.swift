package import Base
package import Customers

/// A customer's one cart, made on reading of what stands at each of his origins.
///
/// Each origin has a part of its own, and a line's quantity is the sum over the parts. So a merge or an undo changes no
/// row: the one adds up more parts, the other gives each side its own.
package struct Cart: Sendable {
  package enum State: String, Sendable {
    case active, abandoned, checkingOut
    case checkedOut, emptied

    /// Whether it is still the customer's cart.
    package var isOpen: Bool {
      switch self {
      case .active, .abandoned, .checkingOut: true
      case .checkedOut, .emptied: false
      }
    }
  }

  /// What one origin has of the cart, in its present or its last life.
  package struct Part: Sendable, Equatable {
    package var id: String
    package var origin: Origin.Number
    package var state: State
    /// When the life before this one ended; the end of this one where it has ended.
    package var floor: Instant?
    /// The order that it became.
    package var order: String?
    /// Whether it was told once that it is abandoned.
    package var isTold = false
    /// The place in the log of its newest change; 0 for one that is being decided.
    package var sequence: Int64 = 0
  }

  /// How much of an article one origin has.
  package struct Portion: Sendable, Equatable {
    package var origin: Origin.Number
    package var sku: String
    package var quantity = Quantity.zero
    /// How much of it is saved for later.
    package var saved = Quantity.zero
    /// When it came into the cart.
    package var since: Instant
    /// For one unit, as it was shown when the line was changed last.
    package var price: Money?
    package var sequence: Int64 = 0
  }

  /// An article in the cart, over all origins.
  package struct Line: Sendable, Equatable {
    package var sku: String
    package var quantity: Quantity
    package var saved: Quantity
    package var since: Instant
    package var price: Money?
  }

  /// A cart has at most 500 lines, those saved for later too: no person looks through more, and the longest list of a
  /// shop that sells to shops is priced in milliseconds.
  package static let mostLines = 500
  /// A line has at most 100,000 units: beyond that somebody has typed a number twice.
  package static let mostOfLine = Quantity(thousandths: 100_000_000)
  /// A cart has at most 20 codes.
  package static let mostCoupons = 20

  /// The newest part of each origin.
  package var parts: [Origin.Number: Part] = [:]
  /// By origin and article; what is neither in the cart nor saved may be missing.
  package var portions: [PortionKey: Portion] = [:]
  package var coupons: [String] = []

  package struct PortionKey: Hashable, Sendable {
    package var origin: Origin.Number
    package var sku: String
  }

  package init() {}

  /// The parts that make up the cart now, the leading one first: the oldest, by the time in its id.
  package var open: [Part] { parts.values.filter { $0.state.isOpen }.sorted { $0.id < $1.id } }

  /// The id at every door; none where there is no cart.
  package var id: String? { open.first?.id }

  /// Where the cart stands: what all of its parts are, else active; none where there is no cart.
  package var state: State? {
    let states = Set(open.map { $0.state })
    return states.count > 1 ? .active : states.first
  }

  /// What changes with every change, merge and undo: a digest of each part's origin and newest change.
  package var version: String {
    let changes = parts.values.sorted { $0.origin < $1.origin }.map { "\($0.origin):\($0.sequence)" }
    return String(Digest.hex(Digest.sha256(Array(changes.joined(separator: " ").utf8))).prefix(Self.versionLength))
  }

  private static let versionLength = 16

  /// Every line, saved ones too: the oldest first, then by article.
  package var lines: [Line] {
    var lines: [String: Line] = [:]
    for portion in portions.values.sorted(by: { ($0.sequence, $0.origin) < ($1.sequence, $1.origin) })
    where portion.quantity > .zero || portion.saved > .zero {
      guard var line = lines[portion.sku] else {
        lines[portion.sku] = Line(
          sku: portion.sku, quantity: portion.quantity, saved: portion.saved, since: portion.since,
          price: portion.price)
        continue
      }
      line.quantity = line.quantity + portion.quantity
      line.saved = line.saved + portion.saved
      line.since = min(line.since, portion.since)
      line.price = portion.price ?? line.price
      lines[portion.sku] = line
    }
    return lines.values.sorted { one, other in
      one.since == other.since ? one.sku.utf8.lexicographicallyPrecedes(other.sku.utf8) : one.since < other.since
    }
  }

  /// What is in the cart.
  package var goods: [Line] { lines.filter { $0.quantity > .zero } }
  /// What is saved for later.
  package var savedLines: [Line] { lines.filter { $0.saved > .zero } }

  /// How much of an article is in the cart.
  package func quantity(of sku: String) -> Quantity { sum(of: sku) { $0.quantity } }
  /// How much of an article is saved for later.
  package func saved(of sku: String) -> Quantity { sum(of: sku) { $0.saved } }

  private func sum(of sku: String, _ part: (Portion) -> Quantity) -> Quantity {
    portions.values.reduce(.zero) { $1.sku == sku ? $0 + part($1) : $0 }
  }

  /// Until when a cart of that origin had ended, so that what happened before has nothing to do with it.
  ///
  /// An origin without a part of its own goes by all of the customer's.
  func floor(at origin: Origin.Number) -> Instant? {
    if let part = parts[origin], part.state.isOpen { return part.floor }
    return parts.values.compactMap { $0.floor }.max()
  }
}
