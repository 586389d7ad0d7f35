package import Base
package import SQL

enum AuditStatement: Int, StatementSet {
  case last, insert, addCount, page, ofOrigin, ofKey, keys, id, reasons, forgetReason

  private static let columns = "number, at, key_id, key_name, role, action, customer, reason, count"

  var sql: String {
    switch self {
    case .last: "SELECT coalesce(max(number), 0) FROM audit"
    case .insert:
      """
      INSERT INTO audit (number, at, key_id, key_name, role, action, customer, origin, reason, count)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
      """
    case .addCount:
      "UPDATE audit SET count = count + ?4 WHERE key_id = ?1 AND at = ?2 AND origin = ?3 AND action IS NULL"
    case .page:
      """
      SELECT \(Self.columns) FROM audit WHERE (at, number) < (?1, ?2) AND at >= ?3
      ORDER BY at DESC, number DESC LIMIT ?4
      """
    case .ofOrigin:
      """
      SELECT \(Self.columns) FROM audit WHERE origin = ?5 AND (at, number) < (?1, ?2) AND at >= ?3
        AND (key_id = ?6 OR key_name = ?6 OR ?6 IS NULL)
      ORDER BY at DESC, number DESC LIMIT ?4
      """
    case .ofKey:
      """
      SELECT \(Self.columns) FROM audit WHERE key_id = ?5 AND (at, number) < (?1, ?2) AND at >= ?3
      ORDER BY at DESC, number DESC LIMIT ?4
      """
    case .id: "SELECT public_id FROM origin WHERE number = ?1"
    case .keys: "SELECT id FROM access_key WHERE id = ?1 OR name = ?1"
    case .reasons: "SELECT number, reason FROM audit WHERE number > ?1 AND number <= ?2 AND reason IS NOT NULL"
    case .forgetReason: "UPDATE audit SET reason = NULL WHERE number = ?1"
    }
  }
}

