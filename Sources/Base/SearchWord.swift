/// A word as it is looked for: folded, and by the sound that Latin and Cyrillic letters have in common.
package struct SearchWord: Hashable, Sendable {
  /// The word as `FoldedText` gives it.
  package let text: String
  /// The word in plain Latin letters, one spelling for the usual ways to write a Russian name; nil where it has
  /// letters of another script, or none.
  package let romanised: String?

  /// Shorter words have too many neighbours for a mistake to mean anything.
  package static let shortestWithMistake = 4

  /// The word that `FoldedText` gave.
  package init(_ folded: String) {
    text = folded
    romanised = Romanisation.key(of: folded)
  }

  /// The spellings under which the word is found, its own first.
  package var keys: [String] { romanised.map { $0 == text ? [text] : [text, $0] } ?? [text] }

  /// The keys of the word with one letter left out, each once; none for a short word, or for a number.
  ///
  /// Two words that are one mistake apart have such a key in common, or one is such a key of the other (symmetric
  /// deletion).
  package var variants: [String] {
    guard allowsMistake else { return [] }
    var variants: Set<String> = []
    for key in keys where key.unicodeScalars.count >= Self.shortestWithMistake {
      variants.formUnion(Self.deletions(of: key))
    }
    return variants.sorted()
  }

  /// Whether the word may be found by a spelling with a mistake.
  package var allowsMistake: Bool {
    text.unicodeScalars.count >= Self.shortestWithMistake && !text.unicodeScalars.allSatisfy { $0.properties.isDigit }
  }

  /// The text with each one of its letters left out.
  package static func deletions(of text: String) -> Set<String> {
    let scalars = Array(text.unicodeScalars)
    var deletions: Set<String> = []
    for left in scalars.indices {
      var shorter = String.UnicodeScalarView()
      shorter.append(contentsOf: scalars[..<left])
      shorter.append(contentsOf: scalars[(left + 1)...])
      deletions.insert(String(shorter))
    }
    return deletions
  }

  /// Whether both are in the same script, as far as romanising tells.
  private func sharesScript(with other: SearchWord) -> Bool {
    text.utf8.allSatisfy { $0 < 0x80 } == other.text.utf8.allSatisfy { $0 < 0x80 }
  }

  /// How near a word that stands in a name is to this one, which was asked for; nil where it is another word.
  package func nearness(of found: SearchWord) -> Nearness? {
    if found.text == text { return .exact }
    let sound = romanised.flatMap { asked in found.romanised.map { (asked: asked, found: $0) } }
    let otherScript = sharesScript(with: found) ? nil : sound
    if let otherScript, otherScript.asked == otherScript.found { return .exact }
    if found.text.unicodeScalars.starts(with: text.unicodeScalars) { return .prefix }
    if let otherScript, otherScript.found.utf8.starts(with: otherScript.asked.utf8) { return .prefix }
    guard found.allowsMistake else { return nil }
    if Self.isOneMistake(text, found.text) { return .mistake }
    // Within one script the sound only makes the spellings of one name the same, such as Müller and Mueller.
    if let sound, sound.asked == sound.found { return .mistake }
    guard let otherScript, otherScript.found.utf8.count >= Self.shortestWithMistake else { return nil }
    return Self.isOneMistake(otherScript.asked, otherScript.found) ? .mistake : nil
  }

  /// Whether one insertion, deletion or substitution of a letter, or a swap of two neighbours, makes `b` of `a`.
  package static func isOneMistake(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
    guard abs(a.count - b.count) <= 1, a != b else { return false }
    var start = 0
    while start < min(a.count, b.count), a[start] == b[start] { start += 1 }
    var end = 0
    while end < min(a.count, b.count) - start, a[a.count - 1 - end] == b[b.count - 1 - end] { end += 1 }
    let (restA, restB) = (a[start..<a.count - end], b[start..<b.count - end])
    if restA.count <= 1, restB.count <= 1 { return true }
    return restA.count == 2 && restB.count == 2 && restA.elementsEqual(restB.reversed())
  }
}

/// How near what was found is to what was asked for; the nearer one is less.
package enum Nearness: Int, Comparable, Sendable {
  /// The same word, in either script.
  case exact = 0
  /// It begins so.
  case prefix = 1
  /// One mistake apart, or another spelling of the same sound.
  case mistake = 2

  package static func < (a: Nearness, b: Nearness) -> Bool { a.rawValue < b.rawValue }
}

extension Unicode.Scalar.Properties {
  fileprivate var isDigit: Bool { generalCategory == .decimalNumber }
}
