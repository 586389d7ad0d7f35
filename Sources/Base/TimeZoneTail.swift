/// The rule for all times after the last transition of a zone's file, such as `EET-2EEST,M3.5.0/3,M10.5.0/4`.
///
/// Source: POSIX, Environment Variables, TZ; with the hours from −167 to 167 of RFC 8536, section 3.3.1.
struct TimeZoneTail: Sendable {
  /// A day of each year and a time of it by the clock that holds until then, in seconds.
  private struct Change: Sendable {
    enum Day: Sendable {
      /// 1 to 365; 29 February is not counted.
      case withoutLeap(Int64)
      /// 0 to 365.
      case withLeap(Int64)
      /// That weekday (0 is Sunday) of that week of the month; the fifth is the last.
      case weekday(month: Int, week: Int64, day: Int64)
    }

    var day: Day
    var second: Int64
  }

  private let standard: Int64
  private let summer: (offset: Int64, start: Change, end: Change)?

  /// - Returns: nil where the text is no such rule.
  init?(_ text: [UInt8]) {
    var reader = Reader(rest: text[...])
    guard reader.skipName(), let west = reader.time(upTo: 24) else { return nil }
    standard = -west
    if reader.rest.isEmpty {
      summer = nil
      return
    }
    guard reader.skipName() else { return nil }
    var offset = standard + 3600
    if reader.rest.first != UInt8(ascii: ",") {
      guard let west = reader.time(upTo: 24) else { return nil }
      offset = -west
    }
    guard let start = reader.change(), let end = reader.change(), reader.rest.isEmpty else { return nil }
    summer = (offset, start, end)
  }

  /// In seconds east of Greenwich, at so many seconds since 1970.
  func offset(at second: Int64) -> Int64 {
    guard let summer else { return standard }
    let year = Self.year(of: (second + standard).floorDivided(by: 86_400))
    // A change may reach into the year before or after.
    var (latest, offset) = (Int64.min, standard)
    for year in (year - 1)...(year + 1) {
      let start = Self.second(of: summer.start, in: year) - standard
      let end = Self.second(of: summer.end, in: year) - summer.offset
      // A zone that is on summer time all year begins it the moment that it ends.
      if start <= second, start >= latest { (latest, offset) = (start, summer.offset) }
      if end <= second, end > latest { (latest, offset) = (end, standard) }
    }
    return offset
  }

  /// By the clock of the place that holds until then.
  private static func second(of change: Change, in year: Int64) -> Int64 {
    let newYear = day(year, 1, 1)
    let isLeap = day(year, 3, 1) - day(year, 2, 1) == 29
    let day =
      switch change.day {
      case .withLeap(let day): newYear + day
      case .withoutLeap(let day): newYear + day - 1 + (isLeap && day >= 60 ? 1 : 0)
      case .weekday(let month, let week, let weekday): Self.day(year, month, week: week, weekday: weekday)
      }
    return day * 86_400 + change.second
  }

  private static func day(_ year: Int64, _ month: Int, week: Int64, weekday: Int64) -> Int64 {
    let first = day(year, month, 1)
    // 1970-01-01 was a Thursday, the fourth day.
    let weekdayOfFirst = (first + 4) - (first + 4).floorDivided(by: 7) * 7
    var day = first + (weekday - weekdayOfFirst + 7) % 7 + (week - 1) * 7
    let next = month == 12 ? Self.day(year + 1, 1, 1) : Self.day(year, month + 1, 1)
    while day >= next { day -= 7 }
    return day
  }

  /// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that a leap day is a year's last.
  private static func day(_ year: Int64, _ month: Int, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let months = Int64((month + 9) % 12)
    let leaps = year.floorDivided(by: 4) - year.floorDivided(by: 100) + year.floorDivided(by: 400)
    return 365 * year + leaps + (153 * months + 2) / 5 + day - 1 - 719_468
  }

  private static func year(of day: Int64) -> Int64 {
    // A year has 365.2425 days on average, so the guess is off by one at most.
    let guess = 1970 + (day * 400).floorDivided(by: 146_097)
    if day < Self.day(guess, 1, 1) { return guess - 1 }
    return day >= Self.day(guess + 1, 1, 1) ? guess + 1 : guess
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest.removeFirst()
      return true
    }

    /// A name of three letters or more, or of letters, digits and signs between `<` and `>`.
    mutating func skipName() -> Bool {
      if skip("<") {
        guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
        rest = rest[(end + 1)...]
        return true
      }
      let letters = rest.prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
      rest = rest[letters.endIndex...]
      return letters.count >= 3
    }

    mutating func number(upTo most: Int64) -> Int64? {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard (1...3).contains(digits.count) else { return nil }
      rest = rest[digits.endIndex...]
      let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
      return value <= most ? value : nil
    }

    /// `[+|-]hh[:mm[:ss]]` in seconds.
    mutating func time(upTo hours: Int64) -> Int64? {
      let isNegative = skip("-")
      if !isNegative { _ = skip("+") }
      guard var value = number(upTo: hours).map({ $0 * 3600 }) else { return nil }
      for unit in [Int64(60), 1] where skip(":") {
        guard let part = number(upTo: 59) else { return nil }
        value += part * unit
      }
      return isNegative ? -value : value
    }

    /// Reads `,date[/time]`.
    mutating func change() -> Change? {
      guard skip(","), let day = day() else { return nil }
      guard skip("/") else { return Change(day: day, second: 2 * 3600) }
      return time(upTo: 167).map { Change(day: day, second: $0) }
    }

    private mutating func day() -> Change.Day? {
      if skip("J") { return number(upTo: 365).flatMap { $0 >= 1 ? .withoutLeap($0) : nil } }
      guard skip("M") else { return number(upTo: 365).map { .withLeap($0) } }
      guard let month = number(upTo: 12), skip("."), let week = number(upTo: 5), skip("."), let day = number(upTo: 6),
        month >= 1, week >= 1
      else { return nil }
      return .weekday(month: Int(month), week: week, day: day)
    }
  }
}
