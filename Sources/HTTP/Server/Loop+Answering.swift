import Glibc

extension Loop {
  /// A handler answers, on the loop's thread.
  func answer(_ exchange: Exchange, _ response: Response) {
    let connection = exchange.connection
    guard connection === current else { return later(.answer(exchange, response)) }
    guard isOwed(exchange) else { return }
    write(connection, exchange.packing.applied(to: response, isOnLoop: true))
  }

  /// Does something with a connection whose answer came by mail, and what follows from it.
  func deliver(_ exchange: Exchange, _ use: (Connection) -> Void) {
    guard isOwed(exchange) else { return }
    let connection = exchange.connection
    enter(connection)
    use(connection)
    if connection.phase == .open { resume(connection) }
    settle(connection)
    leave()
  }

  /// Whether this answer is still owed: once, and not where the client has gone or was answered for its handler.
  private func isOwed(_ exchange: Exchange) -> Bool {
    let connection = exchange.connection
    guard connection.phase != .closed, connection.serial == exchange.serial else { return false }
    assert(connection.phase == .handling, "a request is answered once")
    return connection.phase == .handling
  }

  /// Refuses what came, in words, and closes: what follows cannot be trusted to begin a request.
  func refuse(_ connection: Connection, _ refusal: Refusal) {
    counters.refused.add()
    connection.incoming = nil
    connection.keepsAlive = false
    connection.lingers = true
    connection.phase = .handling
    var problem = Problem(refusal.status, refusal.detail)
    switch refusal.status {
    case .methodNotAllowed: problem.headers = [Header("Allow", Method.allNames)]
    case .serviceUnavailable: problem.headers = [Header("Retry-After", "1")]
    case .unsupportedMediaType: problem.headers = [Header("Accept-Encoding", "gzip, deflate")]
    default: break
    }
    write(connection, .problem(problem))
  }

  /// Writes an answer behind those that wait.
  func write(_ connection: Connection, _ response: Response) {
    let keepsAlive = connection.keepsAlive && !isDraining && !response.closesConnection
    if connection.keepsAlive, !keepsAlive { connection.lingers = true }
    let before = out.count
    writeHead(connection, response.status, response.contentType, response.headers)
    let hasBody = !response.status.forbidsBody
    if hasBody {
      out.append("Content-Length: ")
      out.appendDecimal(response.length)
      out.append("\r\n")
    }
    writeConnection(connection, keepsAlive)
    out.append("\r\n")
    var written = out.count &- before
    if hasBody, connection.method != .head {
      written &+= response.length
      if let file = response.file {
        send(connection, file)
      } else if response.body.count < Self.copiedBody {
        out.append(response.body)
      } else {
        send(connection, response.body)
      }
    }
    connection.phase = connection.phase == .closed ? .closed : keepsAlive ? .open : .closing
    counters.answered.add()
    if let observer = shared.observer { report(connection, response.status, written, observer) }
  }

  /// The status line and the fields that do not concern the frame.
  func writeHead(_ connection: Connection, _ status: Status, _ contentType: String?, _ headers: [Header]) {
    if status == .ok {
      out.append("HTTP/1.1 200 OK\r\n")
    } else {
      out.append("HTTP/1.1 ")
      out.appendDecimal(status.rawValue)
      out.append(" ")
      out.appendField(status.phrase)
      out.append("\r\n")
    }
    out.append(commonFields.bytes, commonFields.count)
    if let contentType {
      out.append("Content-Type: ")
      out.appendField(contentType)
      out.append("\r\n")
    }
    for header in headers { write(header) }
    if let cors = connection.route.options.cors {
      out.append("Vary: Origin\r\n")
      if let origin = connection.origin { for field in cors.fields(for: origin) { write(field) } }
    }
  }

  private func write(_ header: Header) {
    out.appendField(header.name.spelling)
    out.append(": ")
    out.appendField(header.value)
    out.append("\r\n")
  }

  @inline(__always)
  func writeConnection(_ connection: Connection, _ keepsAlive: Bool) {
    if !keepsAlive {
      out.append("Connection: close\r\n")
    } else if connection.isHTTP10 {
      out.append("Connection: keep-alive\r\n")
    }
  }

  func report(_ connection: Connection, _ status: Status, _ written: Int, _ observer: any ServerObserver) {
    let start = connection.method == nil ? Tick.nanoseconds() : connection.startedAt
    observer.completed(
      CompletedExchange(
        route: connection.route.template, method: connection.method, status: status,
        duration: .nanoseconds(Int64(Tick.nanoseconds() - start)), bytesIn: connection.bytesIn, bytesOut: written))
  }
}
