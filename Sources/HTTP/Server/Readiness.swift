/// What a socket is watched for.
struct Interest: OptionSet, Sendable {
  let rawValue: UInt8

  static let read = Interest(rawValue: 1)
  static let write = Interest(rawValue: 2)
}

/// What has become of a socket that is watched.
struct ReadyState: OptionSet, Sendable {
  let rawValue: UInt8

  static let readable = ReadyState(rawValue: 1)
  static let writable = ReadyState(rawValue: 2)
  /// Both directions are over; told also to those who wait for nothing, where the implementation can.
  static let hungUp = ReadyState(rawValue: 4)
}

/// Names what is watched: a descriptor, and which of those that bore its number it is.
///
/// The kernel gives a closed descriptor's number to the next socket, which may happen within one batch of events; the
/// generation tells an event for the old one from one for the new.
struct Token: Hashable, Sendable {
  let rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  init(_ descriptor: Int32, generation: UInt32) {
    rawValue = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
  }

  var descriptor: Int32 { Int32(truncatingIfNeeded: rawValue) }
  var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
}

/// Tells a loop which of its sockets are ready: the few verbs in which epoll and Dispatch differ.
///
/// All but `wake` are called by the loop alone. Events are level-triggered: they come again until they are dealt with.
protocol Readiness: AnyObject, Sendable {
  /// Begins to call the loop's `turn`s.
  func start(_ loop: Loop)
  /// Watches a socket.
  func watch(_ token: Token, for interest: Interest) -> Bool
  /// Watches it for something else.
  func change(_ token: Token, to interest: Interest)
  /// Watches it no more, and closes it.
  func close(_ token: Token)
  /// Makes the loop take its mail soon; may be called by any thread.
  func wake()
  /// Ends the turns for good.
  func finish()
}
