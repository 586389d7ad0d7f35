import Base
import SQL

enum SummedStatement: Int, StatementSet {
  case keep, find, between

  private static let columns = "sequence, origin, key, result"

  var sql: String {
    switch self {
    case .keep: "INSERT INTO summed_event (\(Self.columns)) VALUES (?1, ?2, ?3, ?4)"
    case .find: "SELECT \(Self.columns) FROM summed_event WHERE sequence = ?1"
    case .between:
      "SELECT \(Self.columns) FROM summed_event WHERE sequence > ?1 AND sequence <= ?2 ORDER BY sequence"
    }
  }
}

/// What the log keeps of an event that became part of a summary: its place, and what its message is known by and was
/// answered.
package struct SummedEvent: Sendable {
  let sequence: Int64
  let origin: Origin.Number
  /// As in the table of messages.
  let key: [UInt8]
  let result: Outcome.Result

  init(sequence: Int64, origin: Origin.Number, key: [UInt8], result: Outcome.Result) {
    (self.sequence, self.origin, self.key, self.result) = (sequence, origin, key, result)
  }

  private init(_ row: any Row) throws {
    guard let result = Outcome.Result(rawValue: row.text(3)) else {
      throw Failure(.internal, "the log is damaged", cause: "a summed event of no result", hint: "throughline verify")
    }
    self.init(sequence: row.integer(0), origin: row.integer(1), key: row.bytes(2), result: result)
  }

  func keep(in session: any Session) throws {
    try session.execute(
      SummedStatement.keep, .integer(sequence), .integer(origin), .bytes(key), .text(result.rawValue))
  }

  /// The one that stood at that place, or nil.
  static func find(_ sequence: Int64, in session: any Session) throws -> SummedEvent? {
    try session.first(of: SummedStatement.find, .integer(sequence)) { try SummedEvent($0) }
  }

  /// Those that stood after a place and up to another one, in order.
  static func between(_ after: Int64, _ upTo: Int64, in session: any Session) throws -> [SummedEvent] {
    try session.rows(of: SummedStatement.between, .integer(after), .integer(upTo)) { try SummedEvent($0) }
  }
}
