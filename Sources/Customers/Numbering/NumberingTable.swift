import Base

/// The numbering plans that telephone numbers are read by, as far as identifiers go by them.
package struct NumberingTable: Sendable {
  package var version: String
  /// What the plans make of a number in the form of E.164: itself, another number that it became, or nil where nobody
  /// has it.
  package var read: @Sendable (String) -> String?

  package init(version: String, read: @escaping @Sendable (String) -> String?) {
    (self.version, self.read) = (version, read)
  }

  /// This program's.
  package static let current = NumberingTable(version: PhoneNumber.tableVersion) { PhoneNumber($0)?.text }
}
