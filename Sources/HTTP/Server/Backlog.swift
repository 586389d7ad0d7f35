/// Answers that the client has not read yet, in order.
final class Backlog {
  private var pieces: [[UInt8]] = []
  private var offset = 0
  private(set) var count = 0
  /// What was sent since the client first did not keep up.
  private(set) var sent = 0

  /// Appends a piece without its first bytes, which were sent.
  func append(_ piece: [UInt8], from start: Int) {
    guard start < piece.count else { return }
    if pieces.isEmpty { offset = start }
    pieces.append(pieces.isEmpty || start == 0 ? piece : Array(piece[start...]))
    count += piece.count - start
  }

  /// Lends the first bytes; `use` returns how many of them are done with.
  func consume(_ use: (UnsafePointer<UInt8>, Int) -> Int) {
    guard let first = pieces.first else { return }
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
  }
}
