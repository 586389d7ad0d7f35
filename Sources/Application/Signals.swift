import Glibc

/// SIGTERM and SIGINT end the server, SIGHUP reads its certificates anew.
///
/// They are kept from every thread and fetched by the one that waits. So one that comes while the server starts is not
/// lost: ignoring them until somebody listens would lose it, and the server would never end.
struct Signals {
  private let numbers: sigset_t

  /// Keeps the signals from this thread and all that it starts from now on: before there are others.
  init() {
    var numbers = sigset_t()
    sigemptyset(&numbers)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&numbers, number) }
    pthread_sigmask(SIG_BLOCK, &numbers, nil)
    self.numbers = numbers
  }

  /// Waits for SIGTERM or SIGINT.
  func wait(onHangup: () -> Void) {
    var numbers = numbers
    var number: Int32 = 0
    while sigwait(&numbers, &number) == 0, number == SIGHUP { onHangup() }
  }
}
