package import Base
import Customers
package import SQL

/// How prices are told, apart from what they are: the document of the kind `pricing`.
///
/// ```json
/// {"quoteMinutes": 30, "currency": "EUR"}
/// ```
package struct PricingRules: Sendable, Equatable {
  package static let documentKind = "pricing"
  /// A day: what was shown yesterday, nobody may ask for today.
  package static let longestQuote: ClosedRange<Int64> = 1...1440
  /// As long as somebody takes for a checkout who is called to the door in the middle of it.
  package static let usualQuote: Int64 = 30

  /// How long what was shown is kept, in minutes.
  package let quoteMinutes: Int64
  /// In which prices are told where nobody says another; none where the shop has not declared one.
  package let currency: Currency?

  package init() { (quoteMinutes, currency) = (Self.usualQuote, nil) }

  /// The rules that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(document: JSON) throws {
    var fields = try FieldReader(document, "the rules of pricing", known: ["quoteMinutes", "currency"])
    quoteMinutes = fields.integer("quoteMinutes", in: Self.longestQuote) ?? Self.usualQuote
    let told = fields.given("currency")
    currency = told?.string.flatMap { Currency($0) }
    if told != nil, currency == nil { fields.fault("/currency", "is no currency of ISO 4217") }
    try fields.finish()
  }

  /// The rules in force.
  package init(in session: any Session) throws {
    guard let document = try DocumentStore.find(Self.documentKind, DocumentKind.onlyID, in: session) else {
      self.init()
      return
    }
    try self.init(document: JSONDocument(document.body).root)
  }

  /// The document that holds them.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("quoteMinutes", quoteMinutes)
      writer.field("currency", ifPresent: currency?.code)
    }
    return writer.bytes
  }
}
