import Base
import Testing

@Test(
  arguments: [
    ("1970-01-01T00:00:00Z", 0), ("1970-01-01", 0), ("1970-01-01T00:00", 0), ("1970-01-01 00:00:00", 0),
    ("1970-01-01t00:00:00z", 0), ("1970-01-01T00:00:00", 0),
    ("2026-11-22T03:39:19.975+00:00", 1_795_318_759_975), ("2026-11-22T03:39:20.476340+00:00", 1_795_318_760_476),
    ("2026-11-22T03:49:20.842Z", 1_795_319_360_842), ("2026-11-22T03:39:20.123456789+00:00", 1_795_318_760_123),
    ("2026-01-01T00:00:00.9Z", 1_767_225_600_900), ("2026-01-01T00:00:00,05Z", 1_767_225_600_050),
    ("2026-01-01T00:00:00.0009Z", 1_767_225_600_000), ("2026-01-01T03:00:00+03:00", 1_767_225_600_000),
    ("2026-01-01T05:45:00+0545", 1_767_225_600_000), ("2025-12-31T19:00:00-05", 1_767_225_600_000),
    ("2026-01-01T00:00:00-00:00", 1_767_225_600_000), ("2026-01-01T23:59:00+23:59", 1_767_225_600_000),
    ("2016-12-31T23:59:60Z", 1_483_228_799_000), ("1969-12-31T23:59:59.999Z", -1),
    ("1900-01-01T00:00:00Z", -2_208_988_800_000), ("2000-02-29", 951_782_400_000), ("2024-02-29", 1_709_164_800_000),
    ("2100-03-01", 4_107_542_400_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
    ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
  ] as [(String, Int64)])
func `a time is read as senders spell it`(text: String, milliseconds: Int64) {
  #expect(Instant(text)?.milliseconds == milliseconds)
}

@Test(arguments: [
  "", "now", "2026", "2026-11", "2026-1-01", "2026-11-2", "26-11-22", "0000-01-01", "10000-01-01", "+2026-01-01",
  "-026-01-01",
  "2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32", "2026-04-31", "2026-02-29", "1900-02-29", "2100-02-29",
  "2026/01/01", "2026-01-01T", "2026-01-01Z", "2026-01-01T1:00", "2026-01-01T24:00:00Z", "2026-01-01T23:60:00Z",
  "2026-01-01T23:59:61Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00+24:00",
  "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+1", "2026-01-01T00:00:00 +01:00", "2026-01-01T00:00:00Z ",
  " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00ZZ", "2026-01-01T00:00:00\0", "２０２６-01-01",
  "2026-01-01T00:00:00.123456789+00:000",
  // These lead out of the years that can be named.
  "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
])
func `what is no time is refused`(text: String) { #expect(Instant(text) == nil) }

@Test func `each day of the years 1 to 9999 comes back as it went`() {
  var wrong: [String] = []
  var days: Int64 = -719_162
  func padded(_ number: Int, _ digits: Int) -> String {
    String(repeating: "0", count: digits - "\(number)".count) + "\(number)"
  }
  for year in 1...9999 {
    let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    for (month, length) in lengths.enumerated() {
      // The ends of each month, where a calendar goes wrong.
      for day in [1, length] {
        let text = "\(padded(year, 4))-\(padded(month + 1, 2))-\(padded(day, 2))T12:34:56.789Z"
        let expected = Instant(milliseconds: (days + Int64(day) - 1) * 86_400_000 + 45_296_789)
        if Instant(text) != expected || expected.text != text { wrong.append(text) }
      }
      days += Int64(length)
    }
  }
  #expect(wrong.isEmpty)
  #expect(days == 2_932_897)
}

@Test func `a moment outside the years 1 to 9999 is told as the nearest inside`() {
  #expect(Instant(milliseconds: .min).text == "0001-01-01T00:00:00.000Z")
  #expect(Instant(milliseconds: .max).text == "9999-12-31T23:59:59.999Z")
  #expect((Instant.earliest - .milliseconds(1)).text == Instant.earliest.text)
}

@Test func `later is more, and durations are cut to milliseconds`() {
  let time = Instant(milliseconds: 1000)
  #expect(time < time + .milliseconds(1))
  #expect((time + .microseconds(1999)).milliseconds == 1001)
  #expect((time - .seconds(2)).milliseconds == -1000)
}
