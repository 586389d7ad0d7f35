package import Base
package import SQL

/// Whom a job is to erase: the customer as he was when it was asked for, and nobody who has become one with him since.
package struct JobErasure: Sendable, Equatable {
  /// The reason stays in the log; it is a sentence or two.
  package static let longestReason = 1000

  package var reason: String
  /// The newest place that there was, of anybody.
  private let newest: Origin.Number
  /// How many of his places there were.
  private let count: Int64

  /// What is asked for of the customer that `leader` leads.
  package init(reason: String, ofCustomer leader: Origin.Number, in session: any Session) throws {
    self.reason = reason
    newest = try session.first(of: OriginStatement.last) { $0.integer(0) } ?? 0
    count = Int64(try OriginStore.origins(ofCustomer: leader, in: session).count)
  }

  /// The reason that a request gives.
  ///
  /// - Throws: `invalid` with every field at fault.
  package static func reason(_ body: JSON) throws -> String {
    var fields = try FieldReader(body, "the request of an erasure", known: ["reason"])
    let reason = fields.text("reason", upTo: longestReason, isNeeded: true)
    try fields.finish()
    return reason ?? ""
  }

  func write(to writer: inout JSONWriter) {
    writer.field("reason", reason)
    writer.field("newest", newest)
    writer.field("count", count)
  }

  init?(recorded json: JSON) {
    guard let reason = json["reason"]?.string, let newest = json["newest"]?.integer, let count = json["count"]?.integer
    else { return nil }
    (self.reason, self.newest, self.count) = (reason, newest, count)
  }

  /// The places that are erased of the person of that origin.
  ///
  /// - Throws: `conflict` where he was erased already, or was joined with somebody or parted since.
  func origins(around origin: Origin.Number, in session: any Session) throws -> Set<Origin.Number> {
    if try Erasure.isErased(origin, in: session) { throw Failure(.conflict, "the person was erased already") }
    let leader = try OriginStore.leader(of: origin, in: session).number
    let own = try OriginStore.origins(ofCustomer: leader, in: session)
    guard own.count(where: { $0.number <= newest }) == count else {
      throw Failure(
        .conflict,
        "since it was asked for, the customer was joined with another one or parted: look at him and ask again")
    }
    return try Erasure.person(ofCustomer: leader, in: session)
  }
}
