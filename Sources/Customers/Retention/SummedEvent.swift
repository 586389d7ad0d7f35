import Base
import SQL

enum SummedStatement: Int, StatementSet {
  case keep, find, all, forget

  private static let columns = "sequence, origin, key, result, said"

  var sql: String {
    switch self {
    case .keep: "INSERT INTO summed_event (\(Self.columns)) VALUES (?1, ?2, ?3, ?4, ?5)"
    case .find: "SELECT \(Self.columns) FROM summed_event WHERE sequence = ?1"
    case .all: "SELECT \(Self.columns) FROM summed_event ORDER BY sequence"
    case .forget: "UPDATE summed_event SET said = NULL WHERE origin = ?1"
    }
  }
}

/// What the log keeps of an event that became part of a summary: its place, what its message is known by and was
/// answered, and by what another one under its id is told from it.
package struct SummedEvent: Sendable {
  let sequence: Int64
  let origin: Origin.Number
  /// As in the table of messages.
  let key: [UInt8]
  let result: Outcome.Result
  /// The digest of what it said (`MessageFold.digest`); none where whom it was about was erased.
  let said: [UInt8]?

  private init(_ row: any Row) throws {
    guard let result = Outcome.Result(rawValue: row.text(3)) else {
      throw Failure(.internal, "the log is damaged", cause: "a summed event of no result", hint: "throughline verify")
    }
    self.init(
      sequence: row.integer(0), origin: row.integer(1), key: row.bytes(2), result: result, said: row.optionalBytes(4))
  }

  init(sequence: Int64, origin: Origin.Number, key: [UInt8], result: Outcome.Result, said: [UInt8]?) {
    (self.sequence, self.origin, self.key, self.result, self.said) = (sequence, origin, key, result, said)
  }

  func keep(in session: any Session) throws {
    try session.execute(
      SummedStatement.keep, .integer(sequence), .integer(origin), .bytes(key), .text(result.rawValue),
      said.map { .bytes($0) } ?? .null)
  }

  /// The one that stood at that place, or nil.
  static func find(_ sequence: Int64, in session: any Session) throws -> SummedEvent? {
    try session.first(of: SummedStatement.find, .integer(sequence)) { try SummedEvent($0) }
  }

  /// Hands over each of them, in order.
  static func forEach(in session: any Session, _ body: (SummedEvent) throws -> Void) throws {
    try session.forEachRow(of: SummedStatement.all, []) { row in
      try body(SummedEvent(row))
      return true
    }
  }

  /// Takes away what those of an origin said.
  static func forget(_ origin: Origin.Number, in session: any Session) throws {
    try session.execute(SummedStatement.forget, .integer(origin))
  }
}
