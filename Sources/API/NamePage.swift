import Base
import HTTP

/// Which page of a short list is asked for that is in the order of names: `limit` and `cursor`.
struct NamePage: Sendable {
  private let limit: Int
  private let after: [UInt8]?
  private let asked: [(name: String, value: String)]

  /// - Throws: `invalid` with the item at fault.
  init(_ request: borrowing Request) throws {
    limit = try PageQuery.limit(of: request)
    after = try request.query("cursor").map { text in
      guard let name = Base64URL.bytes(text), !name.isEmpty else {
        throw PageQuery.wrong("cursor", "is none that a former page answered")
      }
      return name
    }
    asked = request.queryItems.filter { $0.name != "cursor" && $0.name != "minSequence" }
  }

  /// The page as an answer: `data`, `next`, and a `Link` to the next one.
  ///
  /// - Parameters:
  ///   - rows: the whole list.
  ///   - path: the list's own, for the link.
  ///   - name: what tells a row from the others.
  func answer<T>(
    _ rows: [T], at path: String, name: (T) -> String, write: (T, inout JSONWriter) throws -> Void
  ) throws -> Response {
    let named = rows.map { (name: Array(name($0).utf8), row: $0) }
      .filter { row in after.map { $0.lexicographicallyPrecedes(row.name) } ?? true }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
    let next = named.count > limit ? Base64URL.text(named[limit - 1].name) : nil
    return try PageQuery.answer(at: path, next: next, asked: asked) { writer in
      for (_, row) in named.prefix(limit) { try write(row, &writer) }
    }
  }
}
