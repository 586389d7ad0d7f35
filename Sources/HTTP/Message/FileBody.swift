import Glibc

/// A file that is the body of an answer: read as the client takes it, so that it needs no memory of its length.
///
/// It is what was opened, also when its name is taken away meanwhile. It must not get shorter.
public final class FileBody: Sendable {
  /// How long it is, in bytes.
  public let count: Int
  private let descriptor: Int32

  /// The file at a path, or nil where there is none to read.
  public init?(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// How much is read at a time: what a socket's buffer takes.
  static let piece = 128 << 10

  /// The bytes from `offset` on, at most `piece` of them; nil where they cannot be read.
  func read(from offset: Int) -> [UInt8]? {
    let length = min(Self.piece, count - offset)
    var read = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
      read = pread(descriptor, buffer.baseAddress, length, off_t(offset))
      initialized = max(read, 0)
    }
    return read > 0 ? bytes : nil
  }
}
