import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

/// What stock comes to, worked out anew from everything that was said: no sums are kept.
private struct Model {
  struct Fact {
    var place: StockPlace
    var at: Instant
    var value: Int64
    var isCount: Bool
    var isTold: Bool
  }

  struct Held {
    var quantity: Int64
    var until: Instant?
  }

  var facts: [Fact] = []
  /// By order, store and article.
  var held: [String: [StockPlace: Held]] = [:]
  var ids: Set<String> = []

  mutating func tell(_ place: StockPlace, _ value: Int64, isCount: Bool, at: Instant, id: String?) {
    if let id {
      guard ids.insert(id).inserted else { return }
    } else if isCount, facts.contains(where: { $0.isCount && $0.place == place && $0.at == at && $0.value == value }) {
      return
    }
    facts.append(Fact(place: place, at: at, value: value, isCount: isCount, isTold: true))
  }

  mutating func move(_ place: StockPlace, _ value: Int64, at: Instant) {
    facts.append(Fact(place: place, at: at, value: value, isCount: false, isTold: false))
  }

  func onHand(_ place: StockPlace) -> Int64 {
    let mine = facts.filter { $0.place == place }
    var (count, place) = (Fact?.none, 0)
    for (index, fact) in mine.enumerated() where fact.isCount && count.map({ fact.at >= $0.at }) ?? true {
      (count, place) = (fact, index)
    }
    // Of the same moment what was heard of after the count is not in it.
    return mine.enumerated().reduce(count?.value ?? 0) { sum, one in
      let (index, fact) = one
      return !fact.isCount && count.map({ fact.at > $0.at || fact.at == $0.at && index > place }) ?? true
        ? sum + fact.value : sum
    }
  }

  func reserved(_ place: StockPlace) -> Int64 { held.values.reduce(0) { $0 + ($1[place]?.quantity ?? 0) } }

  func available(_ place: StockPlace, now: Instant, promisedFor: Int64) -> Int64 {
    let told = facts.filter { $0.place == place && $0.isTold }.map { $0.at }.max()
    guard let told, told + .seconds(promisedFor * 60) >= now else { return 0 }
    // One keeps half for its tills, in whole units.
    let kept = place.store == "far" ? max(0, onHand(place)) / 2000 * 1000 : 0
    return max(0, onHand(place) - reserved(place) - kept)
  }

  /// Takes so much off what an order holds of an article: there, or there first.
  mutating func take(_ quantity: Int64, of sku: String, from order: String, first store: String?) {
    var rest = quantity
    let places = (held[order] ?? [:]).keys.filter { $0.sku == sku }.sorted {
      ($0.store == store ? 0 : 1, $0.store) < ($1.store == store ? 0 : 1, $1.store)
    }
    for place in places {
      let taken = min(rest, held[order]?[place]?.quantity ?? 0)
      held[order]?[place]?.quantity -= taken
      if held[order]?[place]?.quantity == 0 { held[order]?[place] = nil }
      rest -= taken
    }
  }

  mutating func lapse(_ now: Instant) {
    for order in held.keys { held[order] = held[order]?.filter { $0.value.until.map { $0 > now } ?? true } }
  }
}

@Suite struct StockHistoryTests {
  private static let skus = ["A", "B"]
  private static let stores = ["near", "far"]
  private static let promisedFor: Int64 = 300

