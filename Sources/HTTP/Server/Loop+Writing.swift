import Glibc

extension Loop {
  /// As much of what waits is sent to one client before the others have their turn.
  static let turnBytes = 4 << 20

  /// How sending went.
  enum Sending {
    case done
    /// The client must read first.
    case blocked
    case failed
  }

  /// Sends what was gathered and makes the connection ready for what comes next.
  func settle(_ connection: Connection) {
    while connection.phase != .closed {
      switch flush(connection) {
      case .failed: return close(connection)
      case .blocked:
        setInterest(connection, .write)
        return setTimer(connection, .write)
      case .done: break
      }
      // Answered up to the bound: the rest is served before more is read, or it would be forgotten.
      guard connection.phase == .open, connection.hasQueuedRequests else { break }
      resume(connection)
    }
    switch connection.phase {
    case .open where connection.inputEnded: close(connection)
    case .open:
      setInterest(connection, .read)
      if !connection.stash.isEmpty {
        setTimer(connection, .head)
      } else if connection.serial > 0 {
        setTimer(connection, .idle)
      }
    case .body:
      setInterest(connection, .read)
      setTimer(connection, .body)
    case .handling, .streaming:
      let isFull = connection.inputEnded || connection.stash.count >= limits.readAheadBytes
      setInterest(connection, isFull ? [] : .read)
      setTimer(connection, connection.phase == .handling ? .answer : .stream)
      if let stream = connection.stream, stream.hasWork { later(.events(stream)) }
    case .closing where connection.lingers: linger(connection)
    case .closing: close(connection)
    case .lingering, .closed: break
    }
  }

  /// Sends the backlog and then `out`; what the client does not take becomes the backlog.
  private func flush(_ connection: Connection) -> Sending {
    var result = Sending.done
    if let backlog = connection.backlog {
      let start = backlog.sent
      while result == .done, backlog.count > 0 {
        let isRead = backlog.consume { bytes, count in
          let sent = transmit(connection, bytes, count)
          if sent < count { result = sent < 0 ? .failed : .blocked }
          return max(sent, 0)
        }
        if !isRead { result = .failed }
        // A client that reads as fast as we do would have the loop to himself.
        if result == .done, backlog.count > 0, backlog.sent - start >= Self.turnBytes { result = .blocked }
      }
      if result == .done { connection.backlog = nil }
    }
    if result == .done, out.count > 0 {
      let sent = transmit(connection, out.bytes, out.count)
      if sent < 0 { return .failed }
      if sent < out.count { keep(connection, Array(UnsafeBufferPointer(start: out.bytes, count: out.count)), sent) }
    } else if result == .blocked, out.count > 0 {
      keep(connection, Array(UnsafeBufferPointer(start: out.bytes, count: out.count)), 0)
    }
    out.clear()
    guard result != .failed else { return .failed }
    if let tls = connection.tls, !tls.flush(to: connection.descriptor) { return .failed }
    return connection.backlog == nil && connection.tls?.hasOutput != true ? .done : .blocked
  }

  /// Sends a large body from where it stands, behind what was gathered.
  func send(_ connection: Connection, _ body: [UInt8]) {
    switch flush(connection) {
    case .failed: close(connection)
    case .blocked: keep(connection, body, 0)
    case .done:
      let sent = body.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { transmit(connection, $0, buffer.count) } ?? 0
      }
      if sent < 0 { close(connection) } else if sent < body.count { keep(connection, body, sent) }
    }
  }

  /// Sends a file behind what was gathered, as the connection is settled.
  func send(_ connection: Connection, _ file: FileBody) {
    if flush(connection) == .failed { return close(connection) }
    let backlog = connection.backlog ?? Backlog()
    connection.backlog = backlog
    backlog.append(file)
  }

  private func keep(_ connection: Connection, _ bytes: [UInt8], _ start: Int) {
    let backlog = connection.backlog ?? Backlog()
    connection.backlog = backlog
    backlog.append(bytes, from: start)
  }

  /// Sends bytes; how many of them are done with, or -1 where the connection is lost.
  private func transmit(_ connection: Connection, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var at = 0
    while at < count {
      if let tls = connection.tls {
        guard tls.flush(to: connection.descriptor) else { return -1 }
        if tls.hasOutput { return at }
        let taken = tls.write(bytes + at, count - at)
        if taken < 0 { return -1 }
        if taken == 0 { return at }
        at += taken
      } else {
        let sent = Glibc.send(connection.descriptor, bytes + at, count - at, Int32(MSG_NOSIGNAL))
        if sent < 0 {
          if errno == EINTR { continue }
          return errno == EAGAIN ? at : -1
        }
        at += sent
      }
    }
    return at
  }

  @inline(__always)
  func setInterest(_ connection: Connection, _ interest: Interest) {
    if connection.interest != interest {
      connection.interest = interest
      readiness.change(connection.token, to: interest)
    }
  }

  // MARK: - Ends

  /// Ends the sending side and waits for the client to have read.
  private func linger(_ connection: Connection) {
    connection.tls?.sayGoodbye()
    _ = connection.tls?.flush(to: connection.descriptor)
    shutdown(connection.descriptor, Int32(SHUT_WR))
    connection.phase = .lingering
    connection.stash.release()
    if connection.inputEnded { return close(connection) }
    setInterest(connection, .read)
    setTimer(connection, .linger)
  }

  /// Closes the connection of a client that does not read, and takes back what the kernel holds for it.
  func abandon(_ connection: Connection) {
    counters.slowReaders.add()
    var reset = Glibc.linger(l_onoff: 1, l_linger: 0)
    setsockopt(connection.descriptor, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout.size(ofValue: reset)))
    close(connection)
  }

  /// Closes a connection and all that belongs to it.
  func close(_ connection: Connection) {
    guard connection.phase != .closed else { return }
    if let tls = connection.tls, connection.phase != .lingering {
      tls.sayGoodbye()
      _ = tls.flush(to: connection.descriptor)
    }
    connection.phase = .closed
    table.remove(connection)
    readiness.close(connection.token)
    if connection.isTurnedAway { turningAway -= 1 } else { shared.dismiss(connection.peer) }
    connection.tls = nil
    connection.incoming = nil
    connection.backlog = nil
    connection.stash.release()
    if let stream = connection.stream {
      connection.stream = nil
      counters.openStreams.add(-1)
      stream.closed()
    }
  }
}
