package import Base
import Customers
package import SQL

/// How long what was told of stock is believed: the document of the kind `stock-policy`.
///
/// ```json
/// {"staleAfter": 1440, "promisedFor": 10080}
/// ```
package struct StockPolicy: Sendable {
  package static let documentKind = "stock-policy"
  /// In minutes: a shop tells its stock at least once a day.
  package static let usualStaleAfter: Int64 = 1440
  /// In minutes: what nobody has told for a week is not promised.
  package static let usualPromisedFor: Int64 = 7 * 1440
  /// In minutes: a year, which comes to never.
  package static let longest: Int64 = 366 * 1440

  /// In minutes: what is older is marked.
  package var staleAfter = Self.usualStaleAfter
  /// In minutes: what is older is not promised.
  package var promisedFor = Self.usualPromisedFor

  /// The usual policy.
  package init() {}

  /// The policy that a document holds; what it does not say is as usual.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(document: JSON) throws {
    var fields = try FieldReader(document, "a policy of stock", known: ["staleAfter", "promisedFor"])
    staleAfter = fields.integer("staleAfter", in: 1...Self.longest) ?? Self.usualStaleAfter
    promisedFor = fields.integer("promisedFor", in: 1...Self.longest) ?? Self.usualPromisedFor
    if fields.faults.isEmpty { fields.check(promisedFor >= staleAfter, "/promisedFor", "is shorter than staleAfter") }
    try fields.finish()
  }

  /// The policy in force.
  package init(in session: any Session) throws {
    guard let document = try DocumentStore.find(Self.documentKind, DocumentKind.onlyID, in: session) else {
      self.init()
      return
    }
    try self.init(document: JSONDocument(document.body).root)
  }

  /// The document that holds it.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("staleAfter", staleAfter)
      writer.field("promisedFor", promisedFor)
    }
    return writer.bytes
  }

  /// Whether what was told last at that time is marked as old; what was never told is.
  package func isStale(_ asOf: Instant?, now: Instant) -> Bool {
    asOf.map { $0 + .seconds(staleAfter * 60) < now } ?? true
  }

  /// Whether what was told last at that time is still promised.
  package func promises(_ asOf: Instant?, now: Instant) -> Bool {
    asOf.map { $0 + .seconds(promisedFor * 60) >= now } ?? false
  }
}
