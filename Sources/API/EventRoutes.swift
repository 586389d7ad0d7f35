import Base
import Channels
import Customers
import HTTP

/// Segment's tracking API: what SDKs and servers post.
struct EventRoutes {
  let services: Services

  /// A browser's SDK waits as long as `Retry-After` says only where its page may read that field.
  private static let cors = CORSPolicy(origins: .any, exposedHeaders: ["Retry-After", "Throughline-Sequence"])

  /// The body's size is bounded twice over: as it came, and unpacked.
  private static let options = RouteOptions(
    maximumBody: SegmentCall.longestRequest, cors: cors, compress: false,
    allowsTrailingSlash: true)

  /// How much is kept of a call that cannot be read: enough to see who sends what, little enough for 10,000 of them.
  private static let keptOfRefused = 4 << 10

  func endpoint(_ path: String, _ call: SegmentCall, isBeacon: Bool = false) -> Endpoint {
    Endpoint(.post, path, Documentation.events(call, path, isBeacon: isBeacon), options: Self.options) {
      [services] request, exchange in
      services.answer(exchange, orLater: { try receive(request, exchange, call, isBeacon: isBeacon) })
    }
  }

  private func receive(
    _ request: borrowing Request, _ exchange: Exchange, _ call: SegmentCall, isBeacon: Bool
  ) throws {
    let receivedAt = services.clock.now
    let bytes = request.copyBody()
    var sender: Source?
    let source: Source
    var items: [SegmentCall.Item]
    do {
      let body: JSON
      (source, body) = try Authentication(services).source(of: request, isBeacon: isBeacon, sender: &sender) {
        try JSONDocument(bytes).root
      }
      items = try call.items(
        of: body, receivedAt: receivedAt, country: source.country ?? services.country, tokens: services.tokens)
      items = services.proving(items, from: source)
    } catch {
      guard let sender else { throw error }
      return try refuse(bytes, of: sender, at: receivedAt, for: error, exchange)
    }
    try services.limiter.take(items.count, of: source, now: receivedAt)
    let answer = EventAnswer(items: items, tellsCustomers: source.trust == .verified, isSingle: !call.isList)
    services.intake.submit(answer.events, refused: answer.refusals(at: receivedAt), from: source.name) { result in
      services.answer(exchange) {
        let answers = try result.get()
        services.metrics.took(answers, refused: answer.items.count - answers.answers.count)
        return try answer.response(to: answers)
      }
    }
  }
}

extension EventRoutes {
  /// Keeps the beginning of a call that cannot be read as a dead letter of its source, then tells what is wrong.
  private func refuse(
    _ bytes: [UInt8], of source: Source, at time: Instant, for error: any Error, _ exchange: Exchange
  ) throws {
    let failure = Failure(telling: error)
    guard failure.code == .invalid || failure.code == .tooLarge else { throw error }
    let faults = failure.faults.map { " \($0.pointer) \($0.reason)" }.joined(separator: ";")
    let told = (try? JSONDocument(bytes).root)?.callWithoutSecrets() ?? bytes.callWithoutLongWords()
    let text = String(decoding: told.prefix(Self.keptOfRefused), as: UTF8.self).replacing("\0", with: "\u{FFFD}")
    let refusal = Intake.Refusal(
      messageID: nil, reason: failure.message + faults, body: Array(text.utf8), receivedAt: time)
    services.intake.submit([], refused: [refusal], from: source.name) { _ in
      exchange.respond(services.problem(failure))
    }
  }
}

extension Services {
  /// Runs what answers later; what it throws at once is answered at once.
  fileprivate func answer(_ exchange: Exchange, orLater work: () throws -> Void) {
    do { try work() } catch { exchange.respond(problem(error)) }
  }
}

extension SegmentCall {
  /// Whether the call carries a list.
  var isList: Bool {
    switch self {
    case .single: false
    case .batch, .historicalBatch: true
    }
  }
}
