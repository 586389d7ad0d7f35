/// A country's numbering plan: a record of `PhonePlanTable`.
///
/// Numbers are read as libphonenumber does, by whose metadata the table is made, so that both find the same number in
/// the same spelling; a test compares them.
struct PhonePlan {
  private let words: [UInt16]
  private let offset: Int

  /// The places within a record.
  private enum Field: Int {
    case code, lengths, longLengths, pattern, internationalPrefix, nationalPrefix, insertedCount, inserted
  }

  private static let regions = 26 * 26
  /// The longest national number that any plan has.
  private static let longest = 17

  private init(_ words: [UInt16], _ offset: UInt16) {
    self.words = words
    self.offset = Int(offset)
  }

  /// The plan of a region, named by its two letters of ISO 3166-1 in either case, or nil.
  init?(region: String) {
    var index = 0
    guard region.utf8.count == 2 else { return nil }
    for byte in region.utf8 {
      let letter = byte & 0xDF
      guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter) else { return nil }
      index = index * 26 + Int(letter - UInt8(ascii: "A"))
    }
    let words = PhonePlanTable.words
    guard words[index] != 0 else { return nil }
    self.init(words, words[index])
  }

  /// A number with the code of its country before it, or nil where no country has such a code.
  static func international(_ digits: DigitString) -> (plan: PhonePlan, national: DigitString)? {
    let words = PhonePlanTable.words
    var code = 0
    for index in 0..<min(3, digits.count) {
      code = code * 10 + Int(digits[index])
      // Codes begin with no 0, and none begins another.
      guard code > 0 else { return nil }
      let place = Int(words[regions + code])
      if place != 0 { return (PhonePlan(words, words[place + 1]), digits.dropping(index + 1)) }
    }
    return nil
  }

  private func field(_ field: Field) -> Int { Int(words[offset + field.rawValue]) }

  private var code: Int { field(.code) }

  // MARK: Reading

  /// What a number dialled in this country, without a `+`, says of its country.
  enum Dialled {
    /// The code of a country, maybe this one, then the number there.
    case abroad(plan: PhonePlan, national: DigitString)
    /// It has no country's code, so it is this country's.
    case home
    /// The prefix of calls abroad, and then no number.
    case nowhere
  }

  /// Tells whether a number dialled here names a country.
  func reading(_ digits: DigitString) -> Dialled {
    let program = field(.internationalPrefix)
    if program != 0, let match = PrefixMatcher(words, digits).match(program),
      match.end == digits.count || digits[match.end] != 0
    {
      let rest = digits.dropping(match.end)
      guard rest.count > 2, let (plan, national) = Self.international(rest) else { return .nowhere }
      return .abroad(plan: plan, national: national)
    }
    // Its own country's code without a `+`: where the number is none otherwise, or is too long for one.
    guard let (plan, rest) = Self.international(digits), plan.code == code else { return .home }
    let national = withoutPrefix(rest)
    guard (!matches(digits) && matches(national)) || digits.count > longestPossible else { return .home }
    return .abroad(plan: plan, national: national)
  }

  /// The national number, without the prefix that is dialled before it, where it is valid; its code stands before it.
  func complete(_ digits: DigitString) -> PhoneNumber? {
    guard digits.count >= 2 else { return nil }
    let stripped = withoutPrefix(digits)
    let number = isPossible(stripped.count) || stripped.count > longestPossible ? stripped : digits
    guard number.count <= Self.longest, isMember(number, Int(words[Int(words[Self.regions + code])])) else {
      return nil
    }
    return PhoneNumber(code: code, national: number)
  }

  private var lengths: Int { field(.lengths) | field(.longLengths) << 16 }
  private var longestPossible: Int { Int.bitWidth - 1 - lengths.leadingZeroBitCount }
  private func isPossible(_ count: Int) -> Bool { count <= Self.longest && lengths >> count & 1 == 1 }

  /// Whether the plan has any use for such a number.
  private func matches(_ digits: DigitString) -> Bool { isMember(digits, field(.pattern)) }

  /// The number without the prefix for calls within the country, or with what the plan puts in its place.
  private func withoutPrefix(_ digits: DigitString) -> DigitString {
    let program = field(.nationalPrefix)
    guard digits.count > 0, program != 0, let match = PrefixMatcher(words, digits).match(program) else { return digits }
    var rest = digits.dropping(match.end)
    if let group = match.group {
      rest = inserted
      for index in group { guard rest.append(digits[index]) else { return digits } }
      for index in match.end..<digits.count { guard rest.append(digits[index]) else { return digits } }
    }
    return matches(digits) && !matches(rest) ? digits : rest
  }

  /// The digits that the plan puts before a group.
  private var inserted: DigitString {
    var digits = DigitString()
    for index in (0..<field(.insertedCount)).reversed() {
      _ = digits.append(UInt8(field(.inserted) >> (index * 4) & 15))
    }
    return digits
  }

  /// Walks the automaton: each state has its number of edges, with a mark whether a number may end there, and then
  /// for each edge the set of its digits and the state that it leads to.
  private func isMember(_ digits: DigitString, _ start: Int) -> Bool {
    var state = start
    for index in 0..<digits.count {
      let digit: UInt16 = 1 << UInt16(digits[index])
      var edge = state + 1
      let end = edge + 2 * Int(words[state] & 0x7FFF)
      while edge < end, words[edge] & digit == 0 { edge += 2 }
      guard edge < end else { return false }
      state = Int(words[edge + 1])
    }
    return words[state] >> 15 == 1
  }
}

extension PhonePlanTable {
  /// The table's words, unpacked at first use.
  fileprivate static let words: [UInt16] = text.withUTF8Buffer { text in
    var words: [UInt16] = []
    words.reserveCapacity(text.count / 3)
    var word: UInt32 = 0
    var count = 0
    // Line ends sort below.
    for byte in text where byte >= UInt8(ascii: "0") {
      word = word << 6 | UInt32(byte - UInt8(ascii: "0"))
      count += 1
      if count % 3 == 0 { words.append(UInt16(truncatingIfNeeded: word)) }
    }
    return words
  }
}
