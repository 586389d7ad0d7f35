extension Loop {
  /// Turns the answer to a request into an event stream.
  func begin(_ stream: EventStream, _ exchange: Exchange) {
    let connection = exchange.connection
    if connection.phase == .closed || connection.serial != exchange.serial {
      stream.closed()
    } else if connection === current {
      open(stream, connection)
    } else if current != nil {
      later(.stream(exchange, stream))
    } else {
      deliver(exchange) { open(stream, $0) }
    }
  }

  private func open(_ stream: EventStream, _ connection: Connection) {
    assert(connection.phase == .handling, "a request is answered once")
    guard connection.phase == .handling, !isDraining else {
      if connection.phase == .handling {
        connection.keepsAlive = false
        connection.lingers = true
        write(
          connection, .problem(Problem(.serviceUnavailable, "The server stops.", headers: [Header("Retry-After", "1")]))
        )
      }
      return stream.closed()
    }
    writeHead(connection, .ok, "text/event-stream", stream.headers)
    if stream.headers.allSatisfy({ $0.name != "Cache-Control" }) { out.append("Cache-Control: no-store\r\n") }
    if connection.isHTTP10 { connection.keepsAlive = false } else { out.append("Transfer-Encoding: chunked\r\n") }
    writeConnection(connection, connection.keepsAlive)
    out.append("\r\n")
    counters.answered.add()
    counters.openStreams.add()
    if let observer = shared.observer { report(connection, .ok, 0, observer) }
    if connection.method == .head {
      counters.openStreams.add(-1)
      connection.phase = connection.keepsAlive ? .open : .closing
      return stream.closed()
    }
    connection.phase = .streaming
    connection.stream = stream
    stream.connection = connection
    later(.events(stream))
  }

  /// Writes what was sent on the stream since.
  func writeEvents(_ stream: EventStream) {
    guard let connection = stream.connection, connection.phase == .streaming else { return }
    // What is held for a slow reader stays with the stream, where it is bounded.
    let isBlocked = connection.backlog != nil
    if isBlocked, !stream.isCutOff { return }
    enter(connection)
    switch stream.takeWork() {
    case .cut:
      abandon(connection)
    case .write(let bytes, let isLast):
      connection.timer = .none
      writeChunk(connection, bytes)
      if isLast { finish(connection, stream) }
      settle(connection)
    }
    leave()
  }

  private func writeChunk(_ connection: Connection, _ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    if connection.isHTTP10 { return out.append(bytes) }
    out.appendHexadecimal(bytes.count)
    out.append("\r\n")
    out.append(bytes)
    out.append("\r\n")
  }

  private func finish(_ connection: Connection, _ stream: EventStream) {
    if !connection.isHTTP10 { out.append("0\r\n\r\n") }
    connection.stream = nil
    counters.openStreams.add(-1)
    connection.phase = connection.keepsAlive && !isDraining ? .open : .closing
    connection.lingers = connection.phase == .closing
    connection.hasQueuedRequests = !connection.stash.isEmpty
    stream.closed()
  }

  /// Ends a stream because the server stops.
  func endStream(_ connection: Connection) {
    guard let stream = connection.stream else { return }
    stream.close()
  }

  /// Says something, because nothing was said for a while.
  func beat(_ connection: Connection) {
    enter(connection)
    connection.timer = .none
    writeChunk(connection, [0x3A, 0x0A, 0x0A])
    settle(connection)
    leave()
  }
}
