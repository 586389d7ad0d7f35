/// What an engine refused, without the values that were bound.
package struct SQLFailure: Error, Sendable, CustomStringConvertible {
  /// What callers act upon; everything else is `other`.
  package enum Code: Sendable, Hashable {
    /// Somebody else holds the database.
    case busy
    /// There is no room on the disk.
    case full
    /// The file or its directory cannot be written.
    case readOnly
    /// The file is no database, or a damaged one.
    case corrupt
    /// A newer program has migrated it to this number.
    case newer(Int64)
    /// A constraint of the schema does not hold.
    case constraint
    /// The file cannot be opened.
    case cannotOpen
    /// More was queued than the limit allows, or the database is closing.
    case overloaded
    case other(Int32)
  }

  package let code: Code
  /// The engine's own words; they name tables and columns, never values.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { "\(code): \(message)" }
}
