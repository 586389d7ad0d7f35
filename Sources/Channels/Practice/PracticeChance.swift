import Base

/// Chance that seeds fix: the same ones give the same town.
package struct PracticeChance: RandomNumberGenerator, Sendable {
  private var generator: SplitMix64

  /// The chance of those numbers, whose order counts.
  package init(_ seeds: UInt64...) {
    let seed = seeds.reduce(0 as UInt64) { state, seed in
      var generator = SplitMix64(seed: state ^ seed)
      return generator.next()
    }
    generator = SplitMix64(seed: seed)
  }

  package mutating func next() -> UInt64 { generator.next() }

  /// Whether it happens, of so many times in a hundred.
  package mutating func happens(_ percent: Int) -> Bool { number(0..<100) < percent }

  mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

  /// One of a list that is not empty.
  mutating func one<T>(of list: [T]) -> T { list[number(0..<list.count)] }
}
