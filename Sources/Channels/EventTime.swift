package import Base

/// When something happened, by three clocks of which only ours is right.
///
/// Segment's rule: the sender's clock is wrong by `receivedAt − sentAt`, so the event happened that much later than its
/// sender says. Nothing happens after it was received, nor before the years that a time can name.
package enum EventTime {
  /// An import tells of old events as they were: its clock is not corrected where an event is older than this.
  package static let historic: Duration = .seconds(86_400)

  /// The moment by our clock.
  ///
  /// - Parameters:
  ///   - original: when it happened by the sender's clock.
  ///   - sent: when it was sent by the sender's clock.
  ///   - received: when it came by our clock.
  ///   - isImport: whether old events keep their times.
  package static func effective(original: Instant?, sent: Instant?, received: Instant, isImport: Bool = false)
    -> Instant
  {
    guard let original else { return min(sent ?? received, received) }
    guard let sent, !(isImport && original < sent - historic) else { return min(original, received) }
    let age = sent.milliseconds - original.milliseconds
    return min(max(Instant(milliseconds: received.milliseconds - age), .earliest), received)
  }
}
