/// One key for the usual spellings of a name in Latin and in Cyrillic letters: `щербакова`, `shcherbakova` and
/// `scherbakova` are `sherbakova`, `юлия`, `yulia` and `julia` are `iulia`.
///
/// It is no standard's transliteration: what the standards (ISO 9, BGN/PCGN, passports) spell differently is made the
/// same here.
enum Romanisation {
  /// The key of a folded word; nil where it has a letter of neither script, or no letter at all.
  static func key(of word: String) -> String? {
    let isLatin = word.utf8.allSatisfy { $0 < 0x80 }
    guard let letters = isLatin ? latin(Array(word.utf8)) : cyrillic(word) else { return nil }
    let key = merged(letters)
    return key.isEmpty ? nil : String(decoding: key, as: UTF8.self)
  }

  // MARK: From Cyrillic

  private static let sounds: [Unicode.Scalar: StaticString] = [
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "к": "k", "л": "l",
    "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "ts",
    "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "iu", "я": "ia",
  ]

  private static func cyrillic(_ word: String) -> [UInt8]? {
    var letters: [UInt8] = []
    for scalar in word.unicodeScalars {
      if scalar.value < 0x80 {
        letters.append(UInt8(scalar.value))
      } else if let sound = sounds[scalar] {
        sound.withUTF8Buffer { letters.append(contentsOf: $0) }
      } else {
        return nil
      }
    }
    return letters
  }

  // MARK: From Latin

  /// Groups of letters and their sound, the longer ones first; the rest stand for themselves.
  private static let groups: [(spelling: [UInt8], sound: [UInt8])] = [
    ("shch", "sh"), ("tsch", "ch"), ("sch", "sh"), ("tch", "ch"), ("sh", "sh"), ("ch", "ch"), ("zh", "zh"),
    ("kh", "h"), ("tz", "ts"), ("ph", "f"), ("ck", "k"), ("ce", "se"), ("ci", "si"), ("cy", "si"), ("c", "k"),
    ("q", "k"), ("w", "v"), ("x", "ks"), ("y", "i"), ("j", "i"),
  ].map { (Array($0.utf8), Array($1.utf8)) }

  private static func latin(_ word: [UInt8]) -> [UInt8]? {
    guard word.contains(where: { $0 > UInt8(ascii: "9") }) else { return nil }
    var letters: [UInt8] = []
    var i = 0
    while i < word.count {
      let rest = word[i...]
      if rest.starts(with: "yo".utf8), let last = letters.last, !isVowel(last) {
        // Russian's ё, which folds into е.
        letters.append(UInt8(ascii: "e"))
        i += 2
      } else if let group = groups.first(where: { rest.starts(with: $0.spelling) }) {
        letters += group.sound
        i += group.spelling.count
      } else {
        letters.append(word[i])
        i += 1
      }
    }
    return letters
  }

  private static func isVowel(_ letter: UInt8) -> Bool { "aeiou".utf8.contains(letter) }

  // MARK: From both

  /// Without doubled letters, and with one letter for pairs of vowels that are spelled with either: `Grigorjew` and
  /// `Grigoriev`, `Müller` and `Mueller`.
  private static func merged(_ letters: [UInt8]) -> [UInt8] {
    var key: [UInt8] = []
    for letter in letters {
      if letter == UInt8(ascii: "e") {
        if key.last == UInt8(ascii: "i") { key.removeLast() }
        if let last = key.last, "aou".utf8.contains(last) { continue }
      }
      if letter != key.last || letter <= UInt8(ascii: "9") { key.append(letter) }
    }
    return key
  }
}
