import CUnistring
import Glibc

/// Text cut into words and folded, so that spellings that people take for the same are the same.
///
/// A word is a run of letters and digits. Case and the marks on letters do not count (`Müller` is `muller`, `ё` is `е`,
/// `й` is `и`), compatibility forms are their plain ones (UAX 15, NFKD; Unicode 15, 3.13, default case folding), and
/// apostrophes are no part of a word (`O’Brien` is `obrien`).
package enum FoldedText {
  /// The letters of a word that count: the longest surnames have about 30, and what is longer is no word but a blob.
  package static let longestWord = 32
  /// How much of a text is looked at, in scalars: a name or an address is shorter, and folding costs with the length.
  package static let longestText = 1_000

  /// The words of `text` in their order, at most `limit` of them.
  package static func words(of text: String, limit: Int) -> [String] {
    var words: [String] = []
    var word = Word()
    for scalar in foldedCase(text).unicodeScalars {
      switch FoldedLetter(scalar) {
      case .plain(let letter): word.append(letter)
      case .several(let letters): for letter in letters.unicodeScalars { word.append(letter) }
      case .mark where !word.isEmpty: word.append(scalar)
      case .mark, .separator:
        word.end(into: &words)
        if words.count == limit { return words }
      case .nothing: continue
      }
    }
    word.end(into: &words)
    return words
  }

  private struct Word {
    private var text = String.UnicodeScalarView()
    private var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ letter: Unicode.Scalar) {
      guard count < longestWord else { return }
      text.append(letter)
      count += 1
    }

    mutating func end(into words: inout [String]) {
      guard !isEmpty else { return }
      words.append(String(text))
      self = Word()
    }
  }

  /// The text with its case folded and its compatibility forms taken apart; plain Russian and English go as they are.
  private static func foldedCase(_ text: String) -> String {
    var text = String(text.unicodeScalars.prefix(longestText))
    if text.unicodeScalars.allSatisfy({ FoldedLetter.isPlain($0) }) { return text }
    return text.withUTF8 { bytes in
      var count = 0
      // It answers nothing only where there is no memory left.
      guard let folded = tl_fold_apart(bytes.baseAddress, bytes.count, nil, &count) else {
        preconditionFailure("no memory to fold a text")
      }
      defer { free(folded) }
      return String(decoding: UnsafeBufferPointer(start: folded, count: count), as: UTF8.self)
    }
  }
}
