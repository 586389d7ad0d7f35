import Base
package import SQL

/// What timers of one kind come to when they are due.
///
/// It is asked in the transaction that appends the timer's event, with everything as it is by then, which may be long
/// after the timer was due. Like any decision it changes no table: folds add the event and its outcome up.
package protocol TimedAct: Sendable {
  /// The kind of the timers that are its own.
  var kind: String { get }
  /// Decides what a timer comes to.
  ///
  /// - Parameter outcome: says that the timer has ended; what else is decided is added to it, a next timer too.
  /// - Returns: what the event says; nil for a bare `timer` with the payload.
  /// - Throws: what stands in the way; the timer stays and is tried again.
  func fire(_ timer: PendingTimer, _ outcome: inout Outcome, in session: any Session) throws -> TimedEvent?
}

/// What a timer's event says.
package struct TimedEvent: Sendable {
  package var kind: Event.Kind
  package var name: String?
  package var body: [UInt8]

  package init(_ kind: Event.Kind, name: String? = nil, body: [UInt8]) {
    self.kind = kind
    self.name = name
    self.body = body
  }
}
