package import Base
package import SQL

/// The computed traits of a customer: exact at the moment of reading, whatever the background has done by then.
///
/// The days before the cells' end come from the cells, the window's first day and what the log has beyond from events.
package struct ComputedTraits: Sendable {
  /// A trait that is computed.
  package struct Value: Sendable {
    package var name: String
    /// The value as JSON.
    package var value: [UInt8]
    /// When the event was that counts last, in milliseconds; of a count of nothing when it was read.
    package var at: Int64
  }

  /// What is said of the source of each.
  static let source = "computed"
  /// The cells' lag, in entries of the log, up to which its end is read as a whole.
  private static let shortLag: Int64 = 2_000

  /// By name.
  package let values: [Value]

  /// Those of the customer that `leader` leads.
  package init(ofCustomer leader: Origin.Number, now: Instant, in session: any Session) throws {
    let definitions = try ComputedTrait.all(in: session)
    if definitions.isEmpty {
      values = []
      return
    }
    var totals: [Total] = []
    for definition in definitions {
      let progress = try ComputedStore.progress(of: definition, in: session)
      var total = Total(definition.trait, now: now, after: progress)
      try total.read(definition, ofCustomer: leader, in: session)
      totals.append(total)
    }
    try Self.readRest(into: &totals, ofCustomer: leader, in: session)
    values = totals.compactMap { $0.value }
  }

  /// What the log has beyond the cells.
  private static func readRest(
    into totals: inout [Total], ofCustomer leader: Origin.Number, in session: any Session
  ) throws {
    let last = try EventLog.last(in: session)
    let first = totals.map { $0.progress }.min() ?? last
    if first >= last { return }
    func take(_ event: CountedEvent) throws {
      for index in totals.indices { try totals[index].add(event) }
    }
    if last - first > shortLag {
      return try session.forEachRow(of: ComputedStatement.older, [.integer(leader), .integer(first)]) { row in
        try take(CountedEvent(row))
        return true
      }
    }
    let origins = Set(try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number })
    try session.forEachRow(of: ComputedStatement.recent, [.integer(first)]) { row in
      let event = CountedEvent(row)
      if origins.contains(event.origin) { try take(event) }
      return true
    }
  }

  /// Those of the customer who had these origins at a moment of the log, by the definitions of that moment.
  init(of origins: [Origin.Number], asOf moment: AsOf, in session: any Session) throws {
    var totals = try ComputedTrait.all(asOf: moment, in: session).map { Total($0.trait, now: moment.time, after: 0) }
    if totals.isEmpty {
      values = []
      return
    }
    for origin in Set(origins) {
      try session.forEachRow(of: ComputedStatement.ofOrigin, [.integer(origin), .integer(moment.sequence)]) { row in
        for index in totals.indices { try totals[index].add(CountedEvent(row)) }
        return true
      }
    }
    values = totals.compactMap { $0.value }
  }

  /// One trait, as far as it is added up.
  private struct Total {
    let trait: ComputedTrait
    let progress: Int64
    private let now: Instant
    private let start: Int64
    private var cells: [[UInt8]: ComputedCell] = [:]

    init(_ trait: ComputedTrait, now: Instant, after progress: Int64) {
      (self.trait, self.now, self.progress) = (trait, now, progress)
      start = trait.start(at: now)
    }

    /// Adds what the cells have, and the events of the day in which the window begins.
    mutating func read(
      _ definition: ComputedTrait.InForce, ofCustomer leader: Origin.Number, in session: any Session
    ) throws {
      if progress == 0 { return }
      let firstDay = trait.days == nil ? .min : ComputedCell.day(of: start)
      let kept: [SQLValue] = [
        .integer(leader), .text(trait.name), .integer(definition.version), .integer(firstDay),
      ]
      try session.forEachRow(of: ComputedStatement.cells, kept) { row in
        merge(row.bytes(0), ComputedCell(row, from: 1))
        return true
      }
      if trait.days == nil { return }
      let edge: [SQLValue] = [
        .integer(leader), .integer(start), .integer((firstDay + 1) * ComputedCell.day), .integer(progress),
      ]
      try session.forEachRow(of: ComputedStatement.edge, edge) { row in
        try merge(CountedEvent(row))
        return true
      }
    }

    /// Adds an event that the cells do not have, if it counts.
    mutating func add(_ event: CountedEvent) throws {
      if event.sequence > progress, event.at > start { try merge(event) }
    }

    private mutating func merge(_ event: CountedEvent) throws {
      for (value, cell) in try event.cells(of: trait) { merge(value, cell) }
    }

    private mutating func merge(_ value: [UInt8], _ cell: ComputedCell) {
      if cells[value]?.merge(cell, trait.function) == nil { cells[value] = cell }
    }

    var value: Value? {
      ComputedCell.result(cells, trait.function, now: now).map { Value(name: trait.name, value: $0.value, at: $0.at) }
    }
  }
}
