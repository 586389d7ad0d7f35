/// A moment in Universal Time, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// It is what the log, the API and the tables speak: RFC 3339 with milliseconds. It is never read from the
/// machine outside a `Clock`.
package struct Instant: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
  package var milliseconds: Int64

  /// The moment that many milliseconds after 1970-01-01T00:00:00Z.
  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// The first and the last moment that RFC 3339 can name: the years 1 to 9999.
  package static let earliest = Instant(milliseconds: -62_135_596_800_000)
  package static let latest = Instant(milliseconds: 253_402_300_799_999)

  package static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

  /// The moment that much later, cut to whole milliseconds.
  package static func + (a: Instant, b: Duration) -> Instant {
    let (seconds, attoseconds) = b.components
    return Instant(milliseconds: a.milliseconds + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
  }

  /// The moment that much earlier, cut to whole milliseconds.
  package static func - (a: Instant, b: Duration) -> Instant { a + (.zero - b) }
}
