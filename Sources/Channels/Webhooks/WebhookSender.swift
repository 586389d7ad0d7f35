import CCurl
import Dispatch
import Glibc
import Synchronization

/// A message as it goes out.
package struct WebhookRequest: Sendable {
  package var id: UInt64
  package var url: String
  package var headers: [String]
  package var body: [UInt8]

  package init(id: UInt64, url: String, headers: [String], body: [UInt8]) {
    (self.id, self.url, self.headers, self.body) = (id, url, headers, body)
  }
}

/// How a message that went out has ended.
package struct WebhookResult: Sendable {
  package var id: UInt64
  /// The answer's status; 0 where none came.
  package var status: Int
  /// How long the receiver asks to be left alone.
  package var retryAfter: Duration?
  /// Why no answer came, in words for the operator; empty where one did.
  package var reason: String

  package init(id: UInt64, status: Int, retryAfter: Duration? = nil, reason: String = "") {
    (self.id, self.status, self.retryAfter, self.reason) = (id, status, retryAfter, reason)
  }
}

/// What sends messages; all but `wake` is called by one thread.
package protocol WebhookSender: AnyObject, Sendable {
  /// Whether anything can be sent on this machine.
  var isReady: Bool { get }
  /// Sends a message.
  func start(_ request: WebhookRequest)
  /// Waits until a message has ended, or it is woken, or for so long, and answers those that have.
  func run(for patience: Duration) -> [WebhookResult]
  /// Ends `run` soon.
  func wake()
}

/// Sends by libcurl, many at once on one thread.
///
/// Redirects are not followed, no proxy is used, and each address is judged when it is connected to: so it is no use to
/// name a host whose address is another one the next time.
package final class CurlSender: WebhookSender {
  /// How long a receiver may take, to connect and to answer.
  package static let timeout: Duration = .seconds(20)

  private struct State: Sendable {
    // A pointer that is made once and freed when nobody can call any more.
    var address: UInt = 0
    var isMissing = false
    var refused: [WebhookResult] = []
  }

  private final class Judge: Sendable {
    let reach: @Sendable () -> WebhookReach
    init(_ reach: @escaping @Sendable () -> WebhookReach) { self.reach = reach }
  }

  private let judge: Judge
  private let state = Mutex(State())
  private let woken = DispatchSemaphore(value: 0)
  private let isWoken = Atomic<Bool>(false)

  /// - Parameter reach: which addresses may be connected to, asked each time.
  package init(_ reach: @escaping @Sendable () -> WebhookReach) { judge = Judge(reach) }

  deinit { if let curl { tl_curl_free(curl) } }

  /// The version of libcurl; nil where it is not on this machine.
  package static var version: String? {
    tl_curl_version().map { String(cString: $0) }?.split(separator: " ").first.map(String.init)
  }

  private var curl: OpaquePointer? { state.withLock { OpaquePointer(bitPattern: $0.address) } }

  package var isReady: Bool {
    state.withLock { state in
      if state.address != 0 || state.isMissing { return !state.isMissing }
      let context = Unmanaged.passUnretained(judge).toOpaque()
      let made = tl_curl_make(
        { context, address, length in
          guard let context, let address else { return false }
          let judge = Unmanaged<Judge>.fromOpaque(context).takeUnretainedValue()
          return judge.reach().allows(Array(UnsafeBufferPointer(start: address, count: length)))
        }, context)
      state.address = UInt(bitPattern: made)
      state.isMissing = made == nil
      return made != nil
    }
  }

  package func start(_ request: WebhookRequest) {
    guard isReady, let curl else { return fail(request, "libcurl is not on this machine") }
    let headers = request.headers.map { strdup($0) }
    defer { for header in headers { free(header) } }
    var lines = headers.map { UnsafePointer($0) } + [nil]
    let isStarted = tl_curl_post(
      curl, request.id, request.url, &lines, request.body, request.body.count,
      Int(Self.timeout.components.seconds) * 1000, judge.reach().allowsPlain)
    if !isStarted { fail(request, "it cannot be sent") }
  }

  private func fail(_ request: WebhookRequest, _ reason: String) {
    state.withLock { $0.refused.append(WebhookResult(id: request.id, status: 0, reason: reason)) }
  }

  package func run(for patience: Duration) -> [WebhookResult] {
    let failed = state.withLock { state in
      defer { state.refused = [] }
      return state.refused
    }
    let milliseconds = failed.isEmpty ? max(0, Int(patience / .milliseconds(1))) : 0
    guard let curl else {
      _ = woken.wait(timeout: .now() + .milliseconds(milliseconds))
      isWoken.store(false, ordering: .releasing)
      return failed
    }
    tl_curl_run(curl, Int32(milliseconds))
    isWoken.store(false, ordering: .releasing)
    var results = failed
    var ended = tl_curl_result()
    while tl_curl_next(curl, &ended) {
      let words = withUnsafeBytes(of: ended.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      results.append(
        WebhookResult(
          id: ended.id, status: Int(ended.status),
          retryAfter: ended.retry_after < 0 ? nil : .seconds(min(ended.retry_after, 1 << 30)),
          reason: ended.status == 0 && ended.refused ? "its address may not be connected to" : words))
    }
    return results
  }

  package func wake() {
    guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
    if let curl { tl_curl_wake(curl) } else { woken.signal() }
  }
}
