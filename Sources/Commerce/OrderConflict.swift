package import Base
package import Customers
package import SQL

/// What does not fit what is known of an order, or what is allowed: an entry of the work list of orders.
package struct OrderConflict: Sendable {
  package enum State: String, Sendable, CaseIterable { case open, settled }

  package var sequence: Int64
  package var at: Instant
  package var source: String
  /// The number of the order that it is about; none where there is no such order yet.
  package var order: Int64?
  package var reason: String
  package var origin: Origin.Number?
  /// The entry by which it was settled; none where it is open.
  package var settled: Int64?

  /// What is said of a refund or cancellation whose order nobody has reported.
  static let unknown = "unknown order"
  /// What is said of a till that took more without a connection than it may.
  static let offline = "offline allowance"

  /// The newest first, below a place in the log.
  package static func list(
    _ state: State = .open, below sequence: Int64, limit: Int, in session: any Session
  ) throws -> [OrderConflict] {
    let range: [SQLValue] = [.integer(sequence), .integer(Int64(limit))]
    var conflicts: [OrderConflict] = []
    for statement in state == .open ? [OrderStatement.conflicts, .waiting] : [.settled] {
      try session.forEachRow(of: statement, range) { row in
        if let conflict = try OrderConflict(row, in: session) { conflicts.append(conflict) }
        return true
      }
    }
    return Array(conflicts.sorted { $0.sequence > $1.sequence }.prefix(limit))
  }

  /// The one that an entry of the log is, open or settled; nil where it is none, or was one and its order came.
  package static func find(_ sequence: Int64, in session: any Session) throws -> OrderConflict? {
    for state in State.allCases {
      let newest = try list(state, below: sequence == .max ? sequence : sequence + 1, limit: 1, in: session).first
      if let newest, newest.sequence == sequence { return newest }
    }
    return nil
  }

  /// A row of the work list: the entry, the order, the reason and what settled it.
  private init?(_ row: any Row, in session: any Session) throws {
    guard let entry = try EventLog.entry(row.integer(0), in: session) else { return nil }
    let number = row.integer(1)
    (sequence, at, source) = (entry.sequence, entry.event.at, entry.source)
    (order, reason) = (number == 0 ? nil : number, row.text(2))
    (origin, settled) = (entry.outcome.origin, row.optionalInteger(3))
  }

  /// Whom it is about: who is said to have bought it, and whose order it is.
  package func leaders(in session: any Session) throws -> [Origin.Number] {
    let other = try order.flatMap { try OrderStore.order($0, in: session).origin }
    return try [origin, other].compactMap { $0 }.map { try Lookup.leader(of: $0, in: session) }
  }

  /// Where its settlement stands: with whom it is about, and with nobody when he is erased.
  package func stand(in session: any Session) throws -> Origin.Number? {
    guard let origin, try !Erasure.isErased(origin, in: session) else { return nil }
    return origin
  }

  package func write(to writer: inout JSONWriter, in session: any Session) throws {
    let entry = try EventLog.entry(sequence, in: session)
    let stored = try order.map { try OrderStore.order($0, in: session) }
    func customer(_ origin: Origin.Number?) throws -> String? {
      guard let origin, try !Erasure.isErased(origin, in: session) else { return nil }
      return try Profile.publicID(of: Lookup.leader(of: origin, in: session), in: session)
    }
    let name = try stored.map { try OrderID.shown($0.id, in: session) } ?? entry.flatMap { OrderID.name(in: $0.event) }
    let (reported, owner) = (try customer(origin), try customer(stored?.origin))
    let exceeded = entry.flatMap { OrderVerdict(of: $0.outcome) }?.exceeded ?? []
    let settlement = try settled.flatMap { try EventLog.entry($0, in: session) }.flatMap { ConflictSettlement($0) }
    writer.object { writer in
      writer.field("sequence", sequence)
      writer.field("at", at.text)
      writer.field("source", source)
      writer.field("event", orNull: entry?.event.name)
      writer.field("order", orNull: name)
      writer.field("reason", reason)
      writer.key("exceeded")
      writer.array { writer in for excess in exceeded { excess.write(to: &writer) } }
      writer.field("customer", orNull: reported)
      writer.field("orderCustomer", orNull: owner)
      writer.key("settled")
      if let settlement { settlement.write(to: &writer) } else { writer.null() }
    }
  }
}
