import Glibc

/// Bytes on their way out, gathered during one turn of a loop.
final class OutputBuffer {
  /// Holds a usual turn; what is larger is given back when it was sent.
  private static let usualCapacity = 64 << 10

  private(set) var bytes: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity = OutputBuffer.usualCapacity

  init() { bytes = .allocate(capacity: capacity) }

  deinit { bytes.deallocate() }

  /// Makes room for `more` bytes.
  @inline(__always)
  func reserve(_ more: Int) {
    if count &+ more > capacity { grow(more) }
  }

  @inline(never)
  private func grow(_ more: Int) {
    capacity = max(capacity * 2, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    memcpy(larger, bytes, count)
    bytes.deallocate()
    bytes = larger
  }

  /// Forgets all bytes.
  func clear() {
    count = 0
    guard capacity > Self.usualCapacity * 4 else { return }
    bytes.deallocate()
    capacity = Self.usualCapacity
    bytes = .allocate(capacity: capacity)
  }

  @inline(__always)
  func append(_ source: UnsafeRawPointer, _ length: Int) {
    reserve(length)
    memcpy(bytes + count, source, length)
    count &+= length
  }

  @inline(__always)
  func append(_ text: StaticString) { append(text.utf8Start, text.utf8CodeUnitCount) }

  @inline(__always)
  func append(_ array: [UInt8]) {
    array.withUnsafeBytes { if let base = $0.baseAddress { append(base, $0.count) } }
  }

  /// Appends text for a header field; control characters become spaces, so that it cannot end the field.
  func appendField(_ text: String) {
    let start = count
    var text = text
    text.withUTF8 { if let base = $0.baseAddress { append(base, $0.count) } }
    var at = ByteScan.control(bytes, from: start, to: count)
    while at < count {
      bytes[at] = 0x20
      at = ByteScan.control(bytes, from: at, to: count)
    }
  }

  /// Appends a number that is not negative in decimal digits.
  func appendDecimal(_ number: Int) {
    reserve(20)
    var digits = 1
    var rest = number / 10
    while rest > 0 {
      digits &+= 1
      rest /= 10
    }
    rest = number
    for index in stride(from: count &+ digits &- 1, through: count, by: -1) {
      bytes[index] = UInt8(truncatingIfNeeded: 0x30 &+ rest % 10)
      rest /= 10
    }
    count &+= digits
  }

  /// Appends a number in lower-case hexadecimal digits.
  func appendHexadecimal(_ number: Int) {
    for byte in String(number, radix: 16).utf8 {
      reserve(1)
      bytes[count] = byte
      count &+= 1
    }
  }
}
