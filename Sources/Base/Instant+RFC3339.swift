/// RFC 3339, as real senders spell it: `Z` or an offset, no to nine digits of fraction, a blank for the `T`; a date
/// alone, or a time without a zone, is Universal Time.
extension Instant {
  /// The longest text that can be a time: `2026-11-22T03:39:20.123456789+00:00`.
  package static let longestText = 35

  /// The moment that `text` names, or nil where it is not a time of the years 1 to 9999.
  ///
  /// A fraction finer than milliseconds is cut; a leap second counts as the second before it.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.longestText else { return nil }
    var reader = DigitReader(bytes: Array(text.utf8))
    guard let year = reader.number(4), reader.take(UInt8(ascii: "-")),
      let month = reader.number(2), reader.take(UInt8(ascii: "-")),
      let day = reader.number(2), year >= 1, (1...12).contains(month), day >= 1,
      day <= Self.days(in: month, of: year)
    else { return nil }
    var milliseconds = Self.daysSinceEpoch(year: year, month: month, day: day) * 86_400_000
    if reader.isAtEnd {
      self.init(milliseconds: milliseconds)
      return
    }
    guard reader.take(UInt8(ascii: "T")) || reader.take(UInt8(ascii: "t")) || reader.take(UInt8(ascii: " ")),
      let hour = reader.number(2), hour < 24, reader.take(UInt8(ascii: ":")),
      let minute = reader.number(2), minute < 60
    else { return nil }
    milliseconds += Int64(hour) * 3_600_000 + Int64(minute) * 60_000
    if reader.take(UInt8(ascii: ":")) {
      guard let second = reader.number(2), second <= 60 else { return nil }
      milliseconds += Int64(min(second, 59)) * 1000
      if reader.take(UInt8(ascii: ".")) || reader.take(UInt8(ascii: ",")) {
        guard let fraction = reader.fractionInMilliseconds() else { return nil }
        milliseconds += fraction
      }
    }
    guard let offset = reader.offsetInMinutes() else { return nil }
    self.init(milliseconds: milliseconds - Int64(offset) * 60_000)
    // An offset may lead out of the years that `text` can spell.
    guard (Self.earliest...Self.latest).contains(self) else { return nil }
  }

  /// The moment as `2026-11-22T03:39:20.123Z`; one outside the years 1 to 9999 as the nearest inside.
  package var text: String {
    String(unsafeUninitializedCapacity: 24) { buffer in
      let named = min(max(self, .earliest), .latest)
      let (days, rest) = Self.floorDivide(named.milliseconds, 86_400_000)
      let (year, month, day) = Self.date(daysSinceEpoch: days)
      func put(_ value: Int64, _ digits: Int, at start: Int, then mark: UInt8) {
        var value = value
        for index in stride(from: start + digits - 1, through: start, by: -1) {
          buffer[index] = UInt8(ascii: "0") + UInt8(value % 10)
          value /= 10
        }
        buffer[start + digits] = mark
      }
      put(year, 4, at: 0, then: UInt8(ascii: "-"))
      put(month, 2, at: 5, then: UInt8(ascii: "-"))
      put(day, 2, at: 8, then: UInt8(ascii: "T"))
      put(rest / 3_600_000, 2, at: 11, then: UInt8(ascii: ":"))
      put(rest / 60_000 % 60, 2, at: 14, then: UInt8(ascii: ":"))
      put(rest / 1000 % 60, 2, at: 17, then: UInt8(ascii: "."))
      put(rest % 1000, 3, at: 20, then: UInt8(ascii: "Z"))
      return 24
    }
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
  private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int64 {
    let year = Int64(month <= 2 ? year - 1 : year)
    let (era, yearOfEra) = floorDivide(year, 400)
    let dayOfYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func date(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let remainder = (value % divisor + divisor) % divisor
    return ((value - remainder) / divisor, remainder)
  }
}

private struct DigitReader {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  mutating func digit() -> Int? {
    guard position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 else { return nil }
    position += 1
    return Int(digit)
  }

  mutating func number(_ digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  mutating func fractionInMilliseconds() -> Int64? {
    var value: Int64 = 0
    var digits = 0
    while let digit = digit() {
      if digits < 3 { value = value * 10 + Int64(digit) }
      digits += 1
    }
    guard (1...9).contains(digits) else { return nil }
    for _ in digits..<max(digits, 3) { value *= 10 }
    return value
  }

  /// The zone to the end of the text; none is Universal Time.
  mutating func offsetInMinutes() -> Int? {
    if isAtEnd { return 0 }
    if take(UInt8(ascii: "Z")) || take(UInt8(ascii: "z")) { return isAtEnd ? 0 : nil }
    let sign = take(UInt8(ascii: "-")) ? -1 : (take(UInt8(ascii: "+")) ? 1 : 0)
    guard sign != 0, let hours = number(2), hours < 24 else { return nil }
    _ = take(UInt8(ascii: ":"))
    let minutes = isAtEnd ? 0 : number(2)
    guard let minutes, minutes < 60, isAtEnd else { return nil }
    return sign * (hours * 60 + minutes)
  }
}
