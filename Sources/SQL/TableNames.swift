/// Other names for tables and indexes, for the same statements over another table.
struct TableNames: Sendable {
  private let names: [String: String]

  init(_ names: [String: String] = [:]) { self.names = names }

  /// The text with every name replaced that stands as a whole word: a column must not be called like a table.
  func renamed(_ sql: String) -> String {
    if names.isEmpty { return sql }
    var text = ""
    var word = ""
    for character in sql {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
      } else {
        text += names[word] ?? word
        text.append(character)
        word = ""
      }
    }
    return text + (names[word] ?? word)
  }
}
