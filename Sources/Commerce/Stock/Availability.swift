package import Base
package import SQL

/// Where an article is, and how much of it can be promised there.
package struct Availability: Sendable {
  /// What one store has of it.
  package struct InStore: Sendable {
    package let store: Store
    package let onHand: Quantity
    package let reserved: Quantity
    /// What can be promised: on hand less what is reserved, the safety stock and what is kept for the tills there, and
    /// nothing where what was told of it is too old.
    package let available: Quantity
    /// In metres, where both places are known.
    package let distance: Int64?
    /// When stock was told last.
    package let asOf: Instant?
    /// Whether that is so long ago that it may be wrong.
    package let isStale: Bool
    /// Whole units that the tills there may sell without a connection.
    package let offline: Quantity
    /// What is on its way there, which nobody is promised.
    package let delivery: StockVerdict.Delivery?
    private let now: Instant

    /// Whether the store is open now; nil where nobody has said when it is.
    package var isOpen: Bool? { store.isOpen(at: now) }

    init(
      _ store: Store, _ level: StockBook.Level, near place: Coordinates?, now: Instant, policy: StockPolicy
    ) {
      self.store = store
      onHand = Quantity(thousandths: level.onHand)
      reserved = Quantity(thousandths: level.reserved)
      available = Quantity(thousandths: level.available(in: store, by: policy, now: now))
      offline = Quantity(thousandths: level.offline(in: store, by: policy, now: now))
      distance = place.flatMap { place in store.location.map { place.distance(to: $0) } }
      asOf = level.asOf
      delivery = level.delivery
      isStale = policy.isStale(level.asOf, now: now)
      self.now = now
    }

    /// Writes it as the API shows it.
    ///
    /// - Parameter forTill: whether it is told what may be promised without a connection.
    package func write(to writer: inout JSONWriter, forTill: Bool) {
      writer.object { writer in
        writer.field("store", store.id)
        writer.field("name", store.name)
        writer.field("onHand", onHand)
        writer.field("reserved", reserved)
        writer.field("safetyStock", store.safetyStock)
        writer.field("available", available)
        if forTill { writer.field("offlineAllowance", offline) }
        StockVerdict.Delivery.write(delivery, to: &writer)
        writer.field("distance", orNull: distance)
        writer.field("asOf", orNull: asOf?.text)
        writer.field("stale", isStale)
        writer.field("open", orNull: isOpen)
        writer.field("pickup", store.pickup)
      }
    }
  }

  package let sku: String
  /// The nearest first; without a place, and among those whose place nobody knows, by id.
  package let stores: [InStore]

  /// What the stores have that have or had the article.
  package init(
    of sku: String, near place: Coordinates?, now: Instant, policy: StockPolicy? = nil, in session: any Session
  ) throws {
    self.sku = sku
    let policy = try policy ?? StockPolicy(in: session)
    stores = try StoreTable.stocked(sku, in: session).map {
      InStore($0.store, $0.level, near: place, now: now, policy: policy)
    }.sorted { $0.isNearer(than: $1) }
  }
}

extension StockVerdict.Delivery {
  /// Writes the member `incoming` as the API shows it, of an object that is open already.
  static func write(_ delivery: Self?, to writer: inout JSONWriter) {
    writer.key("incoming")
    guard let delivery, delivery.quantity > 0 else { return writer.null() }
    writer.object { writer in
      writer.field("quantity", Quantity(thousandths: delivery.quantity))
      writer.field("expectedAt", orNull: delivery.expectedAt?.text)
      writer.field("asOf", delivery.told.text)
    }
  }
}

extension Availability.InStore {
  fileprivate func isNearer(than other: Self) -> Bool {
    let (mine, theirs) = (distance ?? .max, other.distance ?? .max)
    return mine == theirs ? store.id < other.store.id : mine < theirs
  }
}
