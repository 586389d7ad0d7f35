import Base
import Glibc

extension Timeline {
  /// Words that are searched for in events: each must stand in the event's name or in a text among its properties,
  /// whole or as a part of a word, in any case of letters; `ё` is `е`.
  package struct Phrase: Sendable {
    /// A search is a few words: the longest name of a product fits.
    package static let longest = 200

    private let words: [[UInt8]]

    /// - Throws: `invalid` where there is no word, or more than `longest` characters.
    package init(_ text: String) throws {
      guard text.unicodeScalars.count <= Self.longest else {
        throw Self.wrong("has more than \(Self.longest) characters")
      }
      var folded: [UInt8] = []
      var text = text
      text.withUTF8 { Self.fold($0, to: &folded) }
      words = folded.split { $0 <= UInt8(ascii: " ") }.map { Array($0) }
      if words.isEmpty { throw Self.wrong("has no word") }
    }

    private static func wrong(_ reason: String) -> Failure {
      Failure(.invalid, "the query's q \(reason)", faults: [.init("/q", reason)])
    }

    /// Whether each word stands in the event.
    func matches(_ event: StoredEvent) throws -> Bool {
      var text: [UInt8] = []
      text.reserveCapacity(event.body.count)
      if var name = event.name { name.withUTF8 { Self.fold($0, to: &text) } }
      if let properties = Timeline.properties(of: try JSONDocument(event.body).root, kind: event.kind) {
        Self.gather(properties, to: &text)
      }
      return text.withUnsafeBufferPointer { text in
        words.allSatisfy { word in word.withUnsafeBufferPointer { Self.has($0, in: text) } }
      }
    }

    private static func has(_ word: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
      guard var place = text.baseAddress, let first = word.first, let start = word.baseAddress else { return false }
      let end = place + text.count
      // The C library looks for one byte sixteen at a time.
      while end - place >= word.count, let found = memchr(place, Int32(first), end - place - word.count + 1) {
        if memcmp(found, start, word.count) == 0 { return true }
        place = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) + 1
      }
      return false
    }

    /// Adds every text among the values, each on a line of its own, so that no word is found across two of them.
    private static func gather(_ json: JSON, to text: inout [UInt8]) {
      switch json.kind {
      case .string:
        text.append(UInt8(ascii: "\n"))
        json.withStringBytes { fold($0, to: &text) }
      case .object: for member in json.rawMembers { gather(member.value, to: &text) }
      case .array: for element in json.elements { gather(element, to: &text) }
      case .number, .boolean, .null: break
      }
    }

    /// Adds valid UTF-8 as it is compared: without case, with `е` for `ё`.
    ///
    /// English and Russian letters are folded in a loop, which takes a tenth of what the library needs for any letter.
    private static func fold(_ utf8: UnsafeBufferPointer<UInt8>, to folded: inout [UInt8]) {
      let start = folded.count
      var index = 0
      while index < utf8.count {
        let byte = utf8[index]
        if byte < 0x80 {
          folded.append(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte)
          index += 1
        } else if byte == 0xD0 || byte == 0xD1, let letter = small(UInt16(byte) << 8 | UInt16(utf8[index + 1])) {
          folded.append(UInt8(letter >> 8))
          folded.append(UInt8(letter & 0xFF))
          index += 2
        } else {
          folded.removeSubrange(start...)
          let text = String(decoding: utf8, as: UTF8.self)
          folded.append(contentsOf: (text.caseFolded ?? text).replacing("ё", with: "е").utf8)
          return
        }
      }
    }

    /// The small letter of a Russian one, both as their two bytes; nil for any other.
    private static func small(_ letter: UInt16) -> UInt16? {
      switch letter {
      case 0xD090...0xD09F: letter + 0x20  // А to П
      case 0xD0A0...0xD0AF: letter + 0xE0  // Р to Я
      case 0xD081, 0xD191: 0xD0B5  // Ё, ё
      case 0xD0B0...0xD0BF, 0xD180...0xD18F: letter
      default: nil
      }
    }
  }
}
