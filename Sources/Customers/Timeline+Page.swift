import Base
package import SQL

enum TimelineStatement: Int, StatementSet {
  case step, line, event, tie

  var sql: String {
    switch self {
    // `sequence` stands in the index, so what was recorded too late is passed over without a look at its row.
    case .step:
      """
      SELECT sequence, at, CASE
        WHEN (channel = ?7 OR ?7 IS NULL) AND (kind = ?8 OR (?8 IS NULL AND kind <> 'state')) AND (name = ?9 OR ?9 IS NULL)
          AND (?10 = 0 OR kind NOT IN ('merge', 'undo', 'review'))
        THEN 1 ELSE 0 END,
        kind, name, source, channel, message_id, original_at, sent_at, received_at, body, outcome
      FROM event
      WHERE origin = ?1 AND (at, sequence) < (?2, ?3) AND at >= ?4 AND sequence <= ?5
      ORDER BY at DESC, sequence DESC LIMIT ?6
      """
    // The index alone has it all.
    case .line:
      """
      SELECT sequence, at FROM event
      WHERE origin = ?1 AND (at, sequence) < (?2, ?3) AND at >= ?4 AND sequence <= ?5
      ORDER BY at DESC, sequence DESC LIMIT ?6
      """
    case .event:
      """
      SELECT sequence, at, 1, kind, name, source, channel, message_id, original_at, sent_at, received_at, body, outcome
      FROM event WHERE sequence = ?1
      """
    case .tie: "SELECT source, message_id FROM event WHERE sequence = ?1 AND at = ?2"
    }
  }
}

extension Timeline {
  /// How much one page looks at before it answers what it has found: about 10 milliseconds of work.
  ///
  /// An event of the index counts 1, one whose text is searched counts `textCost`. Events of one millisecond are taken
  /// together, because they are put in order in memory; so a page may look at more where a customer has more of one.
  package static let workOfPage = 5000
  /// A text is read, parsed and folded before it is searched.
  static let textCost = 4

  /// A page of the events of the customer that `leader` leads.
  package static func page(
    ofCustomer leader: Int64, before cursor: Cursor = .newest, filter: Filter = Filter(), limit: Int,
    in session: any Session
  ) throws -> Page {
    let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    return try page(ofOrigins: origins, before: cursor, filter: filter, limit: limit, in: session)
  }

  /// A page of the events at these origins; one of no events, as a preview wants it, is all of it.
  ///
  /// - Parameter work: how much it looks at.
  /// - Throws: `invalid` where `cursor` names no event.
  static func page(
    ofOrigins origins: [Origin.Number], before cursor: Cursor = .newest, filter: Filter = Filter(), limit: Int,
    work: Int = workOfPage, in session: any Session
  ) throws -> Page {
    if limit == 0 { return Page() }
    var merge = try TimelineMerge(origins, before: cursor, filter: filter, limit: limit, work: work, in: session)
    return try merge.page()
  }
}

/// The lines of several origins, each in the order of time, made one.
///
/// Each line is read a step at a time, so a page costs no more than what stands on it or was passed over, however long
/// the lines are. Events of one millisecond are put in their order here: with source and message in the index each of
/// its entries would be 43 bytes longer and an insert at a random place a fifth dearer (measured with SQLite).
private struct TimelineMerge {
  /// Where an event stands among those of its moment.
  private struct Mark {
    var source: String
    var messageID: String

    init(_ source: String, _ messageID: String) { (self.source, self.messageID) = (source, messageID) }

    func isNewer(than other: Mark) -> Bool {
      if !source.utf8.elementsEqual(other.source.utf8) {
        return other.source.utf8.lexicographicallyPrecedes(source.utf8)
      }
      return other.messageID.utf8.lexicographicallyPrecedes(messageID.utf8)
    }
  }

  /// What may go on the page.
  private enum Candidate {
    /// As the tables have it: its text may be asked for something.
    case stored(Timeline.StoredEvent)
    case shown(Timeline.ShownEvent)

    var mark: Mark {
      switch self {
      case .stored(let event): Mark(event.source, event.messageID)
      case .shown(let event): Mark(event.source, event.messageID)
      }
    }

    var shown: Timeline.ShownEvent {
      get throws {
        switch self {
        case .stored(let event): try Timeline.ShownEvent(event)
        case .shown(let event): event
        }
      }
    }
  }

  /// An event of a line.
  private struct Place {
    var at: Int64
    var sequence: Int64
    /// None where it does not match, or where nothing is asked that its row must answer: then it is read when its turn
    /// comes.
    var stored: Timeline.StoredEvent?
  }

  /// One origin's events from where it was read to.
  private struct Line {
    let origin: Origin.Number
    /// The last one that was read.
    var at: Int64
    var sequence: Int64
    /// What was read and not taken yet, the newest last.
    var read: [Place] = []
    var isAtEnd = false
    var step: Int
  }

  /// A line is read in steps that double from one to the other: what the page does not need was read in vain.
  ///
  /// What was read is kept with its body; where no row is asked it is two numbers of the index, which cost next to
  /// nothing.
  private static let firstStep = 8, longestStep = 64

  private let filter: Timeline.Filter
  private let limit: Int
  /// How much may still be looked at.
  private var work: Int
  private let session: any Session
  private let shown: ShownEvents.Reader
  /// What the page before ended with, where others of its moment may follow.
  private var last: (at: Int64, mark: Mark)?
  /// Those with events left; a heap by the time of the next one, the newest first.
  private var lines: [Line] = []

