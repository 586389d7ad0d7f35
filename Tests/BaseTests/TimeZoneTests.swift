import TestKit
import Testing

@testable import Base

/// Zones with every kind of oddity: half hours, changes on the southern side, Ireland's winter time, days that were left
/// out, many rules, none, and a rule whose time is beyond its day.
private let zones = [
  "Europe/Riga", "Europe/Moscow", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns",
  "America/Sao_Paulo", "America/Nuuk", "Australia/Lord_Howe", "Australia/Sydney", "Asia/Kolkata", "Asia/Kathmandu",
  "Asia/Tehran", "Asia/Gaza", "Asia/Jerusalem", "Africa/Casablanca", "Africa/Cairo", "Pacific/Apia",
  "Pacific/Chatham", "Antarctica/Troll", "Etc/UTC", "Etc/GMT+12",
]

/// Prints for each zone the offsets at steps of some days from 1901 to 2120, and around every change among them.
private let judge = """
  import sys, zoneinfo, datetime
  utc = datetime.timezone.utc
  epoch = datetime.datetime(1970, 1, 1, tzinfo=utc)
  def offset(zone, second):
      return int((epoch + datetime.timedelta(seconds=second)).astimezone(zone).utcoffset().total_seconds())
  for name in sys.argv[1:]:
      zone = zoneinfo.ZoneInfo(name)
      last, before = -2177452800, None
      for second in range(-2177452800, 4733510400, 11 * 86400 + 3601):
          now = offset(zone, second)
          print(name, second, now)
          if before is not None and now != before:
              low, high = last, second
              while high - low > 1:
                  middle = (low + high) // 2
                  if offset(zone, middle) == before: low = middle
                  else: high = middle
              for edge in (high - 1, high): print(name, edge, offset(zone, edge))
          last, before = second, now
  """

@Test func `zones have the offsets that Python reads, for two centuries and at each change`() throws {
  let told = String(decoding: try Python.run(judge, arguments: zones), as: UTF8.self)
  var (count, differing) = (0, [Substring]())
  var rules: [Substring: TimeZoneRules] = [:]
  for line in told.split(separator: "\n") {
    let words = line.split(separator: " ")
    if rules[words[0]] == nil { rules[words[0]] = TimeZoneRules(named: String(words[0])) }
    let second = try #require(Int64(words[1]))
    count += 1
    if rules[words[0]]?.offset(at: Instant(milliseconds: second * 1000)) != Int64(words[2]) { differing.append(line) }
  }
  #expect(count > 150_000)
  #expect(differing.isEmpty, "\(differing.count): \(differing.prefix(10))")
}

@Test(arguments: [
  ("Europe/Riga", "2026-03-29T00:59:59.999Z", 6, 179), ("Europe/Riga", "2026-03-29T01:00:00Z", 6, 240),
  ("Europe/Riga", "2026-10-25T00:59:59Z", 6, 239), ("Europe/Riga", "2026-10-25T01:00:00Z", 6, 180),
  ("America/New_York", "1969-12-31T23:59:59.999Z", 2, 1139), ("Etc/UTC", "1970-01-01T00:00:00Z", 3, 0),
  ("Pacific/Chatham", "2026-01-04T10:14:59Z", 6, 1439), ("Pacific/Chatham", "2026-01-04T10:15:00Z", 0, 0),
])
func `a clock on the wall there shows the day and the minute`(zone: String, time: String, weekday: Int, minute: Int)
  throws
{
  let shown = try #require(TimeZoneRules.named(zone)).wallClock(at: try #require(Instant(time)))
  #expect((shown.weekday, shown.minute) == (weekday, minute))
}

@Test(arguments: [
  "", "Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "Europe/../Europe/Riga", "Europe//Riga", "Europe", ".",
  "zone.tab", "tzdata.zi", String(repeating: "a", count: TimeZoneRules.longestName + 1),
])
func `what names no zone is none`(name: String) { #expect(TimeZoneRules(named: name) == nil) }

@Test func `a file that is cut off or changed is no zone, or another, and never a crash`() throws {
  let whole = try Python.run("import sys; sys.stdout.buffer.write(open('/usr/share/zoneinfo/Europe/Riga','rb').read())")
  #expect(TimeZoneRules(whole) != nil)
  for length in 0..<whole.count { #expect(TimeZoneRules(Array(whole[..<length])) == nil, "\(length) bytes") }
  #expect(TimeZoneRules(whole + [UInt8](repeating: 0, count: TimeZoneRules.largestFile - whole.count)) != nil)
  #expect(TimeZoneRules(whole + [UInt8](repeating: 0, count: TimeZoneRules.largestFile + 1 - whole.count)) == nil)
  var generator = SplitMix64(seed: 7)
  for _ in 0..<5000 {
    var bytes = whole
    for _ in 0..<3 {
      let place = Int.random(in: bytes.indices, using: &generator)
      bytes[place] = UInt8.random(in: 0...255, using: &generator)
    }
    _ = TimeZoneRules(bytes)?.offset(at: Instant(milliseconds: 1_767_323_045_000))
  }
}

@Test(arguments: [
  ("<-03>3", true), ("EST5EDT,0/0,J365/25", true), ("IST-2IDT,M3.4.4/26,M10.5.0", true), ("EET-2EEST", false),
  ("E5", false), ("EST25", false), ("EST5EDT,M13.1.0,M10.1.0", false), ("EST5EDT,M3.6.0,M10.1.0", false),
  ("EST5EDT,M3.2.7,M10.1.0", false), ("EST5EDT,M3.2.0/168,M10.1.0", false), ("EST5EDT,M3.2.0/167,M10.1.0", true),
  ("EST5EDT,J0,J365", false), ("EST5EDT,366,1", false), ("EST5EDT,M3.2.0,M11.1.0,", false), ("<-03", false),
])
func `a rule for the time to come is read as POSIX has it`(rule: String, isOne: Bool) {
  #expect((TimeZoneTail(Array(rule.utf8)) != nil) == isOne)
}
