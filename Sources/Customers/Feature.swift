package import Base
package import SQL

/// What stands above this floor: it decides about entries what recognition does not, and keeps folds of its own.
///
/// The road into the log asks every feature about every entry, in the transaction that appends it. What a feature
/// decides stands in the outcome under its name (`Outcome.verdicts`), and its folds add that up.
package protocol Feature: Sendable {
  /// What its timers come to.
  var acts: [any TimedAct] { get }
  /// What it publishes of customers.
  var facts: [any FactPublisher] { get }
  /// Completes what is decided about an entry that is about to be appended.
  ///
  /// It reads, and writes nothing but the outcome. An event of a source tells what has happened, so it is never refused:
  /// what does not fit is noted in the outcome. A request was decided by whoever records it, and comes here too.
  ///
  /// - Throws: where the database cannot be read.
  func decide(_ entry: inout LogEntry, in session: any Session) throws
  /// Writes what it has of a customer as members of his whole picture, an object that is open already.
  ///
  /// - Parameters:
  ///   - leader: the customer's leading origin.
  ///   - now: what has ended by then is not there.
  func writePicture(
    ofCustomer leader: Origin.Number, now: Instant, to writer: inout JSONWriter, in session: any Session
  ) throws
}
