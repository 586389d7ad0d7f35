/// How a request's body is packed.
enum ContentCoding: Equatable {
  case identity
  case gzip
  case deflate

  /// The coding of that name, or nil for one that is not understood, and for several.
  init?(_ name: UnsafePointer<UInt8>, _ count: Int) {
    if count == 0 || ByteScan.equal(name, count, "identity") {
      self = .identity
    } else if ByteScan.equal(name, count, "gzip") || ByteScan.equal(name, count, "x-gzip") {
      self = .gzip
    } else if ByteScan.equal(name, count, "deflate") {
      self = .deflate
    } else {
      return nil
    }
  }
}
