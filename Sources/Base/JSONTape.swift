/// What is known of the values of a text, in the order in which they begin: one entry for each value and each name.
///
/// An object is followed by name, value, name, value …, an array by its elements; `next` jumps over all that a value
/// holds, so a look-up touches only the members of one object. While a container is open its `next` is the index
/// of the container around it, so that the scanner needs no stack of its own and depth costs nothing.
///
/// Every entry needs at least two bytes of text (itself and a comma, colon or closing bracket), but for the open
/// containers, whose closing brackets are still to come, and the last value: a tape never holds more than
/// `bytes / 2 + depth + 1` entries, **at most 8 bytes of memory for a byte of text, and 1,040 more** at depth 64.
struct JSONTape: ~Copyable {
  /// One value or name, sixteen bytes.
  struct Entry {
    /// Offset of its first byte.
    var start: UInt32
    /// Offset behind its last byte.
    var end: UInt32
    /// Index of the entry after it and all that it holds.
    var next: UInt32
    /// Kind in three bits, one bit for "has escapes", then the number of elements or members.
    private var packed: UInt32

    @inline(__always)
    init(_ kind: JSON.Kind, start: Int, end: Int, next: Int, escaped: Bool = false) {
      self.start = UInt32(truncatingIfNeeded: start)
      self.end = UInt32(truncatingIfNeeded: end)
      self.next = UInt32(truncatingIfNeeded: next)
      packed = UInt32(kind.rawValue) | (escaped ? 8 : 0)
    }

    @inline(__always) var kind: JSON.Kind { JSON.Kind(rawValue: UInt8(packed & 7)) ?? .null }
    @inline(__always) var isEscaped: Bool { packed & 8 != 0 }
    @inline(__always) var count: Int { Int(packed >> 4) }
    @inline(__always) var range: Range<Int> { Int(start)..<Int(end) }
    /// What stands between the quotes of a string.
    @inline(__always) var content: Range<Int> { Int(start) + 1..<Int(end) - 1 }

    /// One element or member more; 28 bits are enough for as many as `JSONDocument.maximumBytes` can hold.
    @inline(__always) mutating func countOne() { packed &+= 16 }
  }

  private var entries: UnsafeMutablePointer<Entry>
  private var capacity: Int
  private let maximumCapacity: Int
  private(set) var count = 0

  /// An empty tape for a text of that many bytes.
  init(forBytes bytes: Int, maximumDepth: Int) {
    maximumCapacity = bytes / 2 + maximumDepth + 1
    // An event has a value or name for every 13 bytes or more: most tapes never grow.
    capacity = min(bytes / 12 + 8, maximumCapacity)
    entries = .allocate(capacity: capacity)
  }

  deinit { entries.deallocate() }

  /// How much memory it takes.
  var memory: Int { capacity * MemoryLayout<Entry>.stride }

  /// The entry at an index below `count`.
  @inline(__always)
  subscript(index: Int) -> Entry {
    get {
      assert(index < count)
      return entries[index]
    }
    set {
      assert(index < count)
      entries[index] = newValue
    }
  }

  /// Adds an entry at index `count`.
  @inline(__always)
  mutating func append(_ entry: Entry) {
    if count == capacity { grow() }
    entries[count] = entry
    count &+= 1
  }

  @inline(never)
  private mutating func grow() {
    precondition(capacity < maximumCapacity, "every entry stands for bytes of the text")
    capacity = min(capacity * 2, maximumCapacity)
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
    larger.moveInitialize(from: entries, count: count)
    entries.deallocate()
    entries = larger
  }
}

// Protected by never changing once the document that owns it is made.
extension JSONTape: @unchecked Sendable {}
