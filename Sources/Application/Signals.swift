import Dispatch
import Glibc

/// SIGTERM and SIGINT end the server, SIGHUP reads its certificates anew.
struct Signals {
  private let ended: DispatchSemaphore
  private let sources: [any DispatchSourceSignal]

  /// Listens for the signals from now on: until a source is registered, a signal of its number has its default action.
  init(onHangup: @escaping @Sendable () -> Void) {
    let ended = DispatchSemaphore(value: 0)
    let queue = DispatchQueue(label: "throughline.signals")
    let registered = DispatchGroup()
    sources = [SIGTERM, SIGINT, SIGHUP].map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { @Sendable in
        if number == SIGHUP { onHangup() } else { ended.signal() }
      }
      registered.enter()
      source.setRegistrationHandler { @Sendable in registered.leave() }
      source.resume()
      return source
    }
    registered.wait()
    self.ended = ended
  }

  /// Waits for SIGTERM or SIGINT.
  func wait() {
    ended.wait()
    for source in sources { source.cancel() }
  }
}
