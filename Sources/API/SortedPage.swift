import Base
import HTTP

/// Which page of a list is asked for that is in the order of a key: `limit` and `cursor`.
struct SortedPage: Sendable {
  let limit: Int
  /// The key after which the page begins; empty at the beginning.
  let after: String
  private let asked: [(name: String, value: String)]

  /// - Throws: `invalid` with the item at fault.
  init(_ request: borrowing Request) throws {
    limit = try PageQuery.limit(of: request)
    after =
      try request.query("cursor").map { text in
        guard let bytes = Base64URL.bytes(text), !bytes.isEmpty, let key = String(validating: bytes, as: UTF8.self)
        else { throw PageQuery.wrong("cursor", "is none that a former page answered") }
        return key
      } ?? ""
    asked = request.queryItems.filter { $0.name != "cursor" && $0.name != "minSequence" }
  }

  /// The page as an answer: `data`, `next`, and a `Link` to the next one.
  ///
  /// - Parameters:
  ///   - rows: those behind the cursor, in order, one more than `limit` where there are more.
  ///   - path: the list's own, for the link.
  ///   - key: what the list is in the order of.
  func answer<T>(
    _ rows: [T], at path: String, key: (T) -> String, write: (T, inout JSONWriter) throws -> Void
  ) throws -> Response {
    let next = rows.count > limit ? Base64URL.text(Array(key(rows[limit - 1]).utf8)) : nil
    return try PageQuery.answer(at: path, next: next, asked: asked) { writer in
      for row in rows.prefix(limit) { try write(row, &writer) }
    }
  }

  /// The page of a short list, which is there as a whole and in any order.
  ///
  /// - Parameter name: what tells a row from the others.
  func answer<T>(
    all rows: [T], at path: String, name: (T) -> String, write: (T, inout JSONWriter) throws -> Void
  ) throws -> Response {
    func precedes(_ one: String, _ other: String) -> Bool { one.utf8.lexicographicallyPrecedes(other.utf8) }
    let sorted = rows.filter { precedes(after, name($0)) }.sorted { precedes(name($0), name($1)) }
    return try answer(sorted, at: path, key: name, write: write)
  }
}
