extension String {
  /// Whether it has 1 to `longest` characters and no control character.
  package func isPlainText(upTo longest: Int) -> Bool {
    (1...longest).contains(unicodeScalars.count) && !unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
  }
}
