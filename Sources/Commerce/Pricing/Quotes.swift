package import Base
package import Customers
package import SQL

enum QuoteStatement: Int, StatementSet {
  case put, find, ofOrigin, rewrite

  var sql: String {
    switch self {
    case .put:
      """
      INSERT INTO quote (id, origin, expires_at, body, sequence) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (id) DO NOTHING
      """
    case .find: "SELECT id, origin, expires_at, body, sequence FROM quote WHERE id = ?1"
    case .rewrite: "UPDATE quote SET body = ?2 WHERE id = ?1"
    case .ofOrigin: "SELECT id, origin, expires_at, body, sequence FROM quote WHERE origin = ?1 ORDER BY id"
    }
  }
}

/// A quote that is kept for its time.
package struct KeptQuote: Sendable {
  package let id: String
  /// Whose it is; nil where it was made for nobody.
  package let origin: Origin.Number?
  /// It holds up to this moment, which is not included.
  package let expiresAt: Instant
  package let quote: Quote
  /// Its place in the log.
  package let sequence: Int64

  /// Writes it as the API shows it.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", id)
      writer.field("expiresAt", expiresAt.text)
      quote.write(to: &writer)
    }
  }
}

/// Quotes that were shown, and what a checkout makes of them.
package enum Quotes {
  /// What was decided about a quote stands under this name in the outcome: the quote as it is shown.
  static let verdict = "quote"
  /// What its event is called.
  package static let eventName = "quote"

  /// Decides that a quote is kept from now on.
  ///
  /// It stands where the entry stands.
  package static func keep(
    _ quote: Quote, id: String, now: Instant, into outcome: inout Outcome, in session: any Session
  ) throws {
    let end = now + .seconds(try PricingRules(in: session).quoteMinutes * 60)
    var writer = JSONWriter()
    KeptQuote(id: id, origin: outcome.origin, expiresAt: end, quote: quote, sequence: 0).write(to: &writer)
    outcome.verdicts[verdict] = writer.bytes
  }

  /// The quote that an entry of the log keeps, or nil.
  package static func find(at sequence: Int64, in session: any Session) throws -> KeptQuote? {
    guard let bytes = try EventLog.entry(sequence, in: session)?.outcome.verdicts[verdict],
      let id = try JSONDocument(bytes).root["id"]?.string
    else { return nil }
    return try find(id, in: session)
  }

  /// The quote of that id, also when its time is over, or nil.
  package static func find(_ id: String, in session: any Session) throws -> KeptQuote? {
    try session.first(of: QuoteStatement.find, .text(id), map: kept)
  }

  static func kept(_ row: any Row) throws -> KeptQuote {
    guard let quote = (try? JSONDocument(row.bytes(3)).root).flatMap({ Quote(json: $0) }) else {
      throw Catalogue.damaged("quote")
    }
    return KeptQuote(
      id: row.text(0), origin: row.optionalInteger(1), expiresAt: Instant(milliseconds: row.integer(2)), quote: quote,
      sequence: row.integer(4))
  }

  /// What a checkout of these lines costs that names a quote.
  ///
  /// - Parameter leader: the customer who checks out; nil for nobody.
  /// - Throws: `conflict` with a fault at `/quote`, where there is none of that id for this customer, its time is over, or
  ///   it is about other lines.
  package static func honour(
    _ id: String, lines: [(sku: String, quantity: Quantity)], leader: Origin.Number?, now: Instant,
    in session: any Session
  ) throws -> Quote {
    guard let kept = try find(id, in: session) else { throw refused("is no quote") }
    if let origin = kept.origin {
      guard let leader, try Lookup.leader(of: origin, in: session) == Lookup.leader(of: leader, in: session) else {
        throw refused("is no quote")
      }
    }
    guard now < kept.expiresAt else { throw refused("held until \(kept.expiresAt.text)") }
    let isSame = kept.quote.lines.elementsEqual(lines) { $0.sku == $1.sku && $0.quantity == $1.quantity }
    guard isSame else { throw refused("is about other lines") }
    return kept.quote
  }

  private static func refused(_ reason: String) -> Failure {
    Failure(.conflict, "the quote \(reason)", faults: [.init("/quote", reason)])
  }
}

