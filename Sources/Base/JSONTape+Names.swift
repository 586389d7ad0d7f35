extension JSONTape {
  /// Up to so many names are compared with each other; more go through a hash table.
  ///
  /// Sixteen names are at most 120 comparisons, cheaper than a table and its memory.
  private static let namesComparedInPairs = 16

  /// Throws `duplicateName` if the object at `object`, all of it on the tape, has two members of one name.
  ///
  /// Names are compared as what they mean: `"a"` and `"\u0061"` are the same.
  func refuseDuplicateNames(ofObject object: Int, in text: JSONText) throws(JSONFailure) {
    let entry = self[object]
    guard entry.count > 1 else { return }
    if entry.count > JSONTape.namesComparedInPairs {
      try refuseByTable(object, text)
    } else {
      try refuseByPairs(object, text)
    }
  }

  /// Index of the name behind the member whose name is at `name`.
  @inline(__always)
  private func name(after name: Int) -> Int { Int(self[name &+ 1].next) }

  private func refuseByPairs(_ object: Int, _ text: JSONText) throws(JSONFailure) {
    let end = Int(self[object].next)
    // One of 64 bits for each name: while all differ, and eight or ten names mostly do, nothing is compared.
    var seen: UInt64 = 0
    var name = object &+ 1
    while name < end {
      let bit = mark(of: name, text)
      if seen & bit != 0 {
        var earlier = object &+ 1
        while earlier < name {
          if isSameName(earlier, name, text) { throw JSONFailure(.duplicateName, at: Int(self[name].start)) }
          earlier = self.name(after: earlier)
        }
      }
      seen |= bit
      name = self.name(after: name)
    }
  }

  /// A bit that two spellings of one name share: all bits if one has escapes.
  @inline(__always)
  private func mark(of name: Int, _ text: JSONText) -> UInt64 {
    let entry = self[name]
    if entry.isEscaped { return .max }
    let content = entry.content
    // Names of one object often begin alike ("userId", "userAgent"): length, middle and last byte part most of them.
    guard let last = content.last else { return 1 }
    let middle = content.lowerBound &+ content.count / 2
    let mixed = UInt64(text[last]) &* 7 &+ UInt64(text[middle]) &* 3 &+ UInt64(content.count)
    return 1 << (mixed & 63)
  }

  private func refuseByTable(_ object: Int, _ text: JSONText) throws(JSONFailure) {
    let end = Int(self[object].next)
    // Twice the names and a power of two; `Hasher` is seeded for each process, so nobody can choose names that collide.
    let mask = 1 << (Int.bitWidth - (self[object].count * 2).leadingZeroBitCount) - 1
    var slots = [UInt32](repeating: 0, count: mask + 1)
    var name = object + 1
    while name < end {
      var slot = hash(of: name, text) & mask
      while slots[slot] != 0 {
        if isSameName(Int(slots[slot]), name, text) { throw JSONFailure(.duplicateName, at: Int(self[name].start)) }
        slot = (slot + 1) & mask
      }
      slots[slot] = UInt32(name)
      name = self.name(after: name)
    }
  }

  private func hash(of name: Int, _ text: JSONText) -> Int {
    var hasher = Hasher()
    if self[name].isEscaped {
      text.unescaped(self[name].content).withUnsafeBytes { hasher.combine(bytes: $0) }
    } else {
      hasher.combine(bytes: UnsafeRawBufferPointer(text.slice(self[name].content)))
    }
    return hasher.finalize()
  }

  private func isSameName(_ a: Int, _ b: Int, _ text: JSONText) -> Bool {
    let (first, second) = (self[a], self[b])
    if first.isEscaped || second.isEscaped {
      return text.unescaped(first.content) == text.unescaped(second.content)
    }
    return text.slice(first.content).isSame(as: text.slice(second.content))
  }
}
