/// Answers that the client has not read yet, in order.
final class Backlog {
  private enum Piece {
    case bytes([UInt8])
    /// What is left of a file, behind what of it was read.
    case file(FileBody, from: Int)
  }

  private var pieces: [Piece] = []
  private var offset = 0
  private(set) var count = 0
  /// What was sent since the client first did not keep up.
  private(set) var sent = 0

  /// Appends a piece without its first bytes, which were sent.
  func append(_ piece: [UInt8], from start: Int) {
    guard start < piece.count else { return }
    if pieces.isEmpty { offset = start }
    pieces.append(.bytes(pieces.isEmpty || start == 0 ? piece : Array(piece[start...])))
    count += piece.count - start
  }

  /// Appends a file.
  func append(_ file: FileBody) {
    guard file.count > 0 else { return }
    pieces.append(.file(file, from: 0))
    count += file.count
  }

  /// Lends the first bytes; `use` returns how many of them are done with.
  ///
  /// - Returns: false where a file cannot be read.
  func consume(_ use: (UnsafePointer<UInt8>, Int) -> Int) -> Bool {
    guard case .bytes(let first)? = pieces.first else { return readFile() }
    let done = first.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { use($0 + offset, buffer.count - offset) } ?? 0
    }
    offset += done
    count -= done
    sent += done
    if offset == first.count {
      pieces.removeFirst()
      offset = 0
    }
    return true
  }

  /// Puts the next bytes of the file before what is left of it.
  private func readFile() -> Bool {
    guard case .file(let file, let start)? = pieces.first else { return false }
    guard let bytes = file.read(from: start) else { return false }
    let end = start + bytes.count
    pieces.replaceSubrange(0...0, with: [.bytes(bytes)] + (end < file.count ? [.file(file, from: end)] : []))
    return true
  }
}
