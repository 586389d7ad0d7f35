import Base
import SQL

/// The ties of one customer, to be cut and tied anew before anything is written.
struct Forest {
  private var neighbours: [Origin.Number: Set<Origin.Number>]
  private let before: Set<Outcome.Pair>
  /// The merges that a tie stands for.
  private var merges: [Outcome.Pair: String]
  /// Merges whose tie was taken away with nothing to take its place.
  private(set) var undone: [String] = []

  /// The ties that hold the customer of `origin` together.
  init(around origin: Origin.Number, in session: any Session) throws {
    var before: Set<Outcome.Pair> = []
    var neighbours: [Origin.Number: Set<Origin.Number>] = [origin: []]
    var open = [origin]
    while let next = open.popLast() {
      try session.forEachRow(of: TieStatement.pairs, [.integer(next)]) { row in
        let pair = Outcome.Pair(first: row.integer(0), second: row.integer(1))
        before.insert(pair)
        for end in [pair.first, pair.second] where neighbours[end] == nil {
          neighbours[end] = []
          open.append(end)
        }
        neighbours[pair.first]?.insert(pair.second)
        neighbours[pair.second]?.insert(pair.first)
        return true
      }
    }
    self.before = before
    self.neighbours = neighbours
    var merges: [Outcome.Pair: String] = [:]
    for pair in before {
      merges[pair] = try session.first(of: MergeStatement.of, .integer(pair.first), .integer(pair.second)) {
        $0.text(0)
      }
    }
    self.merges = merges
  }

  func has(_ origin: Origin.Number) -> Bool { neighbours[origin] != nil }

  /// What hangs together with an origin.
  func side(of origin: Origin.Number) -> Set<Origin.Number> {
    var side: Set<Origin.Number> = [origin]
    var open = [origin]
    while let next = open.popLast() {
      for neighbour in neighbours[next] ?? [] where side.insert(neighbour).inserted { open.append(neighbour) }
    }
    return side
  }

  /// The place of the highest-priority identifier, the oldest of its type.
  static func strongest(of origins: Set<Origin.Number>, in session: any Session) throws -> Origin.Number? {
    try origins.map { ($0, try OriginStore.origin($0, in: session).identifier.type.priority) }
      .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
  }

  /// Takes a merge's tie away, and says whether it was there.
  mutating func cut(_ pair: Outcome.Pair) -> Bool {
    merges[pair] = nil
    if !Protection.holds("merge.oneTie") {
      let all = merges
      for (pair, id) in all.sorted(by: { $0.value < $1.value }) {
        undone.append(id)
        merges[pair] = nil
        neighbours[pair.second]?.remove(pair.first)
        neighbours[pair.first]?.remove(pair.second)
      }
    }
    neighbours[pair.second]?.remove(pair.first)
    return neighbours[pair.first]?.remove(pair.second) != nil
  }

  mutating func add(_ first: Origin.Number, _ second: Origin.Number) {
    neighbours[first, default: []].insert(second)
    neighbours[second, default: []].insert(first)
  }

  /// Takes an origin out, and tells what was tied to it.
  ///
  /// What it held together stays together, tied to the one that no merge brought, or else to the oldest; each of these
  /// ties stands for the merge for which the one to the origin stood.
  mutating func remove(_ origin: Origin.Number) -> [Origin.Number] {
    let around = (neighbours[origin] ?? []).sorted()
    func merge(_ neighbour: Origin.Number) -> String? {
      merges[Outcome.Pair(first: origin, second: neighbour)] ?? merges[Outcome.Pair(first: neighbour, second: origin)]
    }
    let ids = around.map { merge($0) }
    for neighbour in around {
      neighbours[neighbour]?.remove(origin)
      merges[Outcome.Pair(first: origin, second: neighbour)] = nil
      merges[Outcome.Pair(first: neighbour, second: origin)] = nil
    }
    neighbours[origin] = []
    guard let hub = ids.firstIndex(of: nil) ?? around.indices.first else { return around }
    if let id = ids[hub] { undone.append(id) }
    for index in around.indices where index != hub {
      add(around[hub], around[index])
      if let id = ids[index] {
        merges[Outcome.Pair(first: min(around[hub], around[index]), second: max(around[hub], around[index]))] = id
      }
    }
    return around
  }

  /// The ties that are no more.
  var cuts: [Outcome.Pair] {
    before.filter { neighbours[$0.first]?.contains($0.second) != true }.sorted {
      ($0.first, $0.second) < ($1.first, $1.second)
    }
  }

  /// The ties that were not there.
  var added: [Outcome.Tie] {
    var added: [Outcome.Tie] = []
    for (first, others) in neighbours.sorted(by: { $0.key < $1.key }) {
      for second in others.sorted() where first < second {
        let isOld =
          before.contains(Outcome.Pair(first: first, second: second))
          || before.contains(Outcome.Pair(first: second, second: first))
        let pair = Outcome.Pair(first: first, second: second)
        if !isOld {
          added.append(Outcome.Tie(first: first, second: second, rule: Merging.rule, merge: merges[pair]))
        }
      }
    }
    return added
  }
}
