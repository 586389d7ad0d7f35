package import Base
package import Customers
package import SQL

/// Orders, as the verdicts of the log's entries add up.
///
/// It keeps heads, parts of lines by state, sums of money, and which entries tell of which order. Every change is an
/// insertion or an addition, so the order of the entries does not matter.
package struct OrderFold: Fold {
  package let name = "orders"
  package let tables = [
    FoldTable("sales_order", key: ["number"], owner: "origin", entries: ["number"], staysErased: true),
    FoldTable("order_sum", key: ["number"], entries: ["number"], staysErased: true),
    FoldTable("order_part", key: ["number", "line", "state"], owner: "origin", entries: ["number"], staysErased: true),
    FoldTable("order_entry", key: ["number", "sequence"], entries: ["sequence", "number"], staysErased: true),
    FoldTable("order_receipt", key: ["id"], entries: ["sequence", "number"], staysErased: true),
    FoldTable("order_early", key: ["sequence"], entries: ["sequence", "applied"], staysErased: true),
    FoldTable(
      "order_conflict", key: ["sequence"], owner: "origin", entries: ["sequence", "number"], staysErased: true),
    FoldTable("order_settled", key: ["conflict"], entries: ["conflict", "sequence"], staysErased: true),
  ]
  package var checks: [any Check] { [OrderCheck()] }

  package init() {}

  /// What an order is made of is read again from the log whenever it is looked at.
  package func reads(_ event: Event) -> Bool {
    event.kind == .order || event.kind == .track && event.name.flatMap(Sale.Kind.init(rawValue:)) != nil
  }

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    if let conflict = ConflictSettlement.conflict(in: entry.outcome) {
      try session.execute(OrderStatement.settle, .integer(conflict), .integer(entry.sequence))
    }
    guard let verdict = OrderVerdict(of: entry.outcome) else { return }
    if let early = verdict.early {
      try session.execute(OrderStatement.addEarly, .integer(entry.sequence), .text(early.id))
    }
    if let conflict = verdict.conflict {
      try session.execute(
        OrderStatement.addConflict, .integer(entry.sequence), .integer(verdict.order ?? 0), .text(conflict),
        .integer(entry.outcome.origin))
      return
    }
    guard let number = verdict.placing == nil ? verdict.order : entry.sequence else { return }
    if !verdict.doubts.isEmpty {
      try session.execute(
        OrderStatement.addConflict, .integer(entry.sequence), .integer(number),
        .text(verdict.doubts.joined(separator: "; ")),
        .integer(entry.outcome.origin))
    }
    try session.execute(
      OrderStatement.addEntry, .integer(number), .integer(entry.sequence), .integer(verdict.act == .report ? 1 : 0),
      .integer(verdict.added.isEmpty ? 0 : 1))
    if let receipt = verdict.receipt {
      try session.execute(
        OrderStatement.addReceipt, .text(receipt), .integer(number), .integer(entry.sequence),
        .text(Self.name(of: receipt, in: entry.event)))
    }
    for sequence in verdict.applied {
      try session.execute(OrderStatement.applyEarly, .integer(sequence), .integer(entry.sequence))
    }
    if let placing = verdict.placing { try open(placing, entry, in: session) }
    for addition in verdict.added { try add(addition, to: number, in: session) }
    for move in verdict.moves {
      try add(move.line, move.from, -move.quantity, to: number, in: session)
      try add(move.line, move.to, move.quantity, to: number, in: session)
    }
    let due = verdict.added.reduce(Int64(0)) { $1.part == nil ? $0 + $1.line.net : $0 }
    if verdict.placing != nil || verdict.paid != 0 || verdict.refunded != 0 || verdict.undone != 0 || due != 0 {
      try session.execute(
        OrderStatement.addSum, .integer(number), .integer(verdict.paid), .integer(verdict.refunded),
        .integer(verdict.undone), .integer(due))
    }
  }

  private func open(_ placing: OrderVerdict.Placing, _ entry: LogEntry, in session: any Session) throws {
    let number = SQLValue.integer(entry.sequence)
    let (at, origin) = (SQLValue.integer(entry.event.at.milliseconds), SQLValue.integer(entry.outcome.origin))
    try session.execute(
      OrderStatement.insert, number, .text(placing.id), .text(Self.name(of: placing.id, in: entry.event)), origin, at,
      .text(placing.currency?.code),
      .text(placing.code), .integer(placing.until?.milliseconds), .integer(placing.totals.due))
    // Acts that were added before do not know what their lines are.
    let isLate = try session.first(of: OrderStatement.hasEntries, number) { _ in true } ?? false
    for (index, line) in placing.lines.enumerated() {
      let index = Int64(index)
      try session.execute(
        OrderStatement.addPart, number, .integer(index), .text(placing.first[Int(index)].rawValue),
        .integer(line.quantity.thousandths), .text(line.sku), .text(line.store), at, origin)
      if isLate {
        try session.execute(
          OrderStatement.tellParts, number, .integer(index), .text(line.sku), .text(line.store), at, origin)
      }
    }
    if isLate { try session.execute(OrderStatement.tellOrder, number, at, origin) }
  }

  private func add(_ addition: Order.Addition, to number: Int64, in session: any Session) throws {
    let (line, index) = (addition.line, SQLValue.integer(Int64(addition.index)))
    if let part = addition.part { try add(part.line, part.from, -line.quantity, to: number, in: session) }
    // Where the entry that opened the order has not been added yet, that one tells the rest.
    var (at, origin) = (SQLValue.null, SQLValue.null)
    try session.forEachRow(of: OrderStatement.opened, [.integer(number)]) { row in
      (at, origin) = (row.value(0), row.value(1))
      return false
    }
    try session.execute(
      OrderStatement.addPart, .integer(number), index, .text(addition.first.rawValue),
      .integer(line.quantity.thousandths), .text(line.sku), .text(line.store), at, origin)
    try session.execute(
      OrderStatement.tellParts, .integer(number), index, .text(line.sku), .text(line.store), at, origin)
  }

  /// What the shop calls an order or a receipt, where that is not its key.
  private static func name(of key: String, in event: Event) -> String? {
    OrderID.name(in: event).flatMap { $0 != key && OrderID.key(of: $0) == key ? $0 : nil }
  }

  private func add(
    _ line: Int, _ state: OrderState, _ quantity: Quantity, to number: Int64, in session: any Session
  ) throws {
    var told: [SQLValue] = [.null, .null, .null, .null]
    try session.forEachRow(of: OrderStatement.head, [.integer(number), .integer(Int64(line))]) { row in
      told = (0..<4).map { row.value($0) }
      return false
    }
    try session.execute(
      OrderStatement.addPart,
      [.integer(number), .integer(Int64(line)), .text(state.rawValue), .integer(quantity.thousandths)] + told)
  }

  /// Writes the person's orders as the member `orders` of his export.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    let numbers = try origins.flatMap { origin in
      try session.rows(of: OrderStatement.ofOrigin, .integer(origin)) { $0.integer(0) }
    }
    let orders = try numbers.map { try OrderStore.stored($0, in: session) }
    writer.key("orders")
    try writer.array { writer in
      for stored in orders.sorted(by: { ($0.order.at, $0.order.id) < ($1.order.at, $1.order.id) }) {
        try OrderView(stored, in: session).write(to: &writer, isExport: true)
      }
    }
  }

  /// The entries of their orders that name these, by what the shop calls them.
  package func mentions(
    of origins: [Origin.Number], in session: any Session
  ) throws -> [(entry: Int64, name: String)] {
    try origins.flatMap { origin in
      try session.rows(of: OrderStatement.ofPerson, .integer(origin)) { (entry: $0.integer(0), name: $0.text(1)) }
    }
  }

  /// What the shop calls an order goes with the body that says it.
  package func rewrite(_ entry: LogEntry, in session: any Session) throws {
    let verdict = OrderVerdict(of: entry.outcome)
    for (key, statement) in [(verdict?.placing?.id, OrderStatement.rename), (verdict?.receipt, .renameReceipt)] {
      guard let key else { continue }
      try session.execute(statement, .integer(entry.sequence), .text(Self.name(of: key, in: entry.event)))
    }
  }

  /// Nothing: beside what `rewrite` sees to its tables tell goods, amounts and times.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {}
}
