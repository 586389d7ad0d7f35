/// Chance that a seed fixes (SplitMix64): the same seed gives the same town.
///
/// Nothing secret comes of it.
package struct PracticeChance: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The chance of those numbers, whose order counts.
  package init(_ seeds: UInt64...) {
    state = 0
    for seed in seeds {
      state ^= seed
      state = next()
    }
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// Whether it happens, of so many times in a hundred.
  mutating func happens(_ percent: Int) -> Bool { number(0..<100) < percent }

  mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

  /// One of a list that is not empty.
  mutating func one<T>(of list: [T]) -> T { list[number(0..<list.count)] }
}
