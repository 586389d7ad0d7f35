import Base
import Customers
import HTTP
import SQL

/// The sign-in of a person at the console, and its end.
struct SessionRoutes {
  let services: Services

  private static let path = "/session"
  /// A key has some 80 characters.
  private static let longestBody = 1 << 10

  var begin: Endpoint {
    Endpoint(.post, Self.path, Documentation.signIn, options: RouteOptions(maximumBody: Self.longestBody)) {
      [services] request, exchange in
      do {
        try SameOrigin.require(of: request)
        let now = services.clock.now
        let (site, isSecure) = (request.site, request.isSecure)
        let text = try Self.key(JSONDocument(request.copyBody()).root)
        // Whoever has a right key is let in whatever others send from his address.
        guard let key = services.keyring.find(text, now: now) else {
          try services.signIns.check(site, now: now)
          services.signIns.refused(site, now: now)
          services.metrics.refusedKey()
          throw Failure(.unauthorized, "this is no key that holds now")
        }
        guard !key.isMachine else {
          throw Failure(
            .forbidden, "a program's key does not sign in: a person has one of his own, whose reads are noted")
        }
        let session = ConsoleSession(services.tokens.next("ses_"), key: key, now: now)
        answer(exchange, session, key, status: .created, keeping: try cookie(of: session, isSecure: isSecure))
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  /// Whose key it is: a session's, or the one that came with the request.
  var read: Endpoint {
    Endpoint(.get, Self.path, Documentation.readSession) { [services] request, exchange in
      do {
        let key = try Authentication(services).require(Documentation.readSession.access.roles, of: request)
        answer(exchange, try services.session(of: request)?.session, key)
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  /// The person is there: his session goes on.
  ///
  /// What a page does by itself does not keep it alive.
  var renew: Endpoint {
    Endpoint(.put, Self.path, Documentation.renewSession, options: RouteOptions(maximumBody: Self.longestBody)) {
      [services] request, exchange in
      do {
        guard let found = try services.session(of: request) else { throw Caller.unknown }
        var session = found.session
        session.seenAt = services.clock.now
        answer(exchange, session, found.key, keeping: try cookie(of: session, isSecure: request.isSecure))
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  /// The sign-out: whoever has a copy of the cookie is out too.
  var end: Endpoint {
    Endpoint(.delete, Self.path, Documentation.signOut) { [services] request, exchange in
      do {
        try SameOrigin.require(of: request)
        let removing = ConsoleCookie.removing(isSecure: request.isSecure)
        let found = try? services.session(of: request)
        guard let session = found?.session else {
          return exchange.respond(Response(.noContent, headers: [removing]))
        }
        let end = session.startedAt + ConsoleSession.longest
        let past = services.endedSessions.past(services.clock.now)
        services.database.write(weight: Self.weight) { database in
          try EndedSessions.store(session.id, until: end, forgetting: past, in: database)
        } then: { (result: Result<Void, any Error>) in
          services.answer(exchange) {
            try result.get()
            services.endedSessions.activate(session.id, until: end, forgetting: past)
            return Response(.noContent, headers: [removing])
          }
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  /// About what the note of an ended session takes.
  private static let weight = 100

  private static func key(_ body: JSON) throws -> [UInt8] {
    guard let key = body["key"]?.string, !key.isEmpty else {
      throw Failure(.invalid, "a key is needed", faults: [.init("/key", "is no text")])
    }
    return Array(key.utf8)
  }

  private func cookie(of session: ConsoleSession, isSecure: Bool) throws -> Header {
    let life = session.endsAt.milliseconds - session.seenAt.milliseconds
    return ConsoleCookie.setting(
      session.signed(by: try ConsoleSession.secret(services)), for: .milliseconds(life), isSecure: isSecure)
  }

  private func answer(
    _ exchange: Exchange, _ session: ConsoleSession?, _ key: AccessKey, status: Status = .ok,
    keeping cookie: Header? = nil
  ) {
    let now = services.clock.now
    services.read(exchange) { database in
      let hasCustomers = try Lookup.hasCustomers(in: database)
      var writer = JSONWriter(capacity: 200)
      writer.object { writer in
        writer.field("name", key.name)
        writer.field("role", key.role.rawValue)
        writer.field("expiresAt", orNull: session?.endsAt.text)
        // A browser's clock may be wrong.
        writer.field("expiresIn", orNull: session.map { ($0.endsAt.milliseconds - now.milliseconds) / 1000 })
        writer.field("hasCustomers", hasCustomers)
      }
      var response = Response.json(writer.bytes, status: status)
      response.set("Cache-Control", "no-store")
      if let cookie { response.add(cookie.name, cookie.value) }
      return response
    }
  }
}
