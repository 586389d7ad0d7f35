import Base
import Commerce
import Customers
import HTTP
import SQL

/// What stores, agents and customers do with an order.
extension OrderRoutes {
  /// The act is not upon the order that the request's conditions name.
  private struct Unmet: Error {
    let current: EntityTag
  }

  var acts: [Endpoint] {
    [
      act(.pick), act(.ready), act(.collect), act(.ship), act(.deliver), act(.move), cancel, act(.return), act(.refund),
      act(.pay),
    ]
  }

  private func act(_ act: OrderAct) -> Endpoint {
    Endpoint(
      .post, "\(Self.path)/\(act.rawValue)", Documentation.orderAct(act),
      options: RouteOptions(maximumBody: Self.longestBody), by: services
    ) { [services] request, key in try Self.disclosure(act, request, .key(key), services) }
  }

  /// A customer calls off what is his own.
  private var cancel: Endpoint {
    Endpoint(
      .post, "\(Self.path)/cancel", Documentation.orderAct(.cancel),
      options: RouteOptions(maximumBody: Self.longestBody, cors: TokenRoutes.cors), sharedBy: services,
      sharing: { [services] request, caller in try Self.disclosure(.cancel, request, caller, services) })
  }

  private static func disclosure(
    _ act: OrderAct, _ request: borrowing Request, _ caller: Caller, _ services: Services
  ) throws -> Disclosure {
    let asked = try CustomerRequest(request, by: caller, services)
    let bytes = request.copyBody()
    let body = try JSONDocument(bytes.isEmpty ? Array("{}".utf8) : bytes).root
    let told = try OrderActRequest(act, body)
    let id = request.parameter("id") ?? ""
    return Disclosure(road: .writing(weight: request.bodyCount)) { session in
      let order = try find(id, for: caller, in: session)
      let name = try OrderID.shown(order.id, in: session)
      let event = Event.request(
        .order, name: act.rawValue, body: Self.body(body, "order", name), messageID: asked.messageID, at: asked.now)
      let subjects = try subjects([order], session)
      do {
        let stand = try OrderStore.stand(of: order, in: session)
        let taken = try services.intake.record(event, at: stand, author: asked.author, in: session) { outcome in
          let current = EntityTag(version: order.version)
          guard asked.conditions.judge(current: current) == .proceed else { throw Unmet(current: current) }
          try services.orders.act(told, on: order, now: asked.now, into: &outcome, in: session)
        }
        let response = try asked.answer(taken) {
          if act == .pick { return try picked(told, order.number, taken.sequence, services, session) }
          return try answer(taken.sequence, isOwn: caller.isPerson, session)
        }
        return Disclosure.Shown(response: response, subjects: subjects)
      } catch let unmet as Unmet {
        return Disclosure.Shown(response: .preconditionFailed(unmet.current), subjects: subjects)
      } catch let shortfall as OrderShortfall {
        let skus = (told.lines ?? []).map { $0.sku ?? $0.line.flatMap { order.sku(ofLine: $0) } ?? "" }
        return Disclosure.Shown(response: problem(shortfall, skus: skus), subjects: subjects)
      }
    }
  }

  /// The order after the picking, and where else there is what was not found on the shelf.
  private static func picked(
    _ told: OrderActRequest, _ number: Int64, _ sequence: Int64, _ services: Services, _ session: any Session
  ) throws -> Response {
    let before = try OrderStore.stored(number, upTo: sequence - 1, in: session).order
    let offers = try services.orders.offers(told, of: before, now: services.clock.now, in: session)
    let stored = try OrderStore.stored(number, upTo: sequence, in: session)
    let view = try OrderView(stored, in: session)
    var writer = JSONWriter(capacity: 4 << 10)
    writer.object { writer in
      writer.key("order")
      view.write(to: &writer)
      writer.key("offers")
      writer.array { writer in for offer in offers { offer.write(to: &writer) } }
    }
    return Response.json(writer.bytes).tagged(EntityTag(version: stored.order.version))
  }
}