  init(
    _ origins: [Origin.Number], before cursor: Timeline.Cursor, filter: Timeline.Filter, limit: Int, work: Int,
    in session: any Session
  ) throws {
    (self.filter, self.limit, self.work, self.session) = (filter, limit, work, session)
    shown = try ShownEvents.Reader(session)
    var start = (at: cursor.at, sequence: cursor.sequence)
    if ![0, .max].contains(cursor.sequence) {
      last = try session.first(of: TimelineStatement.tie, .integer(cursor.sequence), .integer(cursor.at)) {
        (cursor.at, Mark($0.text(0), $0.text(1)))
      }
      // What became part of a summary since has left its place, and the page goes on from there.
      guard try last != nil || SummedEvent.find(cursor.sequence, in: session) != nil else {
        let reason = "is none that a former page answered"
        throw Failure(.invalid, "the query's cursor \(reason)", faults: [.init("/cursor", reason)])
      }
      // The whole moment once more, to find what follows in it.
      if last != nil { start.sequence = .max }
    }
    if let to = filter.to, start.at > to.milliseconds { start = (to.milliseconds, .max) }
    // Each of many origins has little to give to one page.
    let first = filter.asksRows ? Self.firstStep : Self.longestStep
    let step = max(1, min(first, 2 * limit / max(1, origins.count)))
    for origin in origins {
      var line = Line(origin: origin, at: start.at, sequence: start.sequence, step: min(step, limit + 1))
      try Self.fill(&line, filter, session)
      if !line.read.isEmpty { insert(line) }
    }
  }

  mutating func page() throws -> Timeline.Page {
    var page = Timeline.Page()
    while let at = lines.first?.read.last?.at {
      if work <= 0 {
        page.next = .after(at + 1)
        break
      }
      for candidate in try moment(at) {
        if let phrase = filter.phrase, case .stored(let event) = candidate {
          work -= Timeline.textCost
          guard try phrase.matches(event) else { continue }
        }
        if page.events.count == limit {
          let end = page.events[limit - 1]
          page.next = Timeline.Cursor(at: end.at, sequence: end.sequence)
          return page
        }
        page.events.append(try candidate.shown)
      }
    }
    return page
  }

  /// What matches of one moment, in its order, less what a former page has had.
  private mutating func moment(_ at: Int64) throws -> [Candidate] {
    var events: [Candidate] = []
    while lines.first?.read.last?.at == at {
      work -= 1
      let place = try take()
      if let event = place.stored {
        events.append(.stored(event))
      } else if !filter.asksRows, let event = try shown.event(place.sequence), filter.shows(event) {
        events.append(.shown(event))
      }
    }
    if let last, last.at == at { events.removeAll { !last.mark.isNewer(than: $0.mark) } }
    return events.count > 1 ? events.sorted { $0.mark.isNewer(than: $1.mark) } : events
  }

  /// Reads the next step of a line.
  private static func fill(_ line: inout Line, _ filter: Timeline.Filter, _ session: any Session) throws {
    if line.isAtEnd { return }
    var place: [SQLValue] = [
      .integer(line.origin), .integer(line.at), .integer(line.sequence), .integer(filter.from?.milliseconds ?? .min),
      .integer(filter.upTo), .integer(Int64(line.step)),
    ]
    func read(_ row: any Row, _ stored: Timeline.StoredEvent?) -> Bool {
      (line.sequence, line.at) = (row.integer(0), row.integer(1))
      line.read.append(Place(at: line.at, sequence: line.sequence, stored: stored))
      return true
    }
    if filter.asksRows {
      place += [
        .text(filter.channel), .text(filter.kind), .text(filter.event), .integer(filter.isOwn ? 1 : 0),
      ]
      try session.forEachRow(of: TimelineStatement.step, place) { row in
        read(row, row.integer(2) == 1 ? Timeline.StoredEvent(row) : nil)
      }
    } else {
      try session.forEachRow(of: TimelineStatement.line, place) { read($0, nil) }
    }
    let count = line.read.count
    line.read.reverse()
    line.isAtEnd = count < line.step
    line.step = min(2 * line.step, longestStep)
  }

  // MARK: The heap

  /// Takes the newest event of all lines.
  private mutating func take() throws -> Place {
    let place = lines[0].read.removeLast()
    if lines[0].read.isEmpty { try Self.fill(&lines[0], filter, session) }
    if lines[0].read.isEmpty {
      lines.swapAt(0, lines.count - 1)
      lines.removeLast()
    }
    sink()
    return place
  }

  private mutating func insert(_ line: Line) {
    lines.append(line)
    var index = lines.count - 1
    while index > 0, isNewer(index, than: (index - 1) / 2) {
      lines.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func sink() {
    var index = 0
    while true {
      var newest = index
      for child in [2 * index + 1, 2 * index + 2] where child < lines.count && isNewer(child, than: newest) {
        newest = child
      }
      if newest == index { return }
      lines.swapAt(index, newest)
      index = newest
    }
  }

  private func isNewer(_ a: Int, than b: Int) -> Bool {
    (lines[a].read.last?.at ?? .min) > (lines[b].read.last?.at ?? .min)
  }
}
