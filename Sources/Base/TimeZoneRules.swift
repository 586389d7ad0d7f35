import FoundationEssentials
import Glibc
import Synchronization

/// How far a place's clocks are from Universal Time, at any moment: a zone of the system's zoneinfo files.
///
/// Only whole files are believed. Leap seconds are not counted, as `Instant` does not count them.
///
/// Source: RFC 8536, The Time Zone Information Format (TZif).
package struct TimeZoneRules: Sendable {
  /// Where the system keeps its zones.
  package static let directory = "/usr/share/zoneinfo"
  /// The longest name in use has 32 characters; this many are looked up.
  package static let longestName = 64
  /// The largest file of a zone is under 4 KiB; of anything larger it is not believed to be one.
  static let largestFile = 64 << 10

  /// The moments from which another offset holds, in seconds since 1970, ascending.
  private let transitions: [Int64]
  /// The offset from each of these moments on.
  private let offsets: [Int64]
  /// What holds before the first.
  private let first: Int64
  /// What holds after the last; none where the last goes on.
  private let tail: TimeZoneTail?

  /// The zone that a file in TZif holds; nil where it holds none.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count <= Self.largestFile, var block = TimeZoneBlock(bytes, at: 0, isLong: false) else { return nil }
    var tail: TimeZoneTail?
    if block.version >= 2 {
      guard let long = TimeZoneBlock(bytes, at: block.end, isLong: true) else { return nil }
      block = long
      let footer = bytes[block.end...]
      guard footer.first == UInt8(ascii: "\n"), let end = footer.dropFirst().firstIndex(of: UInt8(ascii: "\n")) else {
        return nil
      }
      let text = footer[(block.end + 1)..<end]
      if !text.isEmpty {
        guard let rule = TimeZoneTail(Array(text)) else { return nil }
        tail = rule
      }
    }
    transitions = block.transitions
    offsets = block.offsets
    first = block.first
    self.tail = tail
  }

  /// The zone of that name, such as `Europe/Riga`; nil where the system has none.
  package init?(named name: String, in directory: String = Self.directory) {
    guard Self.isName(name), let data = FileManager.default.contents(atPath: "\(directory)/\(name)") else { return nil }
    self.init(Array(data))
  }

  /// Whether it is formed as a zone's name: it stands in a path, so it leads nowhere else.
  static func isName(_ name: String) -> Bool {
    let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return name.utf8.count <= longestName
      && parts.allSatisfy { part in
        part.first.map { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "-") } == true
          && part.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "_+-".utf8.contains(byte)
            }
          }
      }
  }

  private static let known = Mutex<[String: TimeZoneRules]>([:])

  /// The zone of that name as it was when the program first asked for it; nil where the system has none.
  package static func named(_ name: String) -> TimeZoneRules? {
    if let rules = known.withLock({ $0[name] }) { return rules }
    guard let rules = TimeZoneRules(named: name) else { return nil }
    known.withLock { $0[name] = rules }
    return rules
  }

  /// How many seconds the clocks there are before Universal Time: 10800 in Moscow, negative west of Greenwich.
  package func offset(at instant: Instant) -> Int64 {
    let second = instant.milliseconds.floorDivided(by: 1000)
    guard let start = transitions.first, second >= start else {
      return transitions.isEmpty ? tail?.offset(at: second) ?? first : first
    }
    if let tail, let last = transitions.last, second >= last { return tail.offset(at: second) }
    // The last of those that are not later.
    var (low, high) = (0, transitions.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if transitions[middle] <= second { low = middle } else { high = middle }
    }
    return offsets[low]
  }

  /// What the clocks there show.
  package func wallClock(at instant: Instant) -> WallClock {
    WallClock(second: instant.milliseconds.floorDivided(by: 1000) + offset(at: instant))
  }
}

/// What a clock on a wall shows: a day of the week and a minute of it.
package struct WallClock: Hashable, Sendable {
  /// Since 1970-01-01.
  package let day: Int64
  /// 0 is Monday.
  package let weekday: Int
  /// From midnight on: 0 to 1439.
  package let minute: Int

  /// - Parameter second: since 1970 by that clock.
  init(second: Int64) {
    day = second.floorDivided(by: 86_400)
    // 1970 began on a Thursday.
    weekday = Int((day + 3) - (day + 3).floorDivided(by: 7) * 7)
    minute = Int(second - day * 86_400) / 60
  }
}

extension Int64 {
  /// The quotient rounded down, also below 0.
  func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
