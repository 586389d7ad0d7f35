import Base

/// The days of origins on which entries of the log were rewritten, so that what they add up to is counted anew.
struct ComputedDays {
  private var days: [Origin.Number: Set<Int64>] = [:]

  /// One more entry was rewritten.
  mutating func insert(_ entry: LogEntry) {
    guard let origin = entry.outcome.origin else { return }
    if entry.event.kind == .summary {
      let counts = EventSummary(body: entry.event.body)?.counts ?? []
      return days[origin, default: []].formUnion(counts.map { $0.day })
    }
    days[origin, default: []].insert(ComputedCell.day(of: entry.event.at.milliseconds))
  }

  /// The days of each origin.
  var origins: [(origin: Origin.Number, days: Set<Int64>)] {
    days.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Days that follow one another.
  static func runs(_ days: Set<Int64>) -> [Range<Int64>] {
    var runs: [Range<Int64>] = []
    for day in days.sorted() {
      if let last = runs.last, last.upperBound == day {
        runs[runs.count - 1] = last.lowerBound..<day + 1
      } else {
        runs.append(day..<day + 1)
      }
    }
    return runs
  }
}