  /// One random history; the books are compared after every step.
  private static func live(seed: UInt64, steps: Int) throws -> Depot {
    var chance = SplitMix64(seed: seed)
    func pick<T>(_ list: [T]) -> T { list[Int.random(in: list.indices, using: &chance)] }
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &chance) }
    let depot = try Depot(chance: seed)
    try depot.put(.stockPolicy, #"{"staleAfter": 60, "promisedFor": \#(promisedFor)}"#)
    var model = Model()
    var old: [(line: String, place: StockPlace, value: Int64, isCount: Bool, at: Instant, id: String?)] = []
    for step in 0..<steps {
      let order = "O-\(number(1...4))"
      let place = StockPlace(store: pick(stores), sku: pick(skus))
      // A few minutes alone, so that times meet.
      let minutes = Double(number(0...6) * 5)
      let at = depot.ago(minutes)
      let quantity = number(1...4)
      let now = depot.store.clock.now
      switch number(0...11) {
      case 0...2:
        let isCount = number(0...2) == 0
        let value = isCount ? number(0...9) : number(-3...6)
        let id = number(0...2) == 0 ? "i-\(seed)-\(step)" : nil
        var line =
          isCount
          ? depot.count("\(value)", of: place.sku, in: place.store, minutes: minutes)
          : depot.delta("\(value)", of: place.sku, in: place.store, minutes: minutes, id: id)
        if isCount, let id { line = line.dropLast() + #", "id": "\#(id)"}"# }
        try depot.tell(line)
        model.tell(place, Int64(value) * 1000, isCount: isCount, at: at, id: id)
        old.append((line, place, Int64(value) * 1000, isCount, at, id))
      case 3:
        // Again, in one list: what has no id and is no count counts once more.
        let again = old.filter { _ in number(0...1) == 0 }.suffix(4)
        if again.isEmpty { continue }
        let lines = again.map { $0.line }.joined(separator: ",")
        try depot.tell(lines)
        for item in again { model.tell(item.place, item.value, isCount: item.isCount, at: item.at, id: item.id) }
      case 4, 5:
        try depot.sell((place.sku, "\(quantity)"), in: place.store, order: order, minutes: minutes)
        model.take(Int64(quantity) * 1000, of: place.sku, from: order, first: place.store)
        model.move(place, -Int64(quantity) * 1000, at: at)
      case 6:
        try depot.restock((place.sku, "\(quantity)"), in: place.store, order: order, minutes: minutes)
        model.move(place, Int64(quantity) * 1000, at: at)
      case 7, 8:
        // Two lines, often of one article.
        let other = pick(skus)
        var asked = [place.sku: Int64(quantity) * 1000]
        asked[other, default: 0] += 1000
        let fits = asked.allSatisfy { sku, quantity in
          model.available(StockPlace(store: place.store, sku: sku), now: now, promisedFor: promisedFor) >= quantity
        }
        let hours = number(0...3)
        var isPromised = true
        do {
          try depot.reserve(
            (place.sku, "\(quantity)"), (other, "1"), in: place.store, order: order, hours: hours == 0 ? nil : hours)
        } catch is Shortfall {
          isPromised = false
        }
        try #require(isPromised == fits, "seed \(seed), step \(step)")
        if fits {
          for (sku, quantity) in asked {
            let place = StockPlace(store: place.store, sku: sku)
            let held = model.held[order]?[place]?.quantity ?? 0
            model.held[order, default: [:]][place] = Model.Held(
              quantity: held + quantity, until: hours == 0 ? nil : now + .seconds(hours * 3600))
          }
        }
      case 9:
        if number(0...1) == 0 {
          try depot.release(order: order)
          model.held[order] = nil
        } else {
          try depot.release((place.sku, "\(quantity)"), order: order)
          model.take(Int64(quantity) * 1000, of: place.sku, from: order, first: nil)
        }
      default:
        depot.store.clock.advance(by: .seconds(number(1...8) * 600))
        try depot.timers.fire()
        model.lapse(depot.store.clock.now)
      }
      let places = stores.flatMap { store in skus.map { StockPlace(store: store, sku: $0) } }
      let expected = places.map { place in
        let (onHand, reserved) = (model.onHand(place), model.reserved(place))
        return [onHand, reserved, max(0, reserved - onHand)]
      }
      try #require(try depot.sums(of: places) == expected, "seed \(seed), step \(step)")
    }
    return depot
  }

  @Test func `random histories have the books that a naive recount has`() throws {
    for seed in 1...60 as ClosedRange<UInt64> {
      let depot = try Self.live(seed: seed, steps: 60)
      #expect(try depot.findings() == [], "seed \(seed)")
    }
  }

  @Test func `entries with their outcomes give the same tables in any order`() throws {
    for seed in 101...105 as ClosedRange<UInt64> {
      let depot = try Self.live(seed: seed, steps: 80)
      let entries = try depot.store.database.read { session in
        var entries: [LogEntry] = []
        try EventLog.forEach(in: session) { entries.append($0) }
        return entries
      }
      let kept = try depot.store.database.read { try Self.rows(in: $0) }
      var chance = SplitMix64(seed: seed)
      let migrations = (Schema.migrations + Commerce.migrations).sorted { $0.number < $1.number }
      let made = try ScratchDatabase.use(migrations) { session in
        for entry in entries.shuffled(using: &chance) { try StockFold().apply(entry, in: session) }
        return try Self.rows(in: session)
      }
      #expect(made == kept)
      #expect(kept.count > 40)
    }
  }

  private static func rows(in session: any Session) throws -> [String] {
    try StockFold().tables.flatMap { table in
      var rows: [String] = []
      try session.forEachRow(ofText: "SELECT * FROM \(table.name)", []) { row in
        rows.append(table.name + (0..<row.count).map { " \(row.value($0))" }.joined())
        return true
      }
      return rows.sorted()
    }
  }
}
