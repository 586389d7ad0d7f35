package import Base
package import SQL

/// Which stores have several lines together: one that has all of them, else a few that have them among them.
package struct Sourcing: Sendable {
  /// A question has at most so many lines: pairs of stores are looked at for each.
  package static let mostLines = 100

  /// A store, and how much of each line it can promise or should give.
  package struct Share: Sendable {
    package let store: Store
    package let distance: Int64?
    package let isOpen: Bool?
    package var lines: [(sku: String, quantity: Quantity)]
  }

  /// Those that have everything: first those that are open or never said when they are, each the nearest first.
  package let stores: [Share]
  /// The fewest stores that have everything among them, where no one has; empty where all have too little.
  ///
  /// Two wherever two do, the nearest such pair; beyond that each next one takes the most of what is left.
  package let split: [Share]
  /// Which store of the fewest sends each article, where no one has everything, as far as one has all of an article.
  package let senders: [String: String]
  /// What all stores together have too little of, with how much they have.
  package let short: [(sku: String, asked: Quantity, available: Quantity)]

  private struct Candidate {
    var store: Store
    var distance: Int64?
    var isOpen: Bool?
    /// In thousandths, in the order of the lines.
    var available: [Int64]

    func share(_ quantities: [Int64], of skus: [String]) -> Share {
      Share(
        store: store, distance: distance, isOpen: isOpen,
        lines: zip(skus, quantities).filter { $1 > 0 }.map { ($0, Quantity(thousandths: $1)) })
    }
  }

  /// - Parameter isPickup: whether only stores count where customers fetch orders.
  package init(
    of lines: [Stock.Line], near place: Coordinates?, isPickup: Bool, now: Instant, in session: any Session
  ) throws {
    var asked: [String: Int64] = [:]
    for line in lines { asked[line.sku, default: 0] += line.quantity.thousandths }
    let skus = asked.keys.sorted()
    let wanted = skus.map { asked[$0, default: 0] }
    let policy = try StockPolicy(in: session)
    var candidates: [String: Candidate] = [:]
    for (index, sku) in skus.enumerated() {
      for found in try Availability(of: sku, near: place, now: now, policy: policy, in: session).stores
      where found.available > .zero && (found.store.pickup || !isPickup) {
        var candidate =
          candidates[found.store.id]
          ?? Candidate(
            store: found.store, distance: found.distance, isOpen: found.isOpen,
            available: [Int64](repeating: 0, count: skus.count))
        candidate.available[index] = found.available.thousandths
        candidates[found.store.id] = candidate
      }
    }
    let ordered = candidates.values.sorted { one, other in
      let (mine, theirs) = (one.isOpen ?? true, other.isOpen ?? true)
      if mine != theirs { return mine }
      let (near, far) = (one.distance ?? .max, other.distance ?? .max)
      return near == far ? one.store.id < other.store.id : near < far
    }
    let sums = skus.indices.map { index in ordered.reduce(Int64(0)) { $0 + $1.available[index] } }
    short = skus.indices.filter { sums[$0] < wanted[$0] }.map {
      (skus[$0], Quantity(thousandths: wanted[$0]), Quantity(thousandths: sums[$0]))
    }
    let whole = ordered.filter { zip($0.available, wanted).allSatisfy { $0 >= $1 } }
    stores = whole.map { $0.share($0.available, of: skus) }
    let isDivided = stores.isEmpty && short.isEmpty
    split = isDivided ? Self.split(wanted, among: ordered, skus) : []
    senders = isDivided ? Self.senders(wanted, among: ordered, skus) : [:]
  }

  /// Gives each article whole to one store: first to the one that can send the most of them, of equals to that which
  /// stands first.
  private static func senders(
    _ wanted: [Int64], among candidates: [Candidate], _ skus: [String]
  ) -> [String: String] {
    var (senders, open) = ([String: String](), Set(skus.indices))
    func whole(_ candidate: Candidate) -> [Int] { open.filter { candidate.available[$0] >= wanted[$0] } }
    while let most = candidates.map({ whole($0).count }).max(), most > 0,
      let best = candidates.first(where: { whole($0).count == most })
    {
      for index in whole(best) {
        senders[skus[index]] = best.store.id
        open.remove(index)
      }
    }
    return senders
  }

  private static func split(_ wanted: [Int64], among candidates: [Candidate], _ skus: [String]) -> [Share] {
    if let (one, other) = pair(wanted, among: candidates) { return shares(wanted, of: [one, other], skus) }
    var (rest, left, chosen) = (wanted, candidates, [Candidate]())
    while rest.contains(where: { $0 > 0 }) {
      // Whole lines first, then how much; among equals the one that stands first.
      let gains = left.map { candidate in
        let given = zip(candidate.available, rest).map { min($0, $1) }
        return (lines: zip(given, rest).count { $1 > 0 && $0 == $1 }, sum: given.reduce(0, +))
      }
      guard
        let best = gains.indices.min(by: { (gains[$1].lines, gains[$1].sum, $0) < (gains[$0].lines, gains[$0].sum, $1) }
        ),
        gains[best].sum > 0
      else { return [] }
      let candidate = left.remove(at: best)
      rest = zip(rest, candidate.available).map { max(0, $0 - $1) }
      chosen.append(candidate)
    }
    return shares(wanted, of: chosen, skus)
  }

  /// The two that have everything among them and are nearest together.
  private static func pair(_ wanted: [Int64], among candidates: [Candidate]) -> (Candidate, Candidate)? {
    // Those without a place come after all others, in their order, and those that are closed after all that are open.
    let costs = candidates.enumerated().map { index, candidate in
      (candidate.distance ?? 100_000_000 + Int64(index)) + (candidate.isOpen == false ? 1_000_000_000 : 0)
    }
    var best: (one: Int, other: Int, cost: Int64)?
    for one in candidates.indices {
      for other in candidates.indices[(one + 1)...] {
        let cost = costs[one] + costs[other]
        if let best, best.cost <= cost { continue }
        let has = wanted.indices.allSatisfy {
          candidates[one].available[$0] + candidates[other].available[$0] >= wanted[$0]
        }
        if has { best = (one, other, cost) }
      }
    }
    return best.map { (candidates[$0.one], candidates[$0.other]) }
  }

  /// What each gives: the first as much as it has.
  private static func shares(_ wanted: [Int64], of chosen: [Candidate], _ skus: [String]) -> [Share] {
    var rest = wanted
    return chosen.map { candidate in
      let given = zip(candidate.available, rest).map { min($0, $1) }
      rest = zip(rest, given).map { $0 - $1 }
      return candidate.share(given, of: skus)
    }.filter { !$0.lines.isEmpty }
  }
}

extension Sourcing {
  /// Writes it as the API shows it.
  package func write(limit: Int, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.key("stores")
      writer.array { writer in for share in stores.prefix(limit) { share.write("available", to: &writer) } }
      writer.key("split")
      writer.array { writer in for share in split { share.write("quantity", to: &writer) } }
      writer.key("short")
      writer.array { writer in
        for (sku, asked, available) in short {
          writer.object { writer in
            writer.field("sku", sku)
            writer.field("asked", asked)
            writer.field("available", available)
          }
        }
      }
    }
  }
}

extension Sourcing.Share {
  fileprivate func write(_ name: String, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("store", store.id)
      writer.field("name", store.name)
      writer.field("distance", orNull: distance)
      writer.field("open", orNull: isOpen)
      writer.key("lines")
      writer.array { writer in
        for (sku, quantity) in lines {
          writer.object { writer in
            writer.field("sku", sku)
            writer.field(name, quantity)
          }
        }
      }
    }
  }
}
