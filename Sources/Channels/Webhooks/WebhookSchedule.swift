package import Base

/// When a message is tried: at once, then after these pauses, then no more.
package enum WebhookSchedule {
  /// Standard Webhooks' own proposal: about three days, so that a receiver may be down over a weekend.
  package static let pauses: [Duration] = [
    .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3600), .seconds(5 * 3600), .seconds(10 * 3600),
    .seconds(14 * 3600), .seconds(20 * 3600), .seconds(24 * 3600),
  ]
  /// How often a message is tried.
  package static var attempts: Int { pauses.count + 1 }
  /// What a receiver asks for with Retry-After is waited for as long as the longest pause.
  package static let longestWait: Duration = .seconds(24 * 3600)
  /// A pause is longer or shorter by up to a tenth, lest all that failed together comes back together.
  private static let jitter = 0.1

  /// How long to wait after an attempt that failed; nil where there is no other.
  ///
  /// - Parameters:
  ///   - attempt: the number of attempts made, from 1.
  ///   - asked: what the receiver asked for, where it did.
  package static func pause(after attempt: Int64, asked: Duration?, chance: any Randomness) -> Duration? {
    guard attempt >= 1, attempt <= Int64(pauses.count) else { return nil }
    let bytes = chance.bytes(2)
    let share = Double(UInt16(bytes[0]) << 8 | UInt16(bytes[1])) / Double(UInt16.max)
    let pause = pauses[Int(attempt) - 1] * (1 - jitter + 2 * jitter * share)
    return max(pause, min(asked ?? .zero, longestWait))
  }
}
