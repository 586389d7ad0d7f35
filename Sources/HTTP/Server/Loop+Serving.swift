extension Loop {
  /// Serves the requests in `bytes` one after the other; returns how many bytes are done with.
  func serve(_ connection: Connection, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var at = 0
    while connection.phase == .open, at < count {
      if out.count > limits.outputBytes || connection.backlog != nil {
        connection.hasQueuedRequests = true
        break
      }
      // One empty line before a request is forgiven (RFC 9112, 2.2): old clients end bodies with it.
      if bytes[at] == 0x0D, at + 1 == count || bytes[at + 1] == 0x0A {
        if at + 1 == count { break }
        at += 2
        if at == count { break }
      }
      let input = UnsafeBufferPointer(start: bytes + at, count: count - at)
      switch HeadParser.parse(input, bounds: bounds, slots: slots, into: &head.pointee) {
      case .complete: at &+= begin(connection, bytes + at, count &- at)
      case .incomplete: return at
      case .refused(let refusal):
        connection.method = nil
        connection.bytesIn = 0
        connection.route = .none
        refuse(connection, refusal)
        return count
      }
    }
    return at
  }

  /// Begins with a request whose head is complete; returns how many bytes are done with.
  private func begin(_ connection: Connection, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    let head = head.pointee
    prepare(connection, head)
    let declared = head.contentLength ?? 0
    let isWhole = !head.isChunked && declared <= count &- head.length
    var refusal: Response?
    switch head.form == .asterisk ? .notFound : shared.router.match(head, bytes, parameters) {
    case .route(let route):
      connection.route = route
      let request = Request(
        bytes: bytes, head: head, slots: slots,
        body: UnsafeBufferPointer(start: bytes + head.length, count: isWhole ? declared : 0),
        parameters: parameters, target: route, connection: connection)
      let maximum = route.options.maximumBody ?? limits.bodyBytes
      readFields(connection, request, route)
      if declared > maximum {
        refuse(connection, IncomingRequest.tooLarge)
        return count
      }
      if let admission = route.options.admission { refusal = admission(request) }
      if refusal != nil { break }
      guard isWhole, head.contentEncoding < 0 else {
        return beginBody(connection, request, maximum, bytes, count)
      }
      handle(connection, request)
      return head.length &+ declared
    case .options(let node):
      connection.route = .none
      refusal = options(connection, head, bytes, node)
    case .wrongMethod(let node):
      connection.route = .none
      refusal = .problem(
        Problem(.methodNotAllowed, "This address does not take that method.", headers: [Header("Allow", node.allow)]))
    case .notFound:
      connection.route = .none
      refusal =
        head.form == .asterisk
        ? Response(.noContent, headers: [Header("Allow", Method.allNames)])
        : .problem(Problem(.notFound, "There is nothing at this address."))
    case .malformed:
      connection.route = .none
      refusal = .problem(Problem(.badRequest, "The address is not percent-encoded UTF-8."))
    }
    guard let refusal else { return count }
    connection.phase = .handling
    if !isWhole {
      // What follows is a body that nobody wants.
      connection.keepsAlive = false
      connection.lingers = true
    }
    write(connection, refusal)
    return isWhole ? head.length &+ declared : count
  }

  /// Forgets what the last request has left.
  @inline(__always)
  private func prepare(_ connection: Connection, _ head: RequestHead) {
    connection.serial &+= 1
    connection.timer = .none
    connection.method = head.method
    connection.isHTTP10 = head.minorVersion == 0
    connection.keepsAlive = head.keepsAlive
    connection.packing = .off
    connection.bytesIn = head.length
    if connection.origin != nil { connection.origin = nil }
    if shared.observer != nil { connection.startedAt = Tick.nanoseconds() }
  }

  /// Reads the fields on which the answer's form depends.
  @inline(__always)
  private func readFields(_ connection: Connection, _ request: borrowing Request, _ route: CompiledRoute) {
    if route.options.compress {
      connection.packing = .refused
      if request.head.acceptEncoding >= 0 {
        let slot = slots[Int(request.head.acceptEncoding)]
        if AcceptEncoding.takesGzip(request.bytes + Int(slot.valueOffset), Int(slot.valueLength)) {
          connection.packing = .gzip
        }
      }
    }
    if let cors = route.options.cors, let origin = request.header("Origin"), cors.allows(origin) {
      connection.origin = origin
    }
  }

  /// Calls the route's handler.
  @inline(__always)
  private func handle(_ connection: Connection, _ request: borrowing Request) {
    connection.phase = .handling
    connection.bytesIn &+= request.body.count
    request.target.handler(request, Exchange(connection))
  }

  // MARK: - Bodies

  private func beginBody(
    _ connection: Connection, _ request: borrowing Request, _ maximum: Int, _ bytes: UnsafePointer<UInt8>, _ count: Int
  ) -> Int {
    let head = request.head
    var coding = ContentCoding.identity
    if head.contentEncoding >= 0 {
      let slot = slots[Int(head.contentEncoding)]
      guard let known = ContentCoding(bytes + Int(slot.valueOffset), Int(slot.valueLength)) else {
        refuse(connection, Refusal(.unsupportedMediaType, "A body may be packed with gzip or deflate."))
        return count
      }
      coding = known
    }
    connection.incoming = IncomingRequest(request, coding: coding, maximum: maximum, limits: limits, since: tick)
    connection.phase = .body
    let available = count - head.length
    if head.expectsContinue, available == 0, head.isChunked || head.contentLength ?? 0 > 0 {
      out.append("HTTP/1.1 100 Continue\r\n\r\n")
    }
    return head.length + feed(connection, UnsafeBufferPointer(start: bytes + head.length, count: available))
  }

  /// Hands bytes to the body that is arriving; returns how many were its own.
  func feed(_ connection: Connection, _ input: UnsafeBufferPointer<UInt8>) -> Int {
    guard let incoming = connection.incoming else { return 0 }
    var used = 0
    switch incoming.feed(input, used: &used) {
    case .more: return used
    case .refused(let refusal):
      refuse(connection, refusal)
      return input.count
    case .complete:
      connection.incoming = nil
      connection.bytesIn += incoming.received
      incoming.withRequest(connection) { request in
        connection.phase = .handling
        request.target.handler(request, Exchange(connection))
      }
      return used
    }
  }

  // MARK: - OPTIONS

  /// Answers a preflight by the policy of the route that it asks about, any other OPTIONS with what is allowed.
  private func options(
    _ connection: Connection, _ head: RequestHead, _ bytes: UnsafePointer<UInt8>, _ node: RouteNode
  ) -> Response {
    var response = Response(.noContent, headers: [Header("Allow", node.allow)])
    let request = Request(
      bytes: bytes, head: head, slots: slots, body: UnsafeBufferPointer(start: nil, count: 0),
      parameters: parameters, target: .none, connection: connection)
    guard let origin = request.header("Origin"), let method = request.header("Access-Control-Request-Method"),
      let route = node.route(named: method), let cors = route.options.cors
    else { return response }
    connection.route = route
    if cors.allows(origin) {
      connection.origin = origin
      for field in cors.preflightFields(methods: node.allow) { response.add(field.name, field.value) }
    }
    response.addVary("Access-Control-Request-Method")
    response.addVary("Access-Control-Request-Headers")
    return response
  }
}
