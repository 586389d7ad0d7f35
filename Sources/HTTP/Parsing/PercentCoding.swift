/// Percent-encoding as addresses and forms have it.
enum PercentCoding {
  /// The decoded text, or nil where an escape is broken, stands for NUL, or the result is not UTF-8.
  ///
  /// NUL is refused because whoever hands the text to C would see another text.
  static func decode(_ bytes: UnsafeBufferPointer<UInt8>, plusIsSpace: Bool = false) -> String? {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      if byte == 0x25 {
        guard at + 2 < bytes.count, let high = hexadecimal(bytes[at + 1]), let low = hexadecimal(bytes[at + 2]),
          high | low != 0
        else { return nil }
        result.append(high << 4 | low)
        at += 3
      } else {
        result.append(byte == 0x2B && plusIsSpace ? 0x20 : byte)
        at += 1
      }
    }
    return String(validating: result, as: UTF8.self)
  }

  /// The items of a query or form, in order; those that cannot be decoded are left out.
  static func items(_ bytes: UnsafeBufferPointer<UInt8>) -> [(name: String, value: String)] {
    var items: [(String, String)] = []
    forEachItem(bytes) { name, value in
      if let name = decode(name, plusIsSpace: true), let value = decode(value, plusIsSpace: true) {
        items.append((name, value))
      }
      return true
    }
    return items
  }

  /// The value of the first item of that name.
  static func value(of wanted: String, in bytes: UnsafeBufferPointer<UInt8>) -> String? {
    var found: String?
    forEachItem(bytes) { name, value in
      guard isEqual(name, wanted) else { return true }
      found = decode(value, plusIsSpace: true)
      return found == nil
    }
    return found
  }

  private static func isEqual(_ name: UnsafeBufferPointer<UInt8>, _ wanted: String) -> Bool {
    if name.contains(where: { $0 == 0x25 || $0 == 0x2B }) { return decode(name, plusIsSpace: true) == wanted }
    return name.elementsEqual(wanted.utf8)
  }

  private static func forEachItem(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
  ) {
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x26) ?? bytes.count
      if end > start {
        let equals = bytes[start..<end].firstIndex(of: 0x3D) ?? end
        let name = UnsafeBufferPointer(rebasing: bytes[start..<equals])
        let value = UnsafeBufferPointer(rebasing: bytes[min(equals + 1, end)..<end])
        guard body(name, value) else { return }
      }
      start = end + 1
    }
  }
}
