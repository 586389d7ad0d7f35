import Base
import HTTP

/// Which page of a long list is asked for that is in the order of a key: `limit` and `cursor`.
///
/// The list is read from the cursor on, and never as a whole.
struct SortedPage: Sendable {
  let limit: Int
  /// The key after which the page begins; empty at the beginning.
  let after: String
  private let asked: [(name: String, value: String)]

  /// - Throws: `invalid` with the item at fault.
  init(_ request: borrowing Request) throws {
    if let text = request.query("limit") {
      guard let limit = Int(text), (1...PageQuery.longestPage).contains(limit) else {
        throw PageQuery.wrong("limit", "is no whole number from 1 to \(PageQuery.longestPage)")
      }
      self.limit = limit
    } else {
      limit = PageQuery.usualPage
    }
    if let text = request.query("cursor") {
      guard let bytes = Base64URL.bytes(text), !bytes.isEmpty, let key = String(validating: bytes, as: UTF8.self) else {
        throw PageQuery.wrong("cursor", "is none that a former page answered")
      }
      after = key
    } else {
      after = ""
    }
    asked = request.queryItems.filter { $0.name != "cursor" && $0.name != "minSequence" }
  }

  /// The page as an answer: `data`, `next`, and a `Link` to the next one.
  ///
  /// - Parameters:
  ///   - rows: one more than `limit` where there are more.
  ///   - path: the list's own, for the link.
  ///   - key: what the list is in the order of.
  func answer<T>(
    _ rows: [T], at path: String, key: (T) -> String, write: (T, inout JSONWriter) throws -> Void
  ) throws -> Response {
    let next = rows.count > limit ? Base64URL.text(Array(key(rows[limit - 1]).utf8)) : nil
    var writer = JSONWriter(capacity: 32 << 10)
    try writer.object { writer in
      writer.key("data")
      try writer.array { writer in for row in rows.prefix(limit) { try write(row, &writer) } }
      writer.field("next", orNull: next)
    }
    var response = Response.json(writer.bytes)
    if let next {
      let query = (asked + [("cursor", next)]).map { "\(PercentEncoding.text($0.0))=\(PercentEncoding.text($0.1))" }
      response.set("Link", "<\(path)?\(query.joined(separator: "&"))>; rel=\"next\"")
    }
    return response
  }
}
