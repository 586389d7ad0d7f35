import Glibc

/// One client's connection; it stays on its loop for life.
///
/// Idle it holds no buffer: bytes that wait are in `stash`, a body on its way in `incoming`, answers that the client
/// has not read yet in `backlog`.
///
/// `@unchecked Sendable`: exchanges carry it between threads, but all that changes in it is
/// protected by being touched on its loop's thread only.
final class Connection: @unchecked Sendable {
  /// What the connection is about.
  enum Phase: UInt8 {
    /// A request may begin.
    case open
    /// A body is arriving.
    case body
    /// A handler has the request and owes the answer.
    case handling
    /// An event stream is being written.
    case streaming
    /// The last answer is being sent.
    case closing
    /// It is sent, and what the client still sends is thrown away.
    case lingering
    case closed
  }

  /// What the deadline stands for.
  enum Timer: UInt8 {
    case none
    case head
    case idle
    case body
    case answer
    case write
    case linger
    case stream
  }

  let loop: Loop
  let token: Token
  let peer: PeerAddress
  var tls: TLSSession?

  var phase = Phase.open
  var timer = Timer.none
  /// When what the timer is about began.
  var since: UInt32 = 0
  var interest = Interest.read
  /// Counts the requests; tells an answer for this one from a late one for an earlier one.
  var serial: UInt32 = 0

  var stash = ByteStash()
  var incoming: IncomingRequest?
  var backlog: Backlog?
  var stream: EventStream?

  // What the answer to the request in hand depends on.
  var route = CompiledRoute.none
  var method: Method? = .get
  var isHTTP10 = false
  var keepsAlive = true
  var packing = Packing.off
  /// The origin of the page that asks, where the route's policy lets it in.
  var origin: String?
  var startedAt: UInt64 = 0
  var bytesIn = 0

  /// Whether what the client still sends must be read before closing, lest a reset takes the answer from it.
  var lingers = false
  /// Whether the client sends no more.
  var inputEnded = false
  /// Whether complete requests may wait in the stash, because the output bound was reached.
  var hasQueuedRequests = false
  /// Whether it is one too many, which is told so and not counted.
  var isTurnedAway = false
  var lingered = 0

  init(loop: Loop, token: Token, peer: PeerAddress) {
    self.loop = loop
    self.token = token
    self.peer = peer
  }

  deinit { stash.release() }

  var descriptor: Int32 { token.descriptor }
}
