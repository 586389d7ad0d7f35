import Glibc

/// A request whose body is still arriving, or must be freed from chunks or gzip: it owns its bytes.
///
/// Memory grows with what arrives, not with what a client announces.
final class IncomingRequest {
  /// What a slice of bytes came to.
  enum Progress: Equatable {
    case more
    case complete
    case refused(Refusal)
  }

  let head: RequestHead
  let route: CompiledRoute
  /// When its head was complete, for the deadline.
  let since: UInt32
  /// How much of the body came over the wire.
  private(set) var received = 0

  private let headBytes: UnsafeMutablePointer<UInt8>
  private let slots: UnsafeMutablePointer<HeaderSlot>
  private let parameters: UnsafeMutablePointer<PathParameter>
  private let maximum: Int
  private var decoder: ChunkedDecoder?
  private var remaining: Int
  private var inflater: Inflater?
  private var body: [UInt8] = []

  /// Copies the head out of the loop's buffers.
  init(
    _ request: borrowing Request, coding: ContentCoding, maximum: Int, limits: Limits, since: UInt32
  ) {
    head = request.head
    route = request.target
    self.since = since
    self.maximum = maximum
    headBytes = .allocate(capacity: head.length)
    memcpy(headBytes, request.bytes, head.length)
    slots = .allocate(capacity: max(head.headerCount, 1))
    slots.update(from: request.slots, count: head.headerCount)
    parameters = .allocate(capacity: Router.maximumParameters)
    parameters.update(from: request.parameters, count: Router.maximumParameters)
    remaining = head.contentLength ?? 0
    if head.isChunked {
      decoder = ChunkedDecoder(extensionBytes: limits.chunkExtensionBytes, trailerBytes: limits.trailerBytes)
    }
    if coding != .identity { inflater = Inflater(coding) }
  }

  deinit {
    headBytes.deallocate()
    slots.deallocate()
    parameters.deallocate()
  }

  /// Takes bytes of the body; `used` becomes how many of them were its own.
  func feed(_ input: UnsafeBufferPointer<UInt8>, used: inout Int) -> Progress {
    if decoder == nil {
      used = min(remaining, input.count)
      if let refusal = take(UnsafeBufferPointer(rebasing: input[0..<used])) { return .refused(refusal) }
      remaining -= used
      return remaining == 0 ? conclude() : .more
    }
    while let step = decoder?.next(input, at: &used) {
      switch step {
      case .data(let range):
        if let refusal = take(UnsafeBufferPointer(rebasing: input[range])) { return .refused(refusal) }
      case .needsMore: return .more
      case .end: return conclude()
      case .refused(let refusal): return .refused(refusal)
      }
    }
    return .more
  }

  private func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Refusal? {
    received += bytes.count
    if received > maximum { return Self.tooLarge }
    guard let inflater else {
      body.append(contentsOf: bytes)
      return nil
    }
    switch inflater.unpack(bytes, to: &body, bound: maximum) {
    case .more: return nil
    case .tooLarge: return Self.tooLarge
    case .malformed: return Self.malformed
    }
  }

  /// A body without a byte is empty whatever coding it claims.
  private func conclude() -> Progress {
    if let inflater, received > 0, !inflater.isComplete { return .refused(Self.malformed) }
    return .complete
  }

  private static let malformed = Refusal(.badRequest, "The body is not what its Content-Encoding says.")
  static let tooLarge = Refusal(.contentTooLarge, "The body is too large.")

  /// Lends the whole request.
  func withRequest(_ connection: Connection, _ use: (borrowing Request) -> Void) {
    body.withUnsafeBufferPointer { body in
      use(
        Request(
          bytes: headBytes, head: head, slots: slots, body: body, parameters: parameters, target: route,
          connection: connection))
    }
  }
}
