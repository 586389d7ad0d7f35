import Base
import SQL

/// What some events add to a computed trait.
struct ComputedCell: Equatable {
  /// A day, in milliseconds.
  static let day: Int64 = 86_400_000
  /// The digits that a number may have before its point: a day of one person can add up a million of them.
  static let mostDigits = 12
  /// And behind it.
  static let mostDecimals = 6

  var count: Int64
  /// What the numbers come to, in millionths.
  var micros: Int128 = 0
  /// When the newest of the events was; of a first value when that was.
  var at: Int64
  /// What tells events of one moment apart, where a value is kept.
  var source: [UInt8] = []
  var messageID: [UInt8] = []
  /// The value that is kept, as JSON.
  var payload: [UInt8]?

  /// The day to which a moment belongs.
  static func day(of at: Int64) -> Int64 { at >= 0 ? at / day : (at + 1) / day - 1 }

  /// A number's literal in millionths; nil where it has an exponent, or more digits than are added up.
  static func amount(_ literal: String) -> Int128? {
    let isNegative = literal.hasPrefix("-")
    let parts = literal.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts[0].utf8.count <= mostDigits, let whole = Int128(parts[0]) else { return nil }
    var amount = whole * 1_000_000
    if parts.count == 2 {
      let decimals = parts[1]
      guard decimals.utf8.count <= mostDecimals,
        let fraction = Int128(decimals + String(repeating: "0", count: mostDecimals - decimals.utf8.count))
      else { return nil }
      amount += fraction
    }
    return isNegative ? -amount : amount
  }

  /// Whether it came after the other: of one moment the greater source and message come later.
  func isNewer(than other: ComputedCell) -> Bool {
    if at != other.at { return at > other.at }
    if source != other.source { return other.source.lexicographicallyPrecedes(source) }
    return other.messageID.lexicographicallyPrecedes(messageID)
  }

  /// Adds what other events add.
  mutating func merge(_ other: ComputedCell, _ function: ComputedTrait.Function) {
    let keeps = function == .first ? other.isNewer(than: self) : !other.isNewer(than: self)
    let kept = keeps ? self : other
    (at, source, messageID, payload) = (kept.at, kept.source, kept.messageID, kept.payload)
    count += other.count
    micros += other.micros
  }

  /// What the cells of a trait come to, as JSON, and when the event was that counts last; nil where there is no value.
  ///
  /// - Parameter now: the time of what comes to nothing.
  static func result(
    _ cells: [[UInt8]: ComputedCell], _ function: ComputedTrait.Function, now: Instant
  ) -> (value: [UInt8], at: Int64)? {
    switch function {
    case .count, .sum:
      let cell = cells[[]] ?? ComputedCell(count: 0, at: now.milliseconds)
      return (function == .count ? Array("\(cell.count)".utf8) : literal(cell.micros), cell.at)
    case .first, .last: return cells[[]].flatMap { cell in cell.payload.map { ($0, cell.at) } }
    case .mostFrequent:
      let most = cells.max { one, other in
        if one.value.count != other.value.count { return one.value.count < other.value.count }
        if one.value.at != other.value.at { return one.value.at < other.value.at }
        return one.key.lexicographicallyPrecedes(other.key)
      }
      return most.map { ($0.key, $0.value.at) }
    }
  }

  /// A number of millionths as a literal without needless zeros.
  static func literal(_ micros: Int128) -> [UInt8] {
    let (whole, rest) = micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    var text = (micros < 0 ? "-" : "") + "\(whole)"
    if rest > 0 {
      var decimals = "\(rest)"
      decimals = String(repeating: "0", count: mostDecimals - decimals.utf8.count) + decimals
      while decimals.hasSuffix("0") { decimals.removeLast() }
      text += ".\(decimals)"
    }
    return Array(text.utf8)
  }
}
