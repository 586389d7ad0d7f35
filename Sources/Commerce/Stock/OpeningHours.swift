package import Base

/// When a store is open, by the clocks of its place.
///
/// ```json
/// [{"days": ["mon", "tue", "wed", "thu", "fri"], "open": "09:00", "close": "21:00"},
///  {"days": ["sat"], "open": "10:00", "close": "02:00"}]
/// ```
/// What closes at or before the minute that it opens closes on the next day; `00:00` to `24:00` is a whole day.
package struct OpeningHours: Sendable {
  static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
  /// Three spans for each day of the week.
  static let most = 21
  private static let minutesOfDay = 24 * 60

  private struct Span: Sendable {
    /// 0 is Monday.
    var days: [Int]
    /// Minutes of the day; the end may be 1440.
    var open: Int
    var close: Int
  }

  private let spans: [Span]

  /// The hours that a list says, or every fault in it.
  init(_ json: JSON, at pointer: String, faults: inout [Failure.Fault]) {
    var spans: [Span] = []
    if json.kind != .array { faults.append(.init(pointer, "is no list of hours")) }
    if json.count > Self.most { faults.append(.init(pointer, "has more than \(Self.most) elements")) }
    for (index, element) in json.elements.enumerated().prefix(Self.most) {
      let place = "\(pointer)/\(index)"
      for (key, _) in element.members where !["days", "open", "close"].contains(key) {
        faults.append(.init("\(place)/\(JSON.pointerToken(key))", "is unknown"))
      }
      let days = element["days"]?.elements.map { day in day.string.flatMap { Self.days.firstIndex(of: $0) } } ?? []
      let (open, close) = (Self.minute(element["open"]), Self.minute(element["close"]))
      if days.isEmpty || days.contains(nil) || Set(days).count != days.count {
        faults.append(.init("\(place)/days", "is no list of some of \(Self.days.joined(separator: ", "))"))
      }
      if open.map({ $0 == Self.minutesOfDay }) ?? true { faults.append(.init("\(place)/open", "is no time as 09:00")) }
      if close == nil { faults.append(.init("\(place)/close", "is no time as 21:00")) }
      if let open, let close { spans.append(Span(days: days.compactMap { $0 }.sorted(), open: open, close: close)) }
    }
    self.spans = spans
  }

  /// The hours that were checked before.
  init?(recorded text: [UInt8]) {
    guard let json = try? JSONDocument(text).root else { return nil }
    var faults: [Failure.Fault] = []
    self.init(json, at: "", faults: &faults)
    if !faults.isEmpty { return nil }
  }

  /// `09:00` as minutes.
  private static func minute(_ json: JSON?) -> Int? {
    guard let text = json?.string.map({ Array($0.utf8) }), text.count == 5, text[2] == UInt8(ascii: ":") else {
      return nil
    }
    let digits = [0, 1, 3, 4].map { Int(text[$0]) - 0x30 }
    guard digits.allSatisfy({ (0...9).contains($0) }), digits[2] < 6 else { return nil }
    let minute = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
    return minute <= minutesOfDay ? minute : nil
  }

  /// Whether it is open when the clocks there show that.
  package func isOpen(at clock: WallClock) -> Bool {
    spans.contains { span in
      let isToday = span.days.contains(clock.weekday)
      if span.close > span.open { return isToday && (span.open..<span.close).contains(clock.minute) }
      // The night belongs to the day before.
      return isToday && clock.minute >= span.open
        || span.days.contains((clock.weekday + 6) % 7) && clock.minute < span.close
    }
  }

  func write(to writer: inout JSONWriter) {
    func text(_ minute: Int) -> String {
      String([minute / 600, minute / 60 % 10].map { Character("\($0)") }) + ":"
        + String([minute % 60 / 10, minute % 10].map { Character("\($0)") })
    }
    writer.array { writer in
      for span in spans {
        writer.object { writer in
          writer.key("days")
          writer.array { for day in span.days { $0.value(Self.days[day]) } }
          writer.field("open", text(span.open))
          writer.field("close", text(span.close))
        }
      }
    }
  }
}
