import Base
import Customers
import HTTP
import SQL

/// What changes, as it changes, for open screens.
///
/// The stream carries ids, kinds and the shop's own words for what happened, which a reader's key finds in every timeline
/// too, and nothing of what an event says. Naming a customer to it tells whose a name is, as every other read of him does,
/// and is audited as one. A person who follows everybody leaves a row that names nobody.
struct LiveRoutes {
  let services: Services

  private static let path = "/v1/live"

  // No page of another origin reads it: a key is for servers and people.
  var stream: Endpoint {
    Endpoint(.get, Self.path, Documentation.live, options: RouteOptions(compress: false)) {
      [services] request, exchange in
      do {
        let key = try Authentication(services).require(Documentation.live.access.roles, of: request)
        let isWelcome = try welcome(key, request)
        let place = try Self.place(request, last: services.live.tail.place)
        try services.live.checkRoom()
        let reader = Audit.Reader(key)
        let read = Audit.Read(
          by: reader, action: "GET \(Self.path)", reason: try services.reason(request), at: services.clock.now)
        guard let name = try Self.customer(request, services) else {
          guard Authentication.searchers.contains(key.role) else {
            throw Failure(.forbidden, "a key of the role \(key.role.rawValue) names the customer whom it follows")
          }
          // A machine's reads are counted customer by customer, and this is of none.
          guard !reader.isMachine else { return begin(exchange, after: place, of: nil, while: isWelcome) }
          return services.note(read, of: Audit.Subject(nobody: "live"), exchange) {
            begin(exchange, after: place, of: nil, while: isWelcome)
          }
        }
        if reader.isMachine { try services.reads.checkRoom() }
        services.read(exchange, minimum: nil) { session in
          guard case .customer(let leader) = try Lookup.find(name, in: session) else {
            throw try Lookup.missing(name, in: session)
          }
          // A former id goes where an undo takes it.
          let origin = try Lookup.stand(name, ofCustomer: leader, in: session)
          return (origin, try Audit.Subject(leader, in: session))
        } then: { origin, subject in
          services.note(read, of: subject, exchange) { begin(exchange, after: place, of: origin, while: isWelcome) }
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  /// Whether the key, and the session at the console that it came by, still hold.
  private func welcome(_ key: AccessKey, _ request: borrowing Request) throws -> @Sendable () -> Bool {
    let session = try services.session(of: request)?.session
    return { [services] in
      let now = services.clock.now
      if let session, now >= session.endsAt || services.endedSessions.contains(session.id) { return false }
      return services.keyring.find(id: key.id, now: now) != nil
    }
  }

  private func begin(
    _ exchange: Exchange, after place: Int64?, of origin: Int64?, while isWelcome: @escaping @Sendable () -> Bool
  ) {
    let stream = exchange.stream(
      headers: [Header("Cache-Control", "no-store")], retry: LiveHub.retry, bufferBytes: LiveHub.heldBytes)
    services.live.tell(stream, after: place, of: origin, while: isWelcome)
  }

  /// The place that the reader has: what he comes back with goes before what his address said at first.
  private static func place(_ request: borrowing Request, last: Int64) throws -> Int64? {
    let name = request.lastEventID?.isEmpty == false ? "Last-Event-ID" : "after"
    guard let text = name == "after" ? request.query(name) : request.lastEventID else { return nil }
    guard let place = Int64(text), place >= 0 else {
      throw Failure(.invalid, "\(name) is no place in the log", faults: [.init("/\(name)", "is no whole number")])
    }
    guard place <= last else {
      throw Failure(.invalid, "\(name) is beyond the log's end", faults: [.init("/\(name)", "is above \(last)")])
    }
    return place
  }

  private static func customer(_ request: borrowing Request, _ services: Services) throws -> CustomerName? {
    guard let text = request.query("customer") else { return nil }
    guard let name = CustomerName(text, country: try services.country(of: request)) else {
      throw PageQuery.wrong("customer", "is neither an id nor type:value")
    }
    return name
  }
}
