import Base

/// What is left of old events of one kind at one origin: how many of each name there were on each day.
///
/// ```json
/// {"type": "page", "count": 3, "first": "2026-01-02T08:00:00.000Z", "last": "2026-01-03T22:10:05.123Z",
///  "counts": [["2026-01-02T08:00:00.000Z", "Home", 1], ["2026-01-03T22:10:05.123Z", null, 2]]}
/// ```
/// Of each name and day (of Universal Time) the time of the last event is told, the name and the count.
struct EventSummary {
  /// So many days and names one summary has, some 60 KB, because a step writes it anew: what would have more begins
  /// another one.
  static let mostCounts = 1000
  /// So many bytes the body of one may have, because names may be long.
  static let mostBytes = 128 << 10

  private struct Key: Hashable {
    var day: Int64
    /// Names are told apart by their bytes, as in the tables; empty where there was none.
    var name: [UInt8]
  }

  /// How many events of one name there were on one day.
  struct Count {
    var day: Int64
    var name: [UInt8]
    var count: Int64
    /// When the last of them was.
    var at: Int64
  }

  let type: String
  /// When the oldest event was.
  private(set) var first: Int64
  private var cells: [Key: (count: Int64, at: Int64)] = [:]

  /// The summary of some events, none where there are none.
  init?(of events: [Event]) {
    guard let oldest = events.min(by: { $0.at < $1.at }) else { return nil }
    (type, first) = (oldest.kind.rawValue, oldest.at.milliseconds)
    for event in events { add(event.at.milliseconds, Array((event.name ?? "").utf8), 1) }
  }

  /// The summary that a body holds; nil where it holds none, because whom it was about is erased.
  init?(body: [UInt8]) {
    guard let root = try? JSONDocument(body).root, let type = root["type"]?.string,
      let first = root["first"]?.string.flatMap({ Instant($0) })
    else { return nil }
    (self.type, self.first) = (type, first.milliseconds)
    for row in root["counts"]?.elements.map({ Array($0.elements) }) ?? [] where row.count == 3 {
      guard let at = row[0].string.flatMap({ Instant($0) }), let count = row[2].integer else { continue }
      add(at.milliseconds, Array((row[1].string ?? "").utf8), count)
    }
  }

  private mutating func add(_ at: Int64, _ name: [UInt8], _ count: Int64) {
    let key = Key(day: ComputedCell.day(of: at), name: name)
    let cell = cells[key] ?? (0, at)
    cells[key] = (cell.count + count, max(cell.at, at))
  }

  /// Takes in what another one tells.
  mutating func merge(_ other: EventSummary) {
    first = min(first, other.first)
    for count in other.counts { add(count.at, count.name, count.count) }
  }

  /// By day and name.
  var counts: [Count] {
    cells.map { Count(day: $0.key.day, name: $0.key.name, count: $0.value.count, at: $0.value.at) }.sorted {
      $0.day == $1.day ? $0.name.lexicographicallyPrecedes($1.name) : $0.day < $1.day
    }
  }

  /// How many days and names there are.
  var size: Int { cells.count }

  /// How many events it stands for.
  var count: Int64 { cells.values.reduce(0) { $0 + $1.count } }

  /// When the newest event was.
  var last: Int64 { cells.values.map { $0.at }.max() ?? first }

  /// The body that holds it.
  var body: [UInt8] {
    var writer = JSONWriter(capacity: 256 + 64 * cells.count)
    writer.object { writer in
      writer.field("type", type)
      writer.field("count", count)
      writer.field("first", Instant(milliseconds: first).text)
      writer.field("last", Instant(milliseconds: last).text)
      writer.key("counts")
      writer.array { writer in
        for count in counts {
          writer.array { writer in
            writer.value(Instant(milliseconds: count.at).text)
            if count.name.isEmpty { writer.null() } else { writer.value(String(decoding: count.name, as: UTF8.self)) }
            writer.value(count.count)
          }
        }
      }
    }
    return writer.bytes
  }
}
