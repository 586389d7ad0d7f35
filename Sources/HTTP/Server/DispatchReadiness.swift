import Dispatch
import Glibc

/// Readiness by Dispatch sources on one serial queue: portable, and a third slower than epoll.
///
/// `@unchecked Sendable`: all but the queue is
/// protected by being touched on the queue only.
final class DispatchReadiness: Readiness, @unchecked Sendable {
  /// The sources of one socket.
  ///
  /// A source that is suspended must be resumed before it may be cancelled or freed.
  ///
  /// `@unchecked Sendable`: it is
  /// protected by being touched on the queue only.
  private final class Watch: @unchecked Sendable {
    let token: Token
    var interest: Interest = []
    var read: (any DispatchSourceRead)?
    var write: (any DispatchSourceWrite)?
    var isReading = false
    var isWriting = false
    /// Sources that have not confirmed their cancellation; the descriptor is closed after the last.
    var open = 0

    init(_ token: Token) { self.token = token }
  }

  private let queue: DispatchQueue
  private var loop: Loop?
  private var timer: (any DispatchSourceTimer)?
  private var watches: [Token: Watch] = [:]
  private var openSources = 0
  private var isFinished = false

  init(label: String) { queue = DispatchQueue(label: label) }

  func start(_ loop: Loop) {
    queue.async { @Sendable in
      self.loop = loop
      loop.begin()
      let timer = DispatchSource.makeTimerSource(queue: self.queue)
      timer.schedule(
        deadline: .now() + .milliseconds(Tick.milliseconds), repeating: .milliseconds(Tick.milliseconds))
      timer.setEventHandler { @Sendable in self.turn { _ in } }
      timer.activate()
      self.timer = timer
    }
  }

  func watch(_ token: Token, for interest: Interest) -> Bool {
    watches[token] = Watch(token)
    change(token, to: interest)
    return true
  }

  func change(_ token: Token, to interest: Interest) {
    guard let watch = watches[token] else { return }
    watch.interest = interest
    if interest.contains(.read) != watch.isReading { toggleRead(watch) }
    if interest.contains(.write) != watch.isWriting { toggleWrite(watch) }
  }

  func close(_ token: Token) {
    guard let watch = watches.removeValue(forKey: token) else { return }
    if !watch.isReading { watch.read?.resume() }
    if !watch.isWriting { watch.write?.resume() }
    watch.read?.cancel()
    watch.write?.cancel()
    if watch.open == 0 { Glibc.close(token.descriptor) }
  }

  func wake() {
    queue.async { @Sendable in self.turn { _ in } }
  }

  func finish() { isFinished = true }

  private func turn(_ use: (Loop) -> Void) {
    guard let loop else { return }
    loop.beginTurn()
    use(loop)
    loop.endTurn()
    conclude()
  }

  /// Ends when the loop is finished and the last descriptor is closed.
  private func conclude() {
    guard isFinished, openSources == 0, let loop else { return }
    timer?.cancel()
    timer = nil
    self.loop = nil
    loop.end()
  }

  private func toggleRead(_ watch: Watch) {
    watch.isReading.toggle()
    if let source = watch.read {
      if watch.isReading { source.resume() } else { source.suspend() }
      return
    }
    let token = watch.token
    let source = DispatchSource.makeReadSource(fileDescriptor: token.descriptor, queue: queue)
    source.setEventHandler { @Sendable in self.turn { $0.ready(token, .readable) } }
    source.setCancelHandler { @Sendable in self.cancelled(watch) }
    watch.open += 1
    openSources += 1
    watch.read = source
    source.activate()
  }

  private func toggleWrite(_ watch: Watch) {
    watch.isWriting.toggle()
    if let source = watch.write {
      if watch.isWriting { source.resume() } else { source.suspend() }
      return
    }
    let token = watch.token
    let source = DispatchSource.makeWriteSource(fileDescriptor: token.descriptor, queue: queue)
    source.setEventHandler { @Sendable in self.turn { $0.ready(token, .writable) } }
    source.setCancelHandler { @Sendable in self.cancelled(watch) }
    watch.open += 1
    openSources += 1
    watch.write = source
    source.activate()
  }

  private func cancelled(_ watch: Watch) {
    watch.open -= 1
    openSources -= 1
    if watch.open == 0 { Glibc.close(watch.token.descriptor) }
    conclude()
  }
}
