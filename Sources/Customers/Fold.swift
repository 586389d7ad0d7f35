package import Base
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
  /// What recounts its tables, by other code than its own.
  var checks: [any Check] { get }
  /// Whether it takes anything of what such an event says, beside what the event's outcome says, or looks for it in the
  /// log: then the event never becomes part of a summary.
  func reads(_ event: Event) -> Bool
  /// Adds one entry up.
  func apply(_ entry: LogEntry, in session: any Session) throws
  /// Writes what it has of one person, as members of an object that is open already.
  ///
  /// It is combined over his origins as readers see it, in an order that does not depend on arrival, and tells no place
  /// in the log and no number of an origin.
  func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws
  /// Removes what it has of these origins, whose events are rewritten in the log so that they say nothing of it.
  ///
  /// What it leaves is what it makes of the rewritten log. A number of an origin may stay, a name may not.
  func erase(_ origins: [Origin.Number], in session: any Session) throws
  /// Entries that name a thing of these origins by a name that leads to them, with that name, whoever they stand with.
  func mentions(of origins: [Origin.Number], in session: any Session) throws -> [(entry: Int64, name: String)]
  /// Takes what he typed and the shop has no name for out of what was decided about an event of somebody who is erased.
  func redact(_ outcome: inout Outcome)
  /// Takes anew what it has of the body of an entry, which was rewritten because somebody is erased.
  func rewrite(_ entry: LogEntry, in session: any Session) throws
}

extension Fold {
  /// A fold that goes by outcomes reads no event.
  package func reads(_ event: Event) -> Bool { false }

  /// Most things have no names of their own.
  package func mentions(
    of origins: [Origin.Number], in session: any Session
  ) throws -> [(entry: Int64, name: String)] { [] }

  /// Most decisions name only what the shop itself has named.
  package func redact(_ outcome: inout Outcome) {}

  /// A fold that goes by outcomes has nothing of a body.
  package func rewrite(_ entry: LogEntry, in session: any Session) throws {}

  /// A fold that keeps nothing of persons writes nothing.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {}
}

/// A fold that a newer program may work out otherwise: what it has is rebuilt from the log then, by `ViewBuilder`.
///
/// Books (identity, consents, documents) are no views: what was decided stays decided.
package protocol View: Fold {
  /// Raised whenever the same log adds up to other rows.
  var version: Int64 { get }
}

/// A table of a fold, with what its columns mean to those who read any table.
package struct FoldTable: Sendable {
  package let name: String
  /// What a query reads its rows from: the table, or a query in brackets where a part of them stands elsewhere.
  package let rows: String
  /// The columns that put its rows in one order.
  package let key: [String]
  /// The column that names the origin to which a row belongs; none where no row is one person's.
  package let owner: String?
  /// Further columns that name an origin.
  package let origins: [String]
  /// Columns that name a place in the log; the first is where a row comes from.
  package let entries: [String]
  /// Whether rows of a person's origins stay when he is erased, for they tell a number and no name: books do.
  package let staysErased: Bool
  /// A further entry that a row may have, and what its columns were without it.
  package let before: (entry: String, columns: [String: String?])?

  package init(
    _ name: String, key: [String], rows: String? = nil, owner: String? = nil, origins: [String] = [],
    entries: [String] = [], staysErased: Bool = false, before: (entry: String, columns: [String: String?])? = nil
  ) {
    self.name = name
    self.rows = rows ?? name
    self.key = key
    self.owner = owner
    self.origins = origins
    self.entries = entries
    self.staysErased = staysErased
    self.before = before
  }
}
