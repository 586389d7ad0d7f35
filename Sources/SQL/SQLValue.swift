/// What a parameter is bound to.
package enum SQLValue: Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  case null
  case integer(Int64)
  case text(String)
  /// Text that is at hand as its bytes; they must be UTF-8.
  case utf8([UInt8])
  case bytes([UInt8])

  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(stringLiteral value: String) { self = .text(value) }
  package init(nilLiteral: ()) { self = .null }

  /// The integer, or null for none.
  package static func integer(_ value: Int64?) -> SQLValue { value.map { .integer($0) } ?? .null }
  /// The text, or null for none.
  package static func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
  /// The text as bytes, or null for none.
  package static func utf8(_ value: [UInt8]?) -> SQLValue { value.map { .utf8($0) } ?? .null }
}
