/// Finds the number in a text that is more than digits and ASCII's punctuation, as libphonenumber does.
struct PhoneText {
  /// The number from its first `+` or digit on, without an extension, in lower case.
  private(set) var number: ArraySlice<Unicode.Scalar>

  /// The number written in `raw`, or nil where none is.
  init?(_ raw: String) {
    // What comes after a number by RFC 3966 may say that it is a part of one; who writes so writes no customer's number.
    let hasParameters = raw.utf8.contains(UInt8(ascii: ";"))
    guard !hasParameters || !raw.contains(";phone-context=") else { return nil }
    let scalars = Array(raw.unicodeScalars)
    guard let start = scalars.firstIndex(where: { Self.isPlus($0) || Self.digit($0) != nil }) else { return nil }
    var end = scalars.endIndex
    while end > start, !Self.canEnd(scalars[end - 1]) { end -= 1 }
    number = scalars[start..<end]
    number = number[..<(secondNumber ?? number.endIndex)]
    number = ArraySlice(number.map(Self.lowercased))
    if hasParameters, let subaddress = index(of: ";isub=") { number = number[..<subaddress] }
    if let end = endBeforeExtension, Self.isViable(number[..<end]) {
      number = number[..<end]
    } else {
      guard Self.isViable(number) else { return nil }
    }
  }

  // MARK: Characters

  static func isPlus(_ scalar: Unicode.Scalar) -> Bool { scalar == "+" || scalar == "\u{FF0B}" }

  private static func lowercased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.isASCII { return ("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar }
    guard scalar.properties.changesWhenLowercased else { return scalar }
    return scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
  }

  static func isLetter(_ scalar: Unicode.Scalar) -> Bool { ("a"..."z").contains(scalar) }

  /// The digit of any script that it is.
  static func digit(_ scalar: Unicode.Scalar) -> UInt8? {
    if ("0"..."9").contains(scalar) { return UInt8(scalar.value - 0x30) }
    guard scalar.value > 0x7F, scalar.properties.generalCategory == .decimalNumber else { return nil }
    return scalar.properties.numericValue.map { UInt8($0) }
  }

  /// The key of a telephone that has this letter or digit (ITU-T E.161).
  static func key(_ scalar: Unicode.Scalar) -> UInt8? {
    if ("0"..."9").contains(scalar) { return UInt8(scalar.value - 0x30) }
    guard isLetter(scalar) else { return nil }
    let keys: StaticString = "22233344455566677778889999"
    return keys.withUTF8Buffer { $0[Int(scalar.value - 0x61)] - 0x30 }
  }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "-", "x", " ", "(", ")", ".", "[", "]", "/", "~", "*": true
    case "\u{2010}"..."\u{2015}", "\u{2212}", "\u{30FC}", "\u{FF0D}"..."\u{FF0F}", "\u{A0}", "\u{AD}", "\u{200B}",
      "\u{2060}", "\u{3000}", "\u{FF08}", "\u{FF09}", "\u{FF3B}", "\u{FF3D}", "\u{2053}", "\u{223C}", "\u{FF5E}":
      true
    default: false
    }
  }

  private static func canEnd(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber:
      true
    default: scalar == "#"
    }
  }

  /// Two digits, or three and more with punctuation between them and letters after them.
  private static func isViable(_ number: ArraySlice<Unicode.Scalar>) -> Bool {
    let rest = number.drop(while: isPlus)
    var digits = 0
    for scalar in rest {
      if digit(scalar) != nil {
        digits += 1
      } else if !isPunctuation(scalar), digits < 3 || !isLetter(scalar) {
        return false
      }
    }
    return digits >= 3 || (digits == 2 && number.count == 2)
  }

  // MARK: Parts

  /// Where a second extension begins, as in `583-6985 x302/x2303`.
  private var secondNumber: Int? {
    number.indices.first { index in
      (number[index] == "/" || number[index] == "\\") && number[(index + 1)...].first { $0 != " " } == "x"
    }
  }

  private func index(of word: String) -> Int? {
    let word = Array(word.unicodeScalars)
    return number.indices.first { number[$0...].starts(with: word) }
  }

  /// What names an extension, and how many digits the extension may have then.
  private static let labels: [(name: [Unicode.Scalar], digits: Int)] = {
    let names = """
      ext extn extensio extension extensi\u{F3} extensi\u{F3}n extensio\u{301} extensio\u{301}n \
      xt xtn xtensio xtension xtensi\u{F3} xtensi\u{F3}n xtensio\u{301} xtensio\u{301}n \
      \u{FF45}\u{FF58}\u{FF54} \u{FF45}\u{FF58}\u{FF54}\u{FF4E} \u{FF58}\u{FF54} \u{FF58}\u{FF54}\u{FF4E} доб anexo
      """
    let doubtful = "x # ~ int \u{FF58} \u{FF03} \u{FF5E} \u{FF49}\u{FF4E}\u{FF54}"
    return [(names, 20), (doubtful, 9), (";", 15)].flatMap { names, digits in
      names.split(separator: " ").map { (Array($0.unicodeScalars), digits) }
    }
  }()

  private static let labelEnds = Set(labels.compactMap { $0.name.last })

  /// Where the number ends when what follows is its extension: a label, commas (which dial a pause) or a `#` at the
  /// end, and digits.
  private var endBeforeExtension: Int? {
    let hasHash = number.last == "#"
    let end = number.endIndex - (hasHash ? 1 : 0)
    let start = lastIndex(before: end) { Self.digit($0) != nil }
    let count = end - start
    guard count > 0 else { return nil }
    if number[..<start].reversed().starts(with: ";ext=".unicodeScalars.reversed()), count <= 20 { return start - 5 }
    let gap = lastIndex(before: start) { Self.isGap($0) || $0 == "-" }
    for end in [gap, gap - 1] where end > number.startIndex {
      if end < gap, !":.\u{FF0E}".unicodeScalars.contains(number[end]) { break }
      // Most numbers have no label, so a look at the character where one would end goes first.
      guard Self.labelEnds.contains(number[end - 1]) else { continue }
      let label = Self.labels.filter {
        $0.digits >= count && number[..<end].reversed().starts(with: $0.name.reversed())
      }
      .max { $0.name.count < $1.name.count }
      if let label { return lastIndex(before: end - label.name.count, where: Self.isGap) }
    }
    let pause = number[gap..<start].indices.first { index in
      number[index] == "," && (count <= 9 || (count <= 15 && number[index + 1] == ","))
    }
    if let pause { return lastIndex(before: pause, where: Self.isGap) }
    let tail = lastIndex(before: start) { $0 == " " || $0 == "-" }
    return hasHash && count <= 6 && tail < start ? tail : nil
  }

  private static func isGap(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\u{A0}" || scalar == "\t" || scalar == ","
  }

  /// Where the run of such characters begins that ends at `end`.
  private func lastIndex(before end: Int, where belongs: (Unicode.Scalar) -> Bool) -> Int {
    var start = end
    while start > number.startIndex, belongs(number[start - 1]) { start -= 1 }
    return start
  }
}
