import Base
package import SQL

/// What the log adds up to, in tables of its own.
///
/// A fold reads entries and their outcomes and nothing else: no clock, no configuration, no chance. So its tables are
/// the same however often they are made anew from the log, and `replay` checks that they are.
package protocol Fold: Sendable {
  /// What the fold is called in reports.
  var name: String { get }
  /// The tables that are its own; no other code writes them.
  var tables: [FoldTable] { get }
  /// Adds one entry up.
  func apply(_ entry: LogEntry, in session: any Session) throws
}

/// A table of a fold, with the columns that put its rows in one order.
package struct FoldTable: Sendable {
  package let name: String
  package let key: [String]

  package init(_ name: String, key: [String]) {
    self.name = name
    self.key = key
  }
}
