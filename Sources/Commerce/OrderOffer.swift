package import Base
import Customers
package import SQL

/// What a customer can be offered where a shelf turns out to have less than was promised: the nearest stores that have
/// it, something in its place, or delivery.
package struct OrderOffer: Sendable {
  package var line: Int
  package var sku: String
  package var missing: Quantity
  package var stores: [String]
  package var substitutes: [String]

  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("line", line)
      writer.field("sku", sku)
      writer.field("missing", missing)
      for (name, values) in [("stores", stores), ("substitutes", substitutes)] {
        writer.key(name)
        writer.array { writer in for value in values { writer.value(value) } }
      }
      writer.field("delivery", true)
    }
  }
}

extension Orders {
  /// What can be offered for what a picker did not find of an order, as it was before he looked.
  package func offers(
    _ request: OrderActRequest, of order: Order, now: Instant, in session: any Session
  ) throws -> [OrderOffer] {
    var offers: [OrderOffer] = []
    for selection in request.lines ?? [] {
      guard var found = selection.quantity else { continue }
      for (index, line) in order.lines.enumerated()
      where selection.line.map({ $0 == index + 1 }) ?? (selection.sku == line.sku) {
        let wanted = line.quantity { OrderAct.pick.sources.contains($0) }
        let missing = wanted - min(wanted, found)
        found = found - min(wanted, found)
        guard missing > .zero else { continue }
        let (stores, substitutes) =
          try line.store.map {
            try books.alternatives(for: (line.sku, missing), near: $0, now: now, in: session)
          } ?? ([], [])
        offers.append(
          OrderOffer(line: index + 1, sku: line.sku, missing: missing, stores: stores, substitutes: substitutes))
      }
    }
    return offers
  }
}
