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

  /// The days that follow one another, origin by origin.
  var runs: [(origin: Origin.Number, days: Range<Int64>)] {
    var runs: [(origin: Origin.Number, days: Range<Int64>)] = []
    for (origin, days) in days.sorted(by: { $0.key < $1.key }) {
      for day in days.sorted() {
        if let last = runs.last, last.origin == origin, last.days.upperBound == day {
          runs[runs.count - 1].days = last.days.lowerBound..<day + 1
        } else {
          runs.append((origin, day..<day + 1))
        }
      }
    }
    return runs
  }
}
