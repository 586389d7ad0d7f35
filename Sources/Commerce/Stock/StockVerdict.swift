package import Base
package import Customers

/// What one entry of the log changes of stock, as it was decided.
///
/// Quantities are in thousandths of the article's unit. Each list of lines stands in the outcome as lists of plain values,
/// because a shop's stock comes in hundreds of lines an entry.
package struct StockVerdict: Sendable {
  package static let name = "stock"

  /// Why on hand changes.
  package enum Cause: String, Sendable, CaseIterable {
    /// Somebody has counted.
    case snapshot
    /// Somebody says by how much it changed.
    case delta
    case sale, restock
    /// Sold by a till that had no connection.
    case offlineSale

    /// Whether somebody told it of the stock itself, so that it says how old the knowledge is.
    var isTold: Bool { self == .snapshot || self == .delta }
  }

  /// A posting: what changed on hand, beside what was said.
  package struct Movement: Sendable {
    package var place: StockPlace
    package var quantity: Int64
    package var cause: Cause
    package var at: Instant
    /// The count of a snapshot, else the change, which has no effect where a later snapshot holds it already.
    package var told: Int64
    package var order: String?
    /// Who told it, where that is not the entry's own source.
    package var source: String?
    /// The id under which it counts once per source.
    package var item: String?
  }

  /// What an order has set aside of one article in one store, after the entry.
  package struct Reservation: Sendable {
    package enum State: String, Sendable {
      case open, sold, released, expired
    }

    package var order: String
    package var place: StockPlace
    /// By how much the entry changes what is left.
    package var change: Int64
    /// How much was set aside in all.
    package var quantity: Int64
    /// How much of it is left.
    package var remaining: Int64
    package var until: Instant?
    /// What became of the last of it.
    package var state: State
  }

  /// What a fact took beyond what there was, after the entry.
  package struct Shortage: Sendable {
    /// The place in the log of the entry that opened it; none for this one.
    package var sequence: Int64?
    /// Which one of that entry's.
    package var part: Int64
    package var place: StockPlace
    package var quantity: Int64
    package var remaining: Int64
    package var at: Instant
    package var order: String?
  }

  /// What somebody says is on its way to a store, in the place of what was said before.
  package struct Delivery: Sendable, Equatable {
    package var place: StockPlace
    /// 0 for nothing.
    package var quantity: Int64
    /// When it is expected, where that is known.
    package var expectedAt: Instant?
    /// As of when that was so.
    package var told: Instant
  }

  /// Why one line of a list of stock was not taken, beyond what the line alone shows.
  package enum Refusal: String, Sendable {
    /// It counted before; of what is expected, that or something newer.
    case duplicate
    /// Another line stands under its id.
    case conflict
    /// There is no such store.
    case store
  }

  package var movements: [Movement] = []
  package var reservations: [Reservation] = []
  package var shortages: [Shortage] = []
  package var deliveries: [Delivery] = []
  /// By the line's place in the list.
  package var refusals: [(index: Int, reason: Refusal)] = []

  package init() {}

  /// What an outcome says so far; nothing where it says nothing.
  package init(_ outcome: Outcome) throws {
    guard let text = outcome.verdicts[Self.name] else { return }
    guard let json = try? JSONDocument(text).root, let verdict = StockVerdict(json: json) else {
      throw Failure(.internal, "the log is damaged", cause: "a verdict of stock", hint: "throughline verify")
    }
    self = verdict
  }

  var isEmpty: Bool {
    movements.isEmpty && reservations.isEmpty && shortages.isEmpty && deliveries.isEmpty && refusals.isEmpty
  }

  /// Puts it into an outcome, in the place of what stands there.
  func put(into outcome: inout Outcome) { if !isEmpty { outcome.verdicts[Self.name] = json } }
}

/// An article in a store.
package struct StockPlace: Hashable, Sendable {
  package var store: String
  package var sku: String

  package init(store: String, sku: String) { (self.store, self.sku) = (store, sku) }
}
