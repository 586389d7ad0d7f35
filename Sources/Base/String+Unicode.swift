import CUnistring
import Glibc

extension String {
  /// The text in Unicode's normalization form C (UAX #15), or nil where there is no memory for it.
  ///
  /// Characters below U+0300 have one spelling only, so texts of these are given back as they are.
  var composed: String? {
    // The first of them begins with the byte CC.
    utf8.allSatisfy { $0 < 0xCC } ? self : mapped(tl_compose)
  }

  /// The text in which letters that differ only by case are the same (Unicode's full case folding), in form C, or nil
  /// where there is no memory for it.
  var caseFolded: String? {
    utf8.allSatisfy { $0 < 0x80 } ? lowercased() : mapped(tl_fold)
  }

  private typealias Mapping = (
    UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?
  ) -> UnsafeMutablePointer<UInt8>?

  private func mapped(_ mapping: Mapping) -> String? {
    var length = 0
    let bytes = Array(utf8)
    // It asks for the memory itself where it is given none.
    guard let result = mapping(bytes, bytes.count, nil, &length) else { return nil }
    defer { free(result) }
    return String(decoding: UnsafeBufferPointer(start: result, count: length), as: UTF8.self)
  }
}
