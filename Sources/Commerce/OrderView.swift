package import Base
import Customers
package import SQL

/// An order as readers see it: what its verdicts come to, and what persons wrote in the bodies of its entries, which is
/// gone when the person is erased.
package struct OrderView: Sendable {
  private let order: Order
  private let entries: [(entry: LogEntry, verdict: OrderVerdict)]
  private let customer: String?
  private let bodies: [Int64: JSON]

  /// - Parameter stored: the order with its entries.
  package init(_ stored: OrderStore.Stored, in session: any Session) throws {
    order = stored.order
    var entries = stored.entries
    for sequence in stored.entries.flatMap({ $0.verdict.applied }) {
      guard let entry = try EventLog.entry(sequence, in: session), let verdict = OrderVerdict(of: entry.outcome) else {
        continue
      }
      entries.append((entry, verdict))
    }
    self.entries = entries.sorted {
      ($0.entry.event.at, $0.entry.sequence) < ($1.entry.event.at, $1.entry.sequence)
    }
    bodies = Dictionary(
      entries.compactMap { entry, _ in (try? JSONDocument(entry.event.body).root).map { (entry.sequence, $0) } }
    ) { first, _ in first }
    if let origin = order.origin {
      customer =
        try Erasure.isErased(origin, in: session)
        ? nil : Profile.publicID(of: Lookup.leader(of: origin, in: session), in: session)
    } else {
      customer = nil
    }
  }

  /// Where it was opened, as the sender said it: an event's properties or a request's body.
  private var opening: JSON? { bodies[order.number].map { $0["properties"] ?? $0 } }

  /// What the shop calls it.
  private var id: String {
    entries.first { $0.entry.sequence == order.number }.flatMap { OrderID.name(in: $0.entry.event) } ?? order.id
  }

  /// Writes it as the API shows it.
  ///
  /// - Parameters:
  ///   - isOwn: whether the customer himself reads it: then it does not say who served him.
  ///   - isExport: whether it is his export: then it tells no place in the log.
  ///   - store: only lines of this store, in this state, where they are given.
  package func write(
    to writer: inout JSONWriter, isOwn: Bool = false, isExport: Bool = false, store: String? = nil,
    state: OrderState? = nil
  ) {
    writer.object { writer in
      writer.field("id", id)
      if !isExport {
        writer.field("customer", orNull: customer)
        writer.field("version", order.version)
      }
      writer.field("channel", order.channel)
      if !isOwn { writer.field("source", order.source) }
      writer.field("placedAt", order.at.text)
      writer.field("status", order.status.rawValue)
      writer.key("fulfilment")
      write(fulfilment: &writer)
      writer.key("lines")
      writer.array { write(lines: &$0, store, state) }
      writer.field("note", ifPresent: opening?["note"]?.string)
      writer.key("payments")
      writer.array { writer in
        for (entry, verdict) in entries {
          for payment in verdict.payments {
            writer.object { writer in
              writer.field("method", payment.method)
              write("amount", payment.amount, to: &writer)
              writer.field("at", entry.event.at.text)
            }
          }
        }
      }
      writer.field("points", order.points)
      writer.key("totals")
      writer.object { writer in
        let totals = order.totals
        for (name, amount) in [
          ("goods", totals.goods), ("discount", totals.discount), ("points", totals.points), ("other", totals.other),
          ("due", totals.due), ("paid", order.paid), ("refunded", order.refunded), ("undone", order.undone),
        ] { write(name, amount, to: &writer) }
      }
      writer.key("history")
      writer.array { write(history: &$0, isOwn: isOwn, isExport: isExport) }
    }
  }

  private func write(_ name: String, _ amount: Int64, to writer: inout JSONWriter) {
    writer.key(name)
    if let currency = order.currency { Money(amount, currency).write(to: &writer) } else { writer.null() }
  }

  private func write(fulfilment writer: inout JSONWriter) {
    let told = opening?["fulfilment"]
    writer.object { writer in
      let kinds = order.lines.map { $0.fulfilment }
      let main = told?["type"]?.string.flatMap(OrderFulfilment.init) ?? kinds.first ?? .delivery
      writer.field("type", main.rawValue)
      writer.field("store", orNull: store(of: main))
      writer.field("code", orNull: order.code)
      writer.field("until", orNull: order.until?.text)
      for name in ["collector", "address"] {
        if let value = told?.member(name), !value.isNull { writer.field(name, value) }
      }
      // The last parcel; those before stand in the history.
      if let parcel = entries.last(where: { $0.verdict.act == .ship }), let body = bodies[parcel.entry.sequence] {
        for name in ["carrier", "tracking"] {
          if let value = body.member(name), !value.isNull { writer.field(name, value) }
        }
      }
    }
  }

  /// Where the first line that goes this way is, of those of which something is still to be done if there are any.
  private func store(of way: OrderFulfilment) -> String? {
    let lines = order.lines.filter { $0.fulfilment == way && $0.quantity > .zero }
    return (lines.first { $0.quantity { $0.isOpen } > .zero } ?? lines.first)?.store
  }

  private func write(lines writer: inout JSONWriter, _ store: String?, _ state: OrderState?) {
    let told = told
    for (index, line) in order.lines.enumerated() where store == nil || line.store == store {
      for part in OrderState.allCases where state == nil || part == state {
        guard let quantity = line.parts[part], quantity > .zero else { continue }
        writer.object { writer in
          writer.field("line", index + 1)
          writer.field("sku", line.sku)
          writer.field("quantity", quantity)
          writer.key("price")
          if let price = line.price, let currency = order.currency {
            Money(price, currency).write(to: &writer)
          } else {
            writer.null()
          }
          if quantity == line.quantity { write("total", line.net, to: &writer) }
          writer.field("status", part.rawValue)
          writer.field("fulfilment", line.fulfilment.rawValue)
          writer.field("store", orNull: line.store)
          for name in Self.kept {
            if let value = told[index]?.member(name), !value.isNull { writer.field(name, value) }
          }
        }
      }
    }
  }

  /// What an agent needs of a thing that breaks.
  private static let kept = ["name", "serials", "warrantyEnd", "warranty_end", "attachments"]

  /// What the sender said of each line.
  private var told: [Int: JSON] {
    var told = toldAtFirst
    for addition in entries.flatMap({ $0.verdict.added }) {
      // A part of a line is what that line is.
      if let part = addition.part { told[addition.index] = told[part.line] }
    }
    return told
  }

  private var toldAtFirst: [Int: JSON] {
    guard let opening else { return [:] }
    if let lines = opening["lines"], opening["products"] == nil {
      return Dictionary(uniqueKeysWithValues: lines.elements.enumerated().map { ($0.offset, $0.element) })
    }
    guard let entry = entries.first(where: { $0.entry.sequence == order.number })?.entry, let sale = Sale(entry.event),
      let products = opening["products"].map({ Array($0.elements) })
    else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: sale.lines.enumerated().map { ($0.offset, products[$0.element.product]) })
  }

  private func write(history writer: inout JSONWriter, isOwn: Bool, isExport: Bool) {
    for (entry, verdict) in entries {
      writer.object { writer in
        if !isExport { writer.field("sequence", entry.sequence) }
        writer.field("at", entry.event.at.text)
        writer.field("act", verdict.act.rawValue)
        if !isOwn {
          writer.field("actor", entry.source)
          writer.field("channel", entry.channel)
        }
        if !verdict.moves.isEmpty || !verdict.added.isEmpty {
          writer.key("lines")
          writer.array { writer in
            for addition in verdict.added { write(addition, to: &writer) }
            for move in verdict.moves { write(move, to: &writer) }
          }
        }
        if verdict.refunded > 0 { write("amount", verdict.refunded, to: &writer) }
        if let body = bodies[entry.sequence] {
          for name in ["reason", "carrier", "tracking"] {
            if let value = body.member(name), value.kind == .string { writer.field(name, value) }
          }
        }
        if !verdict.defects.isEmpty, !isOwn {
          writer.key("defects")
          writer.array { writer in for defect in verdict.defects { writer.value(defect) } }
        }
      }
    }
  }

  private func write(_ addition: Order.Addition, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("line", (addition.part?.line ?? addition.index) + 1)
      writer.field("sku", addition.line.sku)
      writer.field("from", ifPresent: addition.part?.from.rawValue)
      writer.field("to", addition.first.rawValue)
      writer.field("quantity", addition.line.quantity)
      writer.field("becomes", addition.index + 1)
      writer.field("store", orNull: addition.line.store)
    }
  }

  private func write(_ move: Order.Move, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("line", move.line + 1)
      writer.field("sku", order.lines[move.line].sku)
      writer.field("from", move.from.rawValue)
      writer.field("to", move.to.rawValue)
      writer.field("quantity", move.quantity)
    }
  }
}
