import Base
import SQL

@testable import Customers

extension OriginStore {
  /// The origin of that number, or nil.
  static func origin(_ number: Origin.Number, in session: any Session) throws -> Origin? {
    var origin: Origin?
    try session.forEachRow(
      ofText: "SELECT public_id, type, value, standing, source FROM origin WHERE number = ?1", [.integer(number)]
    ) { row in
      origin = Origin(
        number: number, publicID: row.text(0),
        identifier: Identifier(recorded: IdentifierType(row.text(1)) ?? .device, row.text(2)),
        standing: Origin.Standing(rawValue: row.integer(3)) ?? .claim, source: row.text(4))
      return false
    }
    return origin
  }
}
