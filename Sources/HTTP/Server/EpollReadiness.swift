import CLinux
import Dispatch
import Glibc

/// Readiness by Linux's epoll: a block that runs on its own Dispatch queue until the loop is finished.
///
/// `@unchecked Sendable`: all but the two descriptors is
/// protected by being touched on the loop's thread only.
final class EpollReadiness: Readiness, @unchecked Sendable {
  /// Events taken at once: enough for every busy connection of a core.
  private static let batch = 512
  /// Not a token of any socket.
  private static let wakeToken = Token(rawValue: .max)

  private let epoll: Int32
  private let wakeup: Int32
  private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: EpollReadiness.batch)
  private let queue: DispatchQueue
  private var isFinished = false

  /// - Throws: `SocketError` where the process has no descriptors left.
  init(label: String) throws(SocketError) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw SocketError(call: "epoll_create1") }
    wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard wakeup >= 0 else {
      let error = SocketError(call: "eventfd")
      Glibc.close(epoll)
      throw error
    }
    queue = DispatchQueue(label: label)
    _ = control(EPOLL_CTL_ADD, wakeup, Self.wakeToken, .read)
  }

  deinit {
    Glibc.close(wakeup)
    Glibc.close(epoll)
    events.deallocate()
  }

  func start(_ loop: Loop) {
    queue.async { @Sendable in self.run(loop) }
  }

  func watch(_ token: Token, for interest: Interest) -> Bool {
    control(EPOLL_CTL_ADD, token.descriptor, token, interest)
  }

  func change(_ token: Token, to interest: Interest) {
    _ = control(EPOLL_CTL_MOD, token.descriptor, token, interest)
  }

  func close(_ token: Token) {
    // Closing the last descriptor of a socket takes it out of the set, but a Unix listener's is duplicated.
    if token.generation == 0 { _ = control(EPOLL_CTL_DEL, token.descriptor, token, []) }
    Glibc.close(token.descriptor)
  }

  func wake() {
    var one: UInt64 = 1
    _ = write(wakeup, &one, 8)
  }

  func finish() { isFinished = true }

  private func control(_ operation: Int32, _ descriptor: Int32, _ token: Token, _ interest: Interest) -> Bool {
    var mask: UInt32 = 0
    if interest.contains(.read) { mask |= EPOLLIN.rawValue }
    if interest.contains(.write) { mask |= EPOLLOUT.rawValue }
    var event = epoll_event(events: mask, data: epoll_data_t(u64: token.rawValue))
    return epoll_ctl(epoll, operation, descriptor, &event) == 0
  }

  private func run(_ loop: Loop) {
    loop.begin()
    while !isFinished {
      var count = epoll_wait(epoll, events, Int32(Self.batch), 0)
      if count == 0 {
        loop.beginWaiting()
        count = epoll_wait(epoll, events, Int32(Self.batch), loop.patience)
        loop.endWaiting()
      }
      loop.beginTurn()
      for index in 0..<Int(max(count, 0)) {
        let token = Token(rawValue: events[index].data.u64)
        if token == Self.wakeToken {
          var value: UInt64 = 0
          _ = read(wakeup, &value, 8)
          continue
        }
        loop.ready(token, Self.state(events[index].events))
      }
      loop.endTurn()
    }
    loop.end()
  }

  @inline(__always)
  private static func state(_ mask: UInt32) -> ReadyState {
    var state: ReadyState = []
    if mask & EPOLLIN.rawValue != 0 { state.insert(.readable) }
    if mask & EPOLLOUT.rawValue != 0 { state.insert(.writable) }
    if mask & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { state.insert(.hungUp) }
    return state
  }
}
