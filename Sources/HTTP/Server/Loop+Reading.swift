import Glibc

extension Loop {
  // MARK: - Events

  /// A socket is ready.
  func ready(_ token: Token, _ state: ReadyState) {
    if token.generation == 0 {
      if let index = listeners.firstIndex(where: { $0.token == token }) { accept(index) }
      return
    }
    guard let connection = table.connection(token)?.takeUnretainedValue(), connection.token == token else { return }
    if state.contains(.hungUp), !connection.interest.contains(.read) { return close(connection) }
    if connection.interest.contains(.write), state.contains(.writable) {
      enter(connection)
      settle(connection)
      leave()
    } else if connection.interest.contains(.read) {
      read(connection)
    }
  }

  /// Takes a connection in hand: its answers are gathered.
  func enter(_ connection: Connection) { current = connection }

  /// Lets it go.
  func leave() {
    current = nil
    out.clear()
  }

  private func read(_ connection: Connection) {
    if connection.phase == .handling || connection.phase == .streaming,
      connection.stash.count >= limits.readAheadBytes
    {
      // It sends on without waiting for answers: it must wait.
      return setInterest(connection, [])
    }
    if connection.tls != nil { return readSecure(connection) }
    let count = recv(connection.descriptor, scratch, Self.readSize, 0)
    if count > 0 {
      enter(connection)
      consume(connection, scratch, count)
      settle(connection)
      leave()
    } else if count == 0 {
      ended(connection)
    } else if errno != EAGAIN, errno != EINTR {
      close(connection)
    }
  }

  private func readSecure(_ connection: Connection) {
    guard let tls = connection.tls else { return }
    let count = recv(connection.descriptor, cipherScratch, Self.readSize, 0)
    if count == 0 { return ended(connection) }
    if count < 0 {
      if errno != EAGAIN, errno != EINTR { close(connection) }
      return
    }
    guard tls.receive(cipherScratch, count) else { return close(connection) }
    enter(connection)
    defer { leave() }
    while connection.phase != .closed {
      switch tls.read(scratch, Self.readSize) {
      case .bytes(let count): consume(connection, scratch, count)
      case .blocked: return settle(connection)
      case .ended:
        settle(connection)
        if connection.phase != .closed { ended(connection) }
        return
      case .failed:
        // The alert that says why.
        _ = tls.flush(to: connection.descriptor)
        return close(connection)
      }
    }
  }

  /// The client sends no more; it may still wait for the answer that it asked for.
  private func ended(_ connection: Connection) {
    connection.inputEnded = true
    if connection.phase == .handling || connection.backlog != nil {
      setInterest(connection, connection.interest.subtracting(.read))
    } else {
      close(connection)
    }
  }

  // MARK: - Requests

  /// Takes bytes that came, which stand in `scratch`.
  func consume(_ connection: Connection, _ bytes: UnsafePointer<UInt8>, _ count: Int) {
    var bytes = bytes
    var count = count
    if connection.phase == .body {
      let used = feed(connection, UnsafeBufferPointer(start: bytes, count: count))
      bytes += used
      count -= used
    }
    switch connection.phase {
    case .open where connection.stash.isEmpty:
      let used = serve(connection, bytes, count)
      if used < count, connection.phase.mayRead { connection.stash.append(bytes + used, count - used) }
    case .open, .body, .handling, .streaming:
      // A head's end needs a line's end, so what has none is not worth parsing again.
      let mayEnd =
        ByteScan.first(0x0A, bytes, from: 0, to: count) != nil
        || connection.stash.count + count >= limits.headBytes
      connection.stash.append(bytes, count)
      if mayEnd, connection.phase == .open { resume(connection) }
    case .lingering:
      connection.lingered += count
      if connection.lingered > limits.lingerBytes { close(connection) }
    case .closing, .closed: break
    }
  }

  /// Serves what waits in the stash.
  func resume(_ connection: Connection) {
    connection.hasQueuedRequests = false
    guard connection.phase == .open, let (bytes, count) = connection.stash.take() else { return }
    let used = serve(connection, bytes, count)
    if used < count, connection.phase.mayRead { connection.stash.append(bytes + used, count - used) }
    bytes.deallocate()
  }
}

extension Connection.Phase {
  /// Whether bytes that came are kept for later.
  var mayRead: Bool {
    switch self {
    case .open, .body, .handling, .streaming: true
    case .closing, .lingering, .closed: false
    }
  }
}
