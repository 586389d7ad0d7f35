/// Reads a chunked body (RFC 9112, 7.1) out of slices of bytes, without any input or output of its own.
///
/// It is strict for the same reason as the head's parser: a lone LF, a sign, a blank that is not before an extension,
/// or a size that does not fit is refused. Extensions and trailers are read within a bound and dropped.
package struct ChunkedDecoder: Sendable {
  /// What the next bytes are.
  package enum Step: Equatable, Sendable {
    /// These bytes of the input belong to the body.
    case data(Range<Int>)
    /// The input is used up.
    case needsMore
    /// The body is complete; what follows in the input belongs to the next request.
    case end
    case refused(Refusal)
  }

  private enum State: Sendable {
    case sizeStart
    case size
    case blank
    case `extension`
    case sizeLineFeed
    case data
    case dataReturn
    case dataLineFeed
    case lineStart
    case trailerName
    case trailerValue
    case trailerLineFeed
    case lastLineFeed
    case end
  }

  /// Eight digits are 4 GiB a chunk: more than any body here, and far from overflow.
  private static let sizeDigits = 8

  private var state = State.sizeStart
  private var remaining = 0
  private var digits = 0
  private var extensionBytes: Int
  private var trailerBytes: Int

  /// A decoder that lets so many bytes of extensions (in all chunks together) and of trailers pass.
  package init(extensionBytes: Int, trailerBytes: Int) {
    self.extensionBytes = extensionBytes
    self.trailerBytes = trailerBytes
  }

  /// Reads on from `at`, which it moves; to be called until it asks for more, ends or refuses.
  package mutating func next(_ input: UnsafeBufferPointer<UInt8>, at: inout Int) -> Step {
    if state == .end { return .end }
    while at < input.count {
      if state == .data {
        let count = min(remaining, input.count - at)
        let range = at..<at + count
        at += count
        remaining -= count
        if remaining == 0 { state = .dataReturn }
        return .data(range)
      }
      let byte = input[at]
      guard let next = follow(byte) else { return .refused(refusal()) }
      state = next
      at += 1
      if state == .end { return .end }
    }
    return .needsMore
  }

  /// The state after `byte`, or nil where it may not stand.
  private mutating func follow(_ byte: UInt8) -> State? {
    switch (state, byte) {
    case (.sizeStart, _) where hexadecimal(byte) != nil: return addDigit(byte)
    case (.size, _) where hexadecimal(byte) != nil: return addDigit(byte)
    case (.size, 0x0D), (.extension, 0x0D): return .sizeLineFeed
    case (.size, 0x3B), (.blank, 0x3B): return countExtension(.extension)
    case (.size, 0x20), (.size, 0x09), (.blank, 0x20), (.blank, 0x09): return countExtension(.blank)
    case (.extension, _) where byte == 0x09 || byte >= 0x20 && byte != 0x7F: return countExtension(.extension)
    case (.sizeLineFeed, 0x0A): return remaining == 0 ? .lineStart : .data
    case (.dataReturn, 0x0D): return .dataLineFeed
    case (.dataLineFeed, 0x0A):
      digits = 0
      return .sizeStart
    case (.lineStart, 0x0D): return .lastLineFeed
    case (.lastLineFeed, 0x0A): return .end
    case (.lineStart, _) where isTokenByte(byte): return countTrailer(.trailerName)
    case (.trailerName, _) where isTokenByte(byte): return countTrailer(.trailerName)
    case (.trailerName, 0x3A): return countTrailer(.trailerValue)
    case (.trailerValue, 0x0D): return .trailerLineFeed
    case (.trailerValue, _) where byte == 0x09 || byte >= 0x20 && byte != 0x7F: return countTrailer(.trailerValue)
    case (.trailerLineFeed, 0x0A): return .lineStart
    default: return nil
    }
  }

  private mutating func addDigit(_ byte: UInt8) -> State? {
    guard let value = hexadecimal(byte), digits < Self.sizeDigits else { return nil }
    digits += 1
    remaining = remaining << 4 | Int(value)
    return .size
  }

  private mutating func countExtension(_ next: State) -> State? {
    extensionBytes -= 1
    return extensionBytes >= 0 ? next : nil
  }

  private mutating func countTrailer(_ next: State) -> State? {
    trailerBytes -= 1
    return trailerBytes >= 0 ? next : nil
  }

  private func refusal() -> Refusal {
    if trailerBytes < 0 { return Refusal(.headerFieldsTooLarge, "The trailer is too large.") }
    if extensionBytes < 0 { return Refusal(.badRequest, "The chunk extensions are too large.") }
    return Refusal(.badRequest, "The chunked body is malformed.")
  }
}
