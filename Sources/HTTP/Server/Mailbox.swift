import Synchronization

/// What other threads want of a loop.
enum Mail: Sendable {
  case answer(Exchange, Response)
  case stream(Exchange, EventStream)
  case events(EventStream)
  case stop(grace: Duration)
}

/// Where other threads leave it: many letters, one wake.
final class Mailbox: Sendable {
  private struct Contents {
    var letters: [Mail] = []
    var isAwake = false
    var isClosed = false
  }

  private let contents = Mutex(Contents())

  /// Leaves letters; true where the loop must be woken.
  ///
  /// Nobody reads what comes after the loop's end.
  func post(_ letters: some Sequence<Mail>) -> Bool {
    contents.withLock { contents in
      if contents.isClosed { return false }
      contents.letters.append(contentsOf: letters)
      defer { contents.isAwake = true }
      return !contents.isAwake
    }
  }

  /// Takes all letters; `letters`, which is empty, is left as the place for the next ones.
  func take(_ letters: inout [Mail]) {
    contents.withLock { contents in
      contents.isAwake = false
      swap(&contents.letters, &letters)
    }
  }

  /// Takes no more letters.
  func close() {
    contents.withLock { contents in
      contents.isClosed = true
      contents.letters = []
    }
  }
}
