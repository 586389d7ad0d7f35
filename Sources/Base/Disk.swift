package import Glibc

/// Files as commands and jobs handle them: durable, and complete under a name before they have it.
package enum Disk {
  /// How much is copied at a time: enough for the disk to be busy, little enough for any machine.
  private static let step = 1 << 20

  /// What an operation that failed is told as.
  private static func failure(_ what: String, _ number: Int32 = errno) -> Failure {
    Failure(
      .unavailable, "\(what): \(String(cString: strerror(number)))",
      hint: number == ENOSPC ? "make room on the disk" : nil)
  }

  /// The file's identity and length, or nil where there is none.
  package static func status(_ path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }

  /// The path from the root, by the directory that the process works in.
  package static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return "\(String(cString: here))/\(path)"
  }

  /// The directory that a file stands in, and its name there.
  package static func split(_ path: String) -> (directory: String, name: String) {
    let path = absolute(path)
    guard let slash = path.lastIndex(of: "/") else { return ("/", path) }
    let directory = String(path[..<slash])
    return (directory.isEmpty ? "/" : directory, String(path[path.index(after: slash)...]))
  }

  /// Makes an empty file for its owner alone.
  ///
  /// - Throws: `unavailable`, also where there is one of that name.
  package static func make(_ path: String) throws {
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("\(path) cannot be made") }
    close(descriptor)
  }

  /// Makes the names in a directory durable.
  package static func sync(directory: String) throws {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("\(directory) cannot be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("\(directory) cannot be written") }
  }

  /// Gives a file another name, in one step and durably; what had the name is gone.
  package static func rename(_ path: String, to other: String) throws {
    guard Glibc.rename(path, other) == 0 else { throw failure("\(other) cannot be written") }
    try sync(directory: split(other).directory)
  }

  /// Gives a file a second name.
  ///
  /// - Throws: `unavailable`, also where there is a file of that name.
  package static func link(_ path: String, as other: String) throws {
    guard Glibc.link(path, other) == 0 else { throw failure("\(other) cannot be made") }
    try sync(directory: split(other).directory)
  }

  /// Copies what a file holds into a new one, durably.
  package static func copy(_ path: String, to other: String) throws {
    let source = open(path, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw failure("\(path) cannot be read") }
    defer { close(source) }
    let target = open(other, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard target >= 0 else { throw failure("\(other) cannot be made") }
    defer { close(target) }
    var buffer = [UInt8](repeating: 0, count: step)
    while true {
      let count = read(source, &buffer, buffer.count)
      guard count >= 0 else { throw failure("\(path) cannot be read") }
      if count == 0 { break }
      var written = 0
      while written < count {
        let more = buffer.withUnsafeBytes {
          Glibc.write(target, $0.baseAddress?.advanced(by: written), count - written)
        }
        guard more > 0 else { throw failure("\(other) cannot be written") }
        written += more
      }
    }
    guard fsync(target) == 0 else { throw failure("\(other) cannot be written") }
  }

  /// Writes all of the bytes to an open file.
  package static func write(_ bytes: [UInt8], to descriptor: Int32, _ name: String) throws {
    var written = 0
    while written < bytes.count {
      let more = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if more < 0, errno == EINTR { continue }
      guard more > 0 else { throw failure("\(name) cannot be written") }
      written += more
    }
  }

  /// Writes a file for its owner alone, which has its name only when it is whole and on the disk.
  ///
  /// - Parameters:
  ///   - partial: what it is called until then, in the same directory.
  ///   - body: hands the bytes over, piece by piece.
  /// - Returns: how long it is, in bytes.
  @discardableResult
  package static func write(
    _ path: String, beside partial: String, _ body: (_ sink: ([UInt8]) throws -> Void) throws -> Void
  ) throws -> Int {
    let descriptor = open(partial, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("\(path) cannot be made") }
    var count = 0
    do {
      defer { close(descriptor) }
      try body { bytes in
        try write(bytes, to: descriptor, path)
        count += bytes.count
      }
      guard fsync(descriptor) == 0 else { throw failure("\(path) cannot be written") }
    } catch {
      unlink(partial)
      throw error
    }
    try rename(partial, to: path)
    return count
  }
}