/// Who read whose data, when, by which route and what for; never what he saw.
package enum Audit {
  /// A reason is a few words or the number of a case.
  package static let longestReason = 200

  /// A customer whose data is shown, as he is known at that moment.
  package struct Subject: Sendable {
    var origin: Origin.Number
    package var publicID: String

    /// The customer that `leader` leads.
    package init(_ leader: Origin.Number, in session: any Session) throws {
      origin = leader
      publicID = try Profile.publicID(of: leader, in: session)
    }

    /// What is about nobody in particular.
    ///
    /// - Parameter name: stands in the place of a customer's id.
    package init(nobody name: String) {
      origin = 0
      publicID = name
    }
  }

  /// Who reads: the holder of a key, or the customer himself.
  package struct Reader: Sendable {
    var id: String
    var name: String
    var role: String
    /// Whether the reads are counted, and not each of them noted.
    package var isMachine: Bool

    package init(_ key: AccessKey) {
      (id, name, role, isMachine) = (key.id, key.name, key.role.rawValue, key.isMachine)
    }

    /// A customer's or visitor's own program: what somebody reads of himself is counted.
    package init(_ holder: PersonToken.Holder) {
      (id, name, role, isMachine) = (holder.rawValue, holder.rawValue, holder.rawValue, true)
    }
  }

  /// One read, which may show several customers.
  package struct Read: Sendable {
    package var reader: Reader
    /// The method and the route's template.
    package var action: String
    package var reason: String?
    package var at: Instant

    package init(by key: AccessKey, action: String, reason: String?, at: Instant) {
      self.init(by: Reader(key), action: action, reason: reason, at: at)
    }

    package init(by reader: Reader, action: String, reason: String?, at: Instant) {
      self.reader = reader
      self.action = action
      self.reason = reason
      self.at = at
    }
  }

  /// The newest row's number, as the transaction that wrote it knows without asking again.
  private enum Last: TransactionKey { typealias Value = Int64 }

  /// Writes a row for each customer whom a person's read shows; it is durable when its transaction is.
  package static func note(_ read: Read, of subjects: [Subject], in session: any Session) throws {
    for subject in subjects {
      try insert(
        at: read.at, by: read.reader, action: read.action, subject, reason: read.reason, count: 1, in: session)
    }
  }

  /// Adds to a machine's reads of a customer in a minute.
  static func add(_ count: ReadCounter.Count, in session: any Session) throws {
    let added = try session.execute(
      AuditStatement.addCount, .text(count.reader.id), .integer(count.minute.milliseconds),
      .integer(count.subject.origin), .integer(count.reads))
    if added > 0 { return }
    try insert(
      at: count.minute, by: count.reader, action: nil, count.subject, reason: nil, count: count.reads, in: session)
  }

  private static func insert(
    at time: Instant, by reader: Reader, action: String?, _ subject: Subject, reason: String?, count: Int64,
    in session: any Session
  ) throws {
    // Who was erased since he was read is not named any more.
    let id = try session.first(of: AuditStatement.id, .integer(subject.origin)) { $0.text(0) } ?? subject.publicID
    let reason = ErasedName.isID(id) ? nil : reason
    let last = try session.memory[Last.self] ?? session.first(of: AuditStatement.last) { $0.integer(0) } ?? 0
    session.memory[Last.self] = last + 1
    try session.execute(
      AuditStatement.insert, .integer(last + 1), .integer(time.milliseconds), .text(reader.id), .text(reader.name),
      .text(reader.role), .text(action), .text(id), .integer(subject.origin), .text(reason),
      .integer(count))
  }

  // MARK: Erasure

  /// So many rows are looked through in one transaction: a few milliseconds.
  static let step: Int64 = 10_000

  /// Takes the reasons away that name a person, of the next rows.
  ///
  /// - Returns: the last of these rows, and whether it is the newest one.
  static func forget(
    _ names: NamesOfPerson, after number: Int64, in session: any Session
  ) throws -> (number: Int64, isLast: Bool) {
    let newest = try session.first(of: AuditStatement.last) { $0.integer(0) } ?? 0
    let end = min(number + step, newest)
    var found: [Int64] = []
    try session.forEachRow(of: AuditStatement.reasons, [.integer(number), .integer(end)]) { row in
      if names.mentioned(inProse: row.text(1)) { found.append(row.integer(0)) }
      return true
    }
    for row in found { try session.execute(AuditStatement.forgetReason, .integer(row)) }
    return (end, end == newest)
  }

  // MARK: Reading it

  /// What is asked of the audit.
  package struct Filter: Sendable {
    /// The leading origin of a customer: rows of all that he ever was are told.
    package var customer: Origin.Number?
    /// A key's id or name.
    package var actor: String?
    package var from: Instant?
    package var to: Instant?

    package init() {}
  }

  /// A row, as the table has it.
  package struct Entry: Sendable {
    var number: Int64
    var at: Int64
    var keyID: String
    var keyName: String
    var role: String
    var action: String?
    var customer: String
    var reason: String?
    var count: Int64

    package var cursor: Timeline.Cursor { Timeline.Cursor(at: at, sequence: number) }

    init(_ row: any Row) {
      number = row.integer(0)
      at = row.integer(1)
      keyID = row.text(2)
      keyName = row.text(3)
      role = row.text(4)
      action = row.optionalText(5)
      customer = row.text(6)
      reason = row.optionalText(7)
      count = row.integer(8)
    }

    /// Writes it as the API shows it.
    package func write(to writer: inout JSONWriter) {
      writer.object { writer in
        writer.field("at", Instant(milliseconds: at).text)
        writer.key("actor")
        writer.object { writer in
          writer.field("key", keyID)
          writer.field("name", keyName)
          writer.field("role", role)
        }
        writer.field("action", orNull: action)
        writer.field("customer", customer)
        writer.field("reason", orNull: reason)
        writer.field("count", count)
      }
    }
  }

  /// A page, newest first.
  package static func page(
    _ filter: Filter, before cursor: Timeline.Cursor, limit: Int, in session: any Session
  ) throws -> [Entry] {
    var cursor = cursor
    if let to = filter.to, cursor.at > to.milliseconds { cursor = .init(at: to.milliseconds, sequence: .max) }
    let bounds: [SQLValue] = [
      .integer(cursor.at), .integer(cursor.sequence), .integer(filter.from?.milliseconds ?? .min),
      .integer(Int64(limit)),
    ]
    var page: [Entry] = []
    func read(_ statement: AuditStatement, _ values: SQLValue...) throws {
      try session.forEachRow(of: statement, bounds + values) { row in
        page.append(Entry(row))
        return true
      }
      page = Array(page.sorted { ($0.at, $0.number) > ($1.at, $1.number) }.prefix(limit))
    }
    if let customer = filter.customer {
      for origin in try OriginStore.origins(ofCustomer: customer, in: session) {
        try read(.ofOrigin, .integer(origin.number), .text(filter.actor))
      }
    } else if let actor = filter.actor {
      for key in try session.rows(of: AuditStatement.keys, .text(actor), map: { $0.text(0) }) {
        try read(.ofKey, .text(key))
      }
    } else {
      try read(.page)
    }
    return page
  }
}
