import Base
import Channels
import Customers
import HTTP

/// What adapters read: each source posts in the words of its kind.
struct HookRoutes {
  let services: Services

  private static let options = RouteOptions(
    maximumBody: SegmentCall.longestRequest, compress: false, allowsTrailingSlash: true)

  var receive: Endpoint {
    Endpoint(.post, "/hooks/{source}", Documentation.hook, options: Self.options) { [services] request, exchange in
      services.answer(exchange, orLater: { try take(request, exchange) })
    }
  }

  private func take(_ request: borrowing Request, _ exchange: Exchange) throws {
    let receivedAt = services.clock.now
    let source = try Authentication(services).source(named: request.parameter("source") ?? "", of: request)
    guard let channel = source.kind?.channel else {
      throw Failure(
        .notFound, "the source speaks at /v1 alone: kind in its document says what it speaks here, such as till")
    }
    let delivery = Delivery(
      headers: request.headers, query: request.queryItems, body: request.copyBody(), receivedAt: receivedAt,
      country: source.country ?? services.country)
    let reception: Reception
    do {
      reception = try channel.receive(delivery)
    } catch {
      return try services.refuse(channel.redacted(delivery.body), of: source, at: receivedAt, for: error, exchange)
    }
    try services.take(reception, of: source, at: receivedAt, exchange)
  }
}
