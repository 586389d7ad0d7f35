import Dispatch
import Glibc

/// SIGTERM and SIGINT end the server, SIGHUP reads its certificates anew.
struct Signals {
  private let ended = DispatchSemaphore(value: 0)
  private let queue = DispatchQueue(label: "throughline.signals")

  /// Takes the signals from their default actions at once, so that none is lost before `wait`.
  init() { for number in [SIGTERM, SIGINT, SIGHUP] { signal(number, SIG_IGN) } }

  /// Waits for SIGTERM or SIGINT.
  func wait(onHangup: @escaping @Sendable () -> Void) {
    let sources = [SIGTERM, SIGINT, SIGHUP].map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      let ended = ended
      source.setEventHandler { @Sendable in
        if number == SIGHUP { onHangup() } else { ended.signal() }
      }
      source.resume()
      return source
    }
    ended.wait()
    for source in sources { source.cancel() }
  }
}