/// Quotes by their ids.
package struct QuoteFold: Fold {
  package let name = "quotes"
  package let tables = [
    FoldTable("quote", key: ["id"], owner: "origin", entries: ["sequence"], staysErased: true)
  ]
  package var checks: [any Check] { [QuoteCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard let verdict = entry.outcome.verdicts[Quotes.verdict] else { return }
    guard let root = try? JSONDocument(verdict).root, let id = root["id"]?.string,
      let end = root["expiresAt"]?.string.flatMap({ Instant($0) })
    else {
      throw Failure(.internal, "the log is damaged", cause: "a quote that is none", hint: "throughline verify")
    }
    try session.execute(
      QuoteStatement.put, .text(id), .integer(entry.outcome.origin), .integer(end.milliseconds), .utf8(verdict),
      .integer(entry.sequence))
  }

  /// Writes the field `quotes`: what this customer was shown.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    let kept = try origins.flatMap { try session.rows(of: QuoteStatement.ofOrigin, .integer($0), map: Quotes.kept) }
    writer.key("quotes")
    writer.array { writer in
      for quote in kept.sorted(by: { $0.id < $1.id }) { quote.write(to: &writer) }
    }
  }

  /// Codes and skus that nobody knows are whatever he typed.
  package func redact(_ outcome: inout Outcome) {
    guard let root = outcome.verdicts[Quotes.verdict].flatMap({ try? JSONDocument($0).root }),
      let id = root["id"]?.string, let end = root["expiresAt"]?.string.flatMap({ Instant($0) }),
      let quote = Quote(json: root)
    else { return }
    var writer = JSONWriter()
    KeptQuote(id: id, origin: nil, expiresAt: end, quote: quote.redacted, sequence: 0).write(to: &writer)
    outcome.verdicts[Quotes.verdict] = writer.bytes
  }

  package func rewrite(_ entry: LogEntry, in session: any Session) throws {
    guard let verdict = entry.outcome.verdicts[Quotes.verdict], let id = try JSONDocument(verdict).root["id"]?.string
    else { return }
    try session.execute(QuoteStatement.rewrite, .text(id), .utf8(verdict))
  }

  /// Nothing: beside what `redact` sees to, what was shown names goods and amounts, and nobody.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {}
}

/// Each quote is as the log's outcome has it, and its lines add up.
struct QuoteCheck: Check {
  let name = "quotes"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    var told: [[UInt8]: (origin: Int64?, body: [UInt8])] = [:]
    try session.forEachRow(
      // An erased event has no name any more, and its verdict stays.
      ofText: "SELECT origin, outcome FROM event WHERE kind = 'cart' AND outcome LIKE '%\"quote\"%'", []
    ) { row in
      guard let quote = (try? JSONDocument(row.bytes(1)).root)?["verdicts"]?["quote"], let id = quote["id"]?.string
      else { return true }
      told[Array(id.utf8)] = (row.optionalInteger(0), quote.bytes)
      return true
    }
    try session.forEachRow(ofText: "SELECT id, origin, expires_at, body FROM quote ORDER BY id", []) { row in
      guard let entry = told.removeValue(forKey: row.bytes(0)), entry.origin == row.optionalInteger(1),
        entry.body == row.bytes(3), let root = try? JSONDocument(entry.body).root,
        root["expiresAt"]?.string.flatMap({ Instant($0) })?.milliseconds == row.integer(2)
      else {
        report("the quote \(row.text(0)) is not as the log has it")
        return true
      }
      let lines = root["lines"]?.elements.reduce(Int64(0)) { $0 + ($1["total"]?["amount"]?.integer ?? 0) }
      let steps = root["trace"]?.elements.reduce(Int64(0)) { $0 + ($1["amount"]?.integer ?? 0) }
      if lines != root["totals"]?["due"]?["amount"]?.integer || lines != steps {
        report("the quote \(row.text(0)) does not add up")
      }
      return true
    }
    for id in told.keys { report("the quote \(String(decoding: id, as: UTF8.self)) is not kept") }
  }
}
