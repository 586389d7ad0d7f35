extension Loop {
  /// Sets the deadline for what the connection is about now; one that runs already for the same goes on.
  ///
  /// So arriving bytes renew nothing. Bodies and answers on their way get what their size is worth at the slowest rate
  /// that is put up with.
  func setTimer(_ connection: Connection, _ timer: Connection.Timer) {
    switch timer {
    case .body:
      guard let incoming = connection.incoming else { return }
      connection.timer = .body
      table.setDeadline(connection, incoming.since &+ ticks.body &+ allowance(incoming.received))
      return
    case .write:
      let since = connection.timer == .write ? connection.since : tick
      connection.timer = .write
      connection.since = since
      table.setDeadline(connection, since &+ ticks.write &+ allowance(connection.backlog?.sent ?? 0))
      return
    default: break
    }
    guard connection.timer != timer else { return }
    connection.timer = timer
    connection.since = tick
    table.setDeadline(connection, tick &+ time(timer))
  }

  private func time(_ timer: Connection.Timer) -> UInt32 {
    switch timer {
    case .head: ticks.head
    case .idle: ticks.idle
    case .answer: ticks.answer
    case .linger: ticks.linger
    case .stream: ticks.heartbeat
    case .none, .body, .write: 0
    }
  }

  private func allowance(_ bytes: Int) -> UInt32 {
    UInt32(clamping: bytes * 1000 / Tick.milliseconds / max(limits.minimumRate, 1))
  }

  /// A deadline has come.
  func expire(_ connection: Connection) {
    switch connection.timer {
    case .head where !connection.stash.isEmpty:
      timeOut(connection, Refusal(.requestTimeout, "The head did not arrive in time."))
    case .body: timeOut(connection, Refusal(.requestTimeout, "The body did not arrive in time."))
    case .answer:
      // Its handler may still answer; that must not be taken for the next request's.
      connection.serial &+= 1
      shared.observer?.note("no answer in time on \(connection.route.template)")
      timeOut(connection, Refusal(.serviceUnavailable, "The server did not answer in time."))
    case .write:
      abandon(connection)
    case .stream: beat(connection)
    case .none, .head, .idle, .linger: close(connection)
    }
  }

  private func timeOut(_ connection: Connection, _ refusal: Refusal) {
    enter(connection)
    if refusal.status == .requestTimeout, connection.timer == .head {
      connection.method = nil
      connection.route = .none
    }
    refuse(connection, refusal)
    settle(connection)
    leave()
  }
}
