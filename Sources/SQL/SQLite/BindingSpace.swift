import Glibc

/// Where the texts and bytes that statements are bound to stay until these are reset: a stack, since a statement may
/// run inside the rows of another.
final class BindingSpace {
  /// Room for the largest ordinary event and its outcome; what needs more gets memory of its own.
  private static let capacity = 64 << 10

  private let space = UnsafeMutableRawPointer.allocate(byteCount: BindingSpace.capacity, alignment: 1)
  private var used = 0

  deinit { space.deallocate() }

  /// Memory for `count` bytes, until it is released, the last one first.
  func reserve(_ count: Int) -> UnsafeMutableRawPointer {
    guard used + count <= Self.capacity else { return .allocate(byteCount: count, alignment: 1) }
    defer { used += count }
    return space + used
  }

  func release(_ place: UnsafeMutableRawPointer, _ count: Int) {
    if used >= count, place == space + (used - count) { used -= count } else { place.deallocate() }
  }
}

extension SQLValue {
  /// How many bytes it takes in a binding space.
  var size: Int {
    switch self {
    case .null, .integer: 0
    case .text(let text): text.utf8.count
    case .utf8(let bytes), .bytes(let bytes): bytes.count
    }
  }
}
