/// Matches the beginning of a number against a program of `PhonePlanTable`, first ways first.
///
/// `Scripts/phone-plans` says what the words mean; programs have no loops, so it ends.
struct PrefixMatcher {
  /// What matched: everything before `end`, and in it what the group took, where it took part.
  struct Match {
    var end: Int
    var group: Range<Int>?
  }

  private let words: [UInt16]
  private let digits: DigitString

  init(_ words: [UInt16], _ digits: DigitString) {
    self.words = words
    self.digits = digits
  }

  /// The first match of the program that begins at that word.
  func match(_ program: Int) -> Match? { run(program, Match(end: 0), groupStart: 0) }

  private func run(_ program: Int, _ state: Match, groupStart: Int) -> Match? {
    var (word, state, groupStart) = (program, state, groupStart)
    while true {
      let operand = words[word] & 0x3FFF
      switch words[word] >> 14 {
      case 0:
        guard state.end < digits.count, operand >> UInt16(digits[state.end]) & 1 == 1 else { return nil }
        state.end += 1
        word += 1
      case 1:
        if let match = run(word + 1, state, groupStart: groupStart) { return match }
        word += Int(operand)
      case 2: word += Int(operand)
      default:
        switch operand {
        case 0: groupStart = state.end
        case 1: state.group = groupStart..<state.end
        case 2: guard state.end == digits.count else { return nil }
        default: return state
        }
        word += 1
      }
    }
  }
}
