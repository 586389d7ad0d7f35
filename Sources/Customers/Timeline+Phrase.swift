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

    /// Adds valid UTF-8 in small letters, with `е` for `ё`.
    private static func fold(_ utf8: UnsafeBufferPointer<UInt8>, to folded: inout [UInt8]) {
      var index = 0
      while index < utf8.count {
        let byte = utf8[index]
        if byte < 0x80 {
          folded.append(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte)
          index += 1
          continue
        }
        let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        var scalar = UInt32(byte & (0x7F >> UInt8(length)))
        for next in utf8[(index + 1)..<(index + length)] { scalar = scalar << 6 | UInt32(next & 0x3F) }
        index += length
        append(scalar, to: &folded)
      }
    }

    private static func append(_ scalar: UInt32, to folded: inout [UInt8]) {
      switch scalar {
      case 0x410...0x42F: append(small: scalar + 0x20, to: &folded)
      case 0x401, 0x451: append(small: 0x435, to: &folded)
      case 0x430...0x44F: append(small: scalar, to: &folded)
      // What Macs write apart: the two dots of `ё`, and the breve of `й`.
      case 0x308 where folded.suffix(2) == [0xD0, 0xB5]: break
      case 0x306 where folded.suffix(2) == [0xD0, 0xB8]:
        folded.removeLast()
        folded.append(0xB9)
      default:
        guard let letter = Unicode.Scalar(scalar) else { return }
        folded.append(contentsOf: letter.properties.lowercaseMapping.utf8)
      }
    }

    /// Adds a letter of two bytes.
    private static func append(small scalar: UInt32, to folded: inout [UInt8]) {
      folded.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
      folded.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    }
  }
}
