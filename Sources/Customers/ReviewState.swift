/// How far a doubt about two customers has come.
package enum ReviewState: String, Sendable, CaseIterable {
  /// Nobody has decided it.
  case open
  /// They are one person and were merged.
  case merged
  /// They are two: a separation keeps them apart.
  case apart
}
