extension String {
  /// Without white space at either end.
  package var trimmed: Substring {
    // Most values begin and end with a visible ASCII character; asking Unicode's tables is dear.
    if let first = utf8.first, let last = utf8.last, Self.isVisible(first), Self.isVisible(last) { return self[...] }
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else { return self[endIndex...] }
    return self[first...last]
  }

  private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }
}
