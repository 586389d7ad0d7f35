/// Dates as HTTP has them (RFC 9110, 5.6.7).
public enum HTTPDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// The date of a moment in seconds since 1970, for example `Sun, 06 Nov 1994 08:49:37 GMT`.
  public static func format(_ seconds: Int) -> String {
    let day = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
    let rest = seconds - day * 86400
    let (year, month, date) = civil(day)
    let weekday = days[((day % 7) + 7) % 7]
    let time = "\(padded(rest / 3600)):\(padded(rest / 60 % 60)):\(padded(rest % 60))"
    return "\(weekday), \(padded(date)) \(months[month - 1]) \(padded(year, 4)) \(time) GMT"
  }

  /// The seconds since 1970 of a date in any of the three forms that servers must read, or nil.
  public static func parse(_ text: String) -> Int? {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "," })
    // Sun, 06 Nov 1994 08:49:37 GMT
    if words.count == 6, words[5] == "GMT", let year = number(words[3], 4) {
      return seconds(year, words[2], words[1], words[4])
    }
    // Sunday, 06-Nov-94 08:49:37 GMT
    if words.count == 4, words[3] == "GMT" {
      let date = words[1].split(separator: "-", omittingEmptySubsequences: false)
      guard date.count == 3, let year = number(date[2], 2) else { return nil }
      // Two digits more than 50 years ahead are of the last century; this server will not see 2070.
      return seconds(year < 70 ? 2000 + year : 1900 + year, date[1], date[0], words[2])
    }
    // Sun Nov  6 08:49:37 1994
    if words.count == 5, let year = number(words[4], 4) { return seconds(year, words[1], words[2], words[3]) }
    return nil
  }

  private static func seconds(_ year: Int, _ month: Substring, _ date: Substring, _ time: Substring) -> Int? {
    let clock = time.split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3, let month = months.firstIndex(of: String(month)),
      let date = number(date, date.utf8.count), (1...31).contains(date), let hour = number(clock[0], 2),
      let minute = number(clock[1], 2), let second = number(clock[2], 2), hour < 24, minute < 60, second <= 60
    else { return nil }
    let day = Self.day(year, month + 1, date)
    guard civil(day) == (year, month + 1, date) else { return nil }
    return day * 86400 + hour * 3600 + minute * 60 + second
  }

  private static func number(_ text: Substring, _ digits: Int) -> Int? {
    guard text.utf8.count == digits, (1...4).contains(digits), text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else {
      return nil
    }
    return Int(text)
  }

  private static func padded(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Year, month and day of a day since 1970, by Howard Hinnant's reckoning in eras of 400 years from 1 March.
  private static func civil(_ day: Int) -> (Int, Int, Int) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private static func day(_ year: Int, _ month: Int, _ date: Int) -> Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + date - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
