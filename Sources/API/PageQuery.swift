import Base
import Customers
import HTTP

/// Which page of a list by time is asked for: `from`, `to`, `limit` and `cursor`.
struct PageQuery: Sendable {
  /// How many rows a page has when the caller does not say, and at most.
  static let usualPage = 50
  static let longestPage = 500

  let from: Instant?
  let to: Instant?
  let cursor: Timeline.Cursor
  let limit: Int
  private let asked: [(name: String, value: String)]

  /// - Throws: `invalid` with the item at fault.
  init(_ request: borrowing Request) throws {
    from = try Self.time("from", request)
    to = try Self.time("to", request)
    if let text = request.query("cursor") {
      guard let cursor = Timeline.Cursor(text) else {
        throw Self.wrong("cursor", "is none that a former page answered")
      }
      self.cursor = cursor
    } else {
      cursor = .newest
    }
    limit = try Self.limit(of: request)
    asked = request.queryItems.filter { $0.name != "cursor" && $0.name != "minSequence" }
  }

  /// How many rows a page has.
  ///
  /// - Throws: `invalid` where the query's `limit` is no number from 1 to `longestPage`.
  static func limit(of request: borrowing Request) throws -> Int {
    guard let text = request.query("limit") else { return usualPage }
    guard let limit = Int(text), (1...longestPage).contains(limit) else {
      throw wrong("limit", "is no whole number from 1 to \(longestPage)")
    }
    return limit
  }

  private static func time(_ name: String, _ request: borrowing Request) throws -> Instant? {
    guard let text = request.query(name) else { return nil }
    guard let time = Instant(text) else { throw wrong(name, "is no time as in RFC 3339") }
    return time
  }

  static func wrong(_ name: String, _ reason: String) -> Failure {
    Failure(.invalid, "the query's \(name) \(reason)", faults: [.init("/\(name)", reason)])
  }

  /// A page of rows as an answer.
  ///
  /// - Parameters:
  ///   - rows: one more than `limit` where there are more.
  ///   - path: the list's own, for the link.
  ///   - cursor: where a page ends that ends with that row.
  ///   - write: writes one row.
  func answer<T>(
    _ rows: [T], at path: String, cursor: (T) -> Timeline.Cursor, write: (T, inout JSONWriter) throws -> Void
  ) throws -> Response {
    let next = rows.count > limit ? cursor(rows[limit - 1]) : nil
    return try answer(at: path, next: next) { writer in
      for row in rows.prefix(limit) { try write(row, &writer) }
    }
  }

  /// The page as an answer: `data`, `next`, and a `Link` to the next one.
  ///
  /// - Parameters:
  ///   - path: the list's own, for the link.
  ///   - next: where the next page begins, if there is one.
  ///   - more: writes members beside these.
  ///   - rows: writes the elements of `data`.
  func answer(
    at path: String, next: Timeline.Cursor?, more: (inout JSONWriter) throws -> Void = { _ in },
    rows: (inout JSONWriter) throws -> Void
  ) throws -> Response {
    try Self.answer(at: path, next: next?.text, asked: asked, more: more, rows: rows)
  }

  /// The same, with the cursor as text, and beside it what was asked.
  static func answer(
    at path: String, next: String?, asked: [(name: String, value: String)],
    more: (inout JSONWriter) throws -> Void = { _ in }, rows: (inout JSONWriter) throws -> Void
  ) throws -> Response {
    var writer = JSONWriter(capacity: 32 << 10)
    try writer.object { writer in
      writer.key("data")
      try writer.array { try rows(&$0) }
      writer.field("next", orNull: next)
      try more(&writer)
    }
    var response = Response.json(writer.bytes)
    if let next {
      let query = (asked + [("cursor", next)]).map { "\(PercentEncoding.text($0.0))=\(PercentEncoding.text($0.1))" }
      response.set("Link", "<\(path)?\(query.joined(separator: "&"))>; rel=\"next\"")
    }
    return response
  }
}
