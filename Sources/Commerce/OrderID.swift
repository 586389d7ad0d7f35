import Base
package import Customers
package import SQL

/// What an order is called: by the shop in the bodies of the log's entries, and by a key in every book.
///
/// Books outlive a person, and what the shop calls an order leads to whose it was. So verdicts, tables and timers know
/// an order by a key, which leads nowhere once the body that named the order is gone.
package enum OrderID {
  /// What begins an id of ours.
  private static let ours = "ord_"
  /// So many bytes of a digest, as hexadecimal digits: two of a thousand million orders have the same with odds of one
  /// to a million.
  private static let bytes = 10

  /// The id of an order that the sender gave none: always the same for one message.
  package static func made(by source: String, _ messageID: String) -> String {
    ours + digest("\(source)\n\(messageID)")
  }

  /// What every book knows an order by: an id of ours itself, a digest of any other one.
  package static func key(of id: String) -> String { isOurs(id) ? id : ours + "x" + digest(id) }

  private static func isOurs(_ id: String) -> Bool {
    guard id.hasPrefix(ours) else { return false }
    var digits = id.dropFirst(ours.count)
    if digits.first == "x" { digits = digits.dropFirst() }
    return digits.utf8.count == 2 * bytes && digits.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
  }

  private static func digest(_ text: String) -> String {
    Digest.hex(Array(Digest.sha256(Array(text.utf8)).prefix(bytes)))
  }

  /// What the body of an event of an order calls the order; nil where it does not, and where that went with a person.
  package static func name(in event: Event) -> String? {
    event.kind == .track ? Sale.order(in: event) : (try? JSONDocument(event.body).root)?["id"]?.string
  }

  /// What readers see in the place of a key: what the shop calls the order, as long as that is known.
  package static func shown(_ key: String, in session: any Session) throws -> String {
    try session.first(of: OrderStatement.name, .text(key)) { $0.optionalText(0) ?? key } ?? key
  }

  /// The same of a column of keys, as an expression of SQL.
  static func shown(_ column: String) -> String {
    "coalesce((SELECT o.name FROM sales_order o WHERE o.id = \(column)), \(column))"
  }
}
