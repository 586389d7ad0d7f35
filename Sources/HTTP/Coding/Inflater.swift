import CZlib

/// Unpacks a body that comes in slices, within a bound.
final class Inflater {
  /// What a slice came to.
  enum Outcome: Equatable {
    case more
    /// It is not what it says it is.
    case malformed
    /// Unpacked it is larger than the bound.
    case tooLarge
  }

  /// How much is unpacked between two looks at the bound.
  private static let step = 32 << 10

  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let coding: ContentCoding
  private var isOpen = false
  /// Whether the packed data ended where the input ends now.
  private(set) var isComplete = false

  init(_ coding: ContentCoding) {
    self.coding = coding
    stream.initialize(to: z_stream())
  }

  deinit {
    if isOpen { inflateEnd(stream) }
    stream.deallocate()
  }

  /// Unpacks a slice to the end of `output`, which may become `bound` long.
  func unpack(_ input: UnsafeBufferPointer<UInt8>, to output: inout [UInt8], bound: Int) -> Outcome {
    guard let base = input.baseAddress, !input.isEmpty else { return .more }
    if !isOpen {
      // "deflate" is zlib's format (RFC 9110, 8.4.1.2), but some send it bare; their first bytes differ.
      let isZlib = base[0] & 0x0F == 8 && base[0] >> 4 <= 7
      let bits: Int32 = coding == .gzip ? 15 + 16 : isZlib ? 15 : -15
      guard inflateInit2_(stream, bits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        return .malformed
      }
      isOpen = true
    }
    stream.pointee.next_in = UnsafeMutablePointer(mutating: base)
    stream.pointee.avail_in = UInt32(input.count)
    while stream.pointee.avail_in > 0 {
      if isComplete {
        // A gzip file may have several members (RFC 1952, 2.2); anything else behind the end is garbage.
        guard coding == .gzip, inflateReset(stream) == Z_OK else { return .malformed }
        isComplete = false
      }
      let outcome = inflateStep(to: &output, bound: bound)
      if outcome != .more { return outcome }
    }
    return .more
  }

  /// Unpacks until the input is used up, the packed data ends, or the bound is passed.
  private func inflateStep(to output: inout [UInt8], bound: Int) -> Outcome {
    while true {
      let before = output.count
      // One byte more than the bound tells too large from just enough.
      let room = min(Self.step, bound + 1 - before)
      var result = Z_OK
      var produced = 0
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(room)
        result = inflate(stream, Z_NO_FLUSH)
        produced = room - Int(stream.pointee.avail_out)
        output.append(contentsOf: UnsafeBufferPointer(start: buffer.baseAddress, count: produced))
      }
      if output.count > bound { return .tooLarge }
      switch result {
      case Z_STREAM_END:
        isComplete = true
        return .more
      case Z_OK where produced == room: continue
      case Z_OK, Z_BUF_ERROR: return stream.pointee.avail_in == 0 ? .more : .malformed
      default: return .malformed
      }
    }
  }
}
