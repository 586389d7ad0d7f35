package import Base
package import Customers
package import SQL

/// A part of a list of stock that goes into the log as one entry, and what becomes of each line.
package struct StockList: Sendable {
  /// A list has at most so many lines: a large store's whole stock goes in a few of them.
  package static let most = 10_000
  /// So many lines are one entry and one transaction: some ten milliseconds of the writer's time.
  package static let group = 250

  /// What became of one line.
  package struct Result: Sendable {
    package enum Status: String, Sendable, CaseIterable {
      case accepted, duplicate, conflict, invalid
    }

    package var status: Status
    /// By how much on hand changed.
    package var change: Quantity?
    package var faults: [Failure.Fault] = []
  }

  /// What was recorded, or nothing where no line was taken.
  package struct Answer: Sendable {
    package var results: [Result]
    /// The place in the log; the log's end where nothing was recorded.
    package var sequence: Int64
  }

  /// Nothing of it is new, so nothing is recorded.
  private struct Nothing: Error {}

  private let lines: [JSON]
  private let items: [(item: StockItem?, faults: [Failure.Fault])]
  private let now: Instant

  /// - Parameters:
  ///   - lines: at most `group`.
  ///   - source: who tells what does not say who.
  package init(_ lines: some Sequence<JSON>, source: String, now: Instant) {
    self.lines = Array(lines)
    self.now = now
    items = self.lines.map { line in
      do {
        return (try StockItem(line, source: source, now: now), [])
      } catch let failure as Failure {
        return (nil, failure.faults)
      } catch {
        return (nil, [.init("", "cannot be read")])
      }
    }
  }

  /// How many bytes the lines have.
  package var size: Int { lines.reduce(0) { $0 + $1.range.count } }

  /// The event's body: the lines as they came.
  private var body: [UInt8] {
    var writer = JSONWriter(capacity: size + lines.count + 64)
    writer.object { writer in
      writer.key("items")
      writer.array { writer in for line in lines { writer.raw(line) } }
    }
    return writer.bytes
  }

  /// Takes the lines that are new and fit.
  ///
  /// - Returns: nil where another list came under that message's id.
  package func record(
    messageID: String, author: String, through intake: Intake, in session: any Session
  ) throws -> Answer? {
    let event = Event.request(.stock, name: nil, body: body, messageID: messageID, at: now)
    var decided = StockVerdict()
    do {
      let taken = try intake.record(event, at: nil, author: author, in: session) { outcome in
        decided = try decide(&outcome, in: session)
        if decided.movements.isEmpty, decided.deliveries.isEmpty { throw Nothing() }
      }
      switch taken {
      case .accepted(let sequence, _, _): return Answer(results: results(decided), sequence: sequence)
      case .duplicate(let sequence, _, _):
        guard let entry = try EventLog.entry(sequence, in: session) else { return nil }
        // As it was read then, when later times were still to come.
        let then = StockList(lines, source: author, now: entry.event.at)
        return Answer(results: then.results(try StockVerdict(entry.outcome)), sequence: sequence)
      case .conflict: return nil
      }
    } catch is Nothing {
      return Answer(results: results(decided), sequence: try EventLog.last(in: session))
    }
  }

  private func decide(_ outcome: inout Outcome, in session: any Session) throws -> StockVerdict {
    var book = try StockBook(outcome, in: session)
    var stores: [String: Bool] = [:]
    for (index, item) in items.enumerated() {
      guard let item = item.item else { continue }
      let isStore = try stores[item.place.store] ?? (StoreTable.find(item.place.store, in: session) != nil)
      stores[item.place.store] = isStore
      if !isStore {
        book.refuse(index, .store)
      } else if item.isExpected {
        let delivery = StockVerdict.Delivery(
          place: item.place, quantity: item.told, expectedAt: item.expectedAt, told: item.at)
        if try !book.expect(delivery) { book.refuse(index, .duplicate) }
      } else if let refusal = try book.refusal(of: item) {
        book.refuse(index, refusal)
      } else if item.isCount {
        try book.count(item.place, item.told, at: item.at, source: item.source, item: item.id)
      } else {
        try book.change(item.place, by: item.told, .delta, at: item.at, source: item.source, item: item.id)
      }
    }
    try book.settle()
    book.verdict.put(into: &outcome)
    return book.verdict
  }

  /// What became of each line: those that were neither wrong nor refused made one posting each, in their order, but for
  /// what is only expected.
  private func results(_ verdict: StockVerdict) -> [Result] {
    let refusals = Dictionary(verdict.refusals.map { ($0.index, $0.reason) }) { first, _ in first }
    var movements = verdict.movements.makeIterator()
    return items.enumerated().map { index, item in
      guard let line = item.item else { return Result(status: .invalid, faults: item.faults) }
      switch refusals[index] {
      case .duplicate: return Result(status: .duplicate)
      case .conflict: return Result(status: .conflict, faults: [.init("/id", "stands for another line")])
      case .store: return Result(status: .invalid, faults: [.init("/store", "is no store")])
      case nil where line.isExpected: return Result(status: .accepted)
      case nil:
        return Result(status: .accepted, change: movements.next().map { Quantity(thousandths: $0.quantity) })
      }
    }
  }
}

extension StockBook {
  /// Why a line that is right in itself does not count, if it does not.
  ///
  /// A line with an id counts once per source. A count without one changes nothing where the same was told before.
  fileprivate func refusal(of item: StockItem) throws -> StockVerdict.Refusal? {
    guard let id = item.id else {
      guard item.isCount else { return nil }
      let isKnown = try session.first(
        of: StockStatement.counted, .text(item.place.sku), .text(item.place.store), .integer(item.at.milliseconds),
        .integer(item.told), .text(item.source)
      ) { _ in true }
      let isDecided = movements(of: item.place).contains {
        $0.cause == .snapshot && $0.at == item.at && $0.told == item.told && $0.source == item.source && $0.item == nil
      }
      return isKnown == true || isDecided ? .duplicate : nil
    }
    if let decided = verdict.movements.first(where: { $0.item == id && $0.source == item.source }) {
      let isSame = item.isSame(
        as: decided.place, isCount: decided.cause == .snapshot, told: decided.told, at: decided.at)
      return isSame ? .duplicate : .conflict
    }
    return try session.first(of: StockStatement.item, .text(item.source), .text(id)) { row in
      let place = StockPlace(store: row.text(1), sku: row.text(0))
      let isSame = item.isSame(
        as: place, isCount: row.text(2) == StockVerdict.Cause.snapshot.rawValue, told: row.integer(4),
        at: Instant(milliseconds: row.integer(3)))
      return isSame ? .duplicate : .conflict
    }
  }
}
