import Glibc

/// Bytes that a connection must keep between two turns; an idle connection has none.
struct ByteStash {
  private(set) var bytes: UnsafeMutablePointer<UInt8>?
  private(set) var count = 0
  private var capacity = 0

  var isEmpty: Bool { count == 0 }

  /// Appends bytes, which must not be its own.
  mutating func append(_ source: UnsafePointer<UInt8>, _ length: Int) {
    if count + length > capacity {
      /// Most leftovers are a head cut in two.
      let smallest = 512
      capacity = max(capacity * 2, count + length, smallest)
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
      if let bytes {
        memcpy(larger, bytes, count)
        bytes.deallocate()
      }
      bytes = larger
    }
    if let bytes { memcpy(bytes + count, source, length) }
    count += length
  }

  /// Drops the first bytes; gives the memory back where none are left.
  mutating func drop(_ length: Int) {
    count -= length
    if count == 0 {
      release()
    } else if length > 0, let bytes {
      memmove(bytes, bytes + length, count)
    }
  }

  /// Gives the bytes away: the caller deallocates them.
  mutating func take() -> (bytes: UnsafeMutablePointer<UInt8>, count: Int)? {
    guard let bytes, count > 0 else {
      release()
      return nil
    }
    defer {
      self.bytes = nil
      capacity = 0
      count = 0
    }
    return (bytes, count)
  }

  /// Gives the memory back.
  mutating func release() {
    bytes?.deallocate()
    bytes = nil
    count = 0
    capacity = 0
  }
}
