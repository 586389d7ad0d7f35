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
    var items: [Inbound]
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
      let told = (try? JSONDocument(bytes).root)?.callWithoutSecrets() ?? bytes.callWithoutLongWords()
      return try services.refuse(told, of: sender, at: receivedAt, for: error, exchange)
    }
    let reception = Reception(
      items: items, list: call.isList ? "/batch" : nil,
      taken: .init("/messageId", "is taken by an event with another body"))
    try services.take(reception, of: source, at: receivedAt, exchange)
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
