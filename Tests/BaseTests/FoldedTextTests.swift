import Testing

@testable import Base

@Suite struct FoldedTextTests {
  @Test(arguments: [
    ("Анна Щербакова", ["анна", "щербакова"]), ("Алёна ЁЛКИНА", ["алена", "елкина"]),
    ("Андрей АНДРЕЙ", ["андреи", "андреи"]),
    ("Jürgen Groß-Müller", ["jurgen", "gross", "muller"]), ("Ju\u{308}rgen", ["jurgen"]),
    ("O’Brien d'Arc", ["obrien", "darc"]),
    ("Øyvind Łukasz Æsir Þór", ["oyvind", "lukasz", "aesir", "thor"]),
    ("Лук'янов Їжак Єва Ґонта", ["лукянов", "ижак", "ева", "гонта"]),
    ("王小明", ["王小明"]), ("山田 太郎", ["山田", "太郎"]), ("مُحَمَّد", ["محمد"]), ("محـــمد", ["محمد"]), ("שָׁלוֹם", ["שלום"]),
    ("Ｆｕｌｌ １２３", ["full", "123"]), ("٠١٢٣", ["0123"]), ("ﬁne", ["fine"]), ("हिन्दी", ["हिनदी"]),
    ("❤️ 🎉👨‍👩‍👧", []), ("1️⃣", ["1"]), ("", []), (" \t\n-.,%_*'\"\0", []), ("a%b_c*", ["a", "b", "c"]),
    ("so\u{AD}ft", ["soft"]),
  ])
  func `a text is cut into words and folded`(text: String, words: [String]) {
    #expect(FoldedText.words(of: text, limit: 10).map { Array($0.utf8) } == words.map { Array($0.utf8) })
  }

  @Test func `its limits hold, and one past them is cut`() {
    let word = String(repeating: "я", count: FoldedText.longestWord)
    #expect(FoldedText.words(of: word, limit: 1) == [word])
    #expect(FoldedText.words(of: word + "я", limit: 1) == [word])
    #expect(FoldedText.words(of: "a b c", limit: 3).count == 3)
    #expect(FoldedText.words(of: "a b c d", limit: 3).count == 3)
    let text = String(repeating: "-", count: FoldedText.longestText - 1)
    #expect(FoldedText.words(of: text + "a", limit: 1) == ["a"])
    #expect(FoldedText.words(of: text + "-a", limit: 1) == [])
  }
}

@Suite struct SearchWordTests {
  @Test(arguments: [
    ["Щербакова", "Shcherbakova", "Scherbakova", "Sherbakova"],
    ["Юлия", "Yulia", "Julia", "Iuliia", "Yuliya", "Julija"],
    ["Фёдор", "Федор", "Fyodor", "Fedor"], ["Григорьев", "Grigoryev", "Grigoriev", "Grigorjew"],
    ["Müller", "Mueller", "Мюллер"],
    ["Мария", "Maria", "Mariya", "Marija"],
    ["Достоевский", "Dostoevsky", "Dostoevskiy", "Dostojewskij", "Dostoyevsky"],
    ["Чайковский", "Chaikovsky", "Tchaikovsky"], ["Жуков", "Zhukov"], ["Хрущёв", "Khrushchev", "Hruschev"],
    ["Шмидт", "Schmidt"],
    ["Анна", "Anna"], ["Алексей", "Alexey", "Aleksei", "Alexei"], ["Філіпп", "Philipp"], ["Максим", "Maxim", "Maksim"],
  ])
  func `the usual spellings of a name have one key`(names: [String]) {
    let keys = names.map { FoldedText.words(of: $0, limit: 1).compactMap { SearchWord($0).romanised }.first }
    if names[0] == "Müller" {
      // A Russian ю for ü is one letter more.
      #expect(keys[0] == keys[1])
      #expect(SearchWord("мюллер").nearness(of: SearchWord("muller")) == .mistake)
    } else {
      #expect(Set(keys).count == 1, "\(keys)")
    }
  }

  @Test(arguments: ["王小明", "محمد", "שלום", "γιωργος", "1234", ""])
  func `what is of another script has no such key`(word: String) {
    #expect(SearchWord(word).romanised == nil)
    #expect(SearchWord(word).keys == [word])
  }

  @Test(arguments: [
    ("иван", "иван", Nearness.exact), ("ivan", "иван", .exact), ("иван", "ivan", .exact), ("ив", "иванов", .prefix),
    ("iv", "иванов", .prefix), ("ив", "ivanov", .prefix), ("иавн", "иван", .mistake), ("mueller", "muller", .mistake),
    ("шмид", "schmidt", .prefix), ("ivna", "иван", .mistake), ("анн", "ана", nil), ("иван", "игорь", nil),
    ("2024", "2025", nil),
    ("anna", "ana", nil), ("ая", "яа", nil), ("петр", "иван", nil), ("ab12", "ab13", .mistake),
  ])
  func `how near a word is`(asked: String, found: String, nearness: Nearness?) {
    #expect(SearchWord(asked).nearness(of: SearchWord(found)) == nearness)
  }

  /// By the textbook's table (Damerau and Levenshtein, neighbours swapped), which is not how it is done.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var table = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in 0...a.count { table[i][0] = i }
    for j in 0...b.count { table[0][j] = j }
    for i in 0..<a.count {
      for j in 0..<b.count {
        var least = min(table[i][j + 1] + 1, table[i + 1][j] + 1, table[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, table[i - 1][j - 1] + 1) }
        table[i + 1][j + 1] = least
      }
    }
    return table[a.count][b.count]
  }

  private static let short: [String] = ["a", "b", "c"].reduce([""]) { words, _ in
    words + words.flatMap { w in ["a", "b", "c"].map { w + $0 } }
  }

  @Test func `one mistake is what the textbook says, for all short words`() {
    let words = Array(Set(Self.short)).sorted()
    var wrong: [String] = []
    for a in words {
      for b in words where SearchWord.isOneMistake(a, b) != (Self.distance(Array(a), Array(b)) == 1) {
        wrong.append("\(a) \(b)")
      }
    }
    #expect(words.count > 35 && wrong == [])
  }

  @Test func `words one mistake apart share a key, and only words of four letters and more have any`() {
    #expect(SearchWord("аня").variants == [] && SearchWord("12345").variants == [])
    #expect(SearchWord("иван").variants == ["ван", "иан", "ива", "ивн", "ian", "iva", "ivn", "van"].sorted())
    #expect(SearchWord.deletions(of: "aab") == ["ab", "aa"])
  }
}
