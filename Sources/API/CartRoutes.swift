import Base
import Commerce
import Customers
import HTTP
import SQL

/// The shared cart: the same under one id at every door.
struct CartRoutes {
  let services: Services

  /// The door of an order that is checked out by a request which names none.
  private static let channel = "web"
  private static let path = "/v1/customers/{customer}/cart"
  private static let line = "/v1/customers/{customer}/cart/lines/{sku}"
  /// A cart of 10,000 lines, so that whoever sends one is told which limit he has passed.
  static let longestBody = 1 << 20
  /// `{"token": "crs_…"}`, or what an order needs beside its cart.
  private static let shortBody = 64 << 10
  private static let options = RouteOptions(maximumBody: longestBody, cors: TokenRoutes.cors)
  private static let shortOptions = RouteOptions(maximumBody: shortBody, cors: TokenRoutes.cors)

  var read: Endpoint {
    Endpoint(
      .get, Self.path, Documentation.cart, options: Self.options, sharedBy: services,
      sharing: { [services] request, caller in
        let context = try Self.context(request, services.clock.now)
        let conditions = Conditions(request)
        return try .reading(request, by: caller, services) { person, session in
          let (response, tag) = try Self.shown(person, context, services, session)
          return switch conditions.judge(current: tag) {
          case .proceed: response
          case .notModified: .notModified(tag)
          case .failed: .preconditionFailed(tag)
          }
        }
      })
  }

  var change: Endpoint {
    Endpoint(
      .patch, Self.path, Documentation.patchCart, options: Self.options, sharedBy: services,
      sharing: { [services] request, caller in
        let asked = try Asked(request, caller, services)
        let body = try JSONDocument(request.copyBody()).root
        let change = try CartChange(body)
        return try .writing(request, by: caller, services) { person, session in
          try asked.record("changed", body.bytes, person, session) { outcome in
            try asked.cart(of: person).change(change, into: &outcome, in: session)
          }
        }
      })
  }

  var put: Endpoint {
    Endpoint(
      .put, Self.line, Documentation.putCartLine, options: Self.shortOptions, sharedBy: services,
      sharing: { [services] request, caller in
        let asked = try Asked(request, caller, services)
        let change = try CartChange(
          putting: JSONDocument(request.copyBody()).root, under: try Self.sku(request))
        return try Self.write(change, asked, request, caller, services)
      })
  }

  var remove: Endpoint {
    Endpoint(
      .delete, Self.line, Documentation.deleteCartLine, options: Self.shortOptions, sharedBy: services,
      sharing: { [services] request, caller in
        let asked = try Asked(request, caller, services)
        let change = CartChange(CartChange.Line(sku: try Self.sku(request), act: .set(.zero)))
        return try Self.write(change, asked, request, caller, services)
      })
  }

  private static func write(
    _ change: CartChange, _ asked: Asked, _ request: borrowing Request, _ caller: Caller, _ services: Services
  ) throws -> Disclosure {
    try .writing(request, by: caller, services) { person, session in
      try asked.record("changed", change.body, person, session) { outcome in
        try asked.cart(of: person).change(change, into: &outcome, in: session)
      }
    }
  }

  var empty: Endpoint {
    Endpoint(
      .delete, Self.path, Documentation.deleteCart, options: Self.shortOptions, sharedBy: services,
      sharing: { [services] request, caller in
        let asked = try Asked(request, caller, services)
        return try .writing(request, by: caller, services) { person, session in
          try asked.record("emptied", Array("{}".utf8), person, session) { outcome in
            try asked.cart(of: person).empty(into: &outcome, in: session)
          } answer: { _ in
            Response(.noContent)
          }
        }
      })
  }

  var checkOut: Endpoint {
    Endpoint(
      .post, Self.path + "/checkout", Documentation.checkOutCart, options: Self.shortOptions, sharedBy: services,
      sharing: { [services] request, caller in
        let asked = try Asked(request, caller, services)
        let body = try JSONDocument(request.bodyCount == 0 ? Array("{}".utf8) : request.copyBody()).root
        let version = try Self.version(of: body, asked)
        // What becomes an order stands in the log as one, under the id that it has from then on.
        let isOrder = body["fulfilment"] != nil
        // A buyer does not choose what his order is called: another one's could be called so.
        let named = caller.isPerson ? nil : body["id"]?.string
        let id = named ?? OrderID.made(by: asked.request.author, asked.request.messageID)
        let told = isOrder ? OrderRoutes.body(body, "id", id) : body.bytes
        let (kind, name) = isOrder ? (Event.Kind.order, OrderAct.place.rawValue) : (.cart, "checkout")
        return try .writing(request, by: caller, services) { person, session in
          try Self.telling(person, session) {
            try asked.record(name, told, as: kind, person, session) { outcome in
              if let version, Protection.holds("cart.checkout"),
                try Cart(of: person, in: session).version != version
              {
                throw Failure(
                  .conflict, "the cart has been changed meanwhile", faults: [.init("/version", "is not the cart's")])
              }
              let orders =
                isOrder
                ? CartOrders(
                  try services.orders, id: id, channel: Self.channel, isOwn: caller.isPerson) : nil
              try asked.cart(of: person).checkOut(body, by: orders, into: &outcome, in: session)
            } answer: { verdict in
              let order = try verdict().order.map { try OrderID.shown($0, in: session) }
              let view = try Self.view(person, asked.context, services, session)
              var writer = JSONWriter(capacity: 1024)
              writer.object { writer in
                writer.field("order", orNull: order)
                writer.key("cart")
                view.write(to: &writer)
              }
              return .json(writer.bytes)
            }
          }
        }
      })
  }

  var share: Endpoint {
    Endpoint(
      .post, Self.path + "/share", Documentation.shareCart, options: Self.shortOptions, sharedBy: services,
      sharing: { [services] request, caller in
        let asked = try Asked(request, caller, services)
        return try .writing(request, by: caller, services) { person, session in
          try asked.record("shared", Array("{}".utf8), person, session) { outcome in
            try asked.cart(of: person).share(into: &outcome, in: session)
          } answer: { verdict in
            guard let share = try verdict().share else { throw Failure(.notFound, "there is no such link") }
            var writer = JSONWriter()
            writer.object { writer in
              writer.field("token", share.id)
              writer.field("path", "/v1/carts/shared/\(share.id)")
              writer.field("expiresAt", share.end.text)
            }
            return .json(writer.bytes, status: .created)
          }
        }
      })
  }

  var restore: Endpoint {
    Endpoint(
      .post, Self.path + "/restore", Documentation.restoreCart, options: Self.shortOptions, sharedBy: services,
      sharing: { [services] request, caller in
        let asked = try Asked(request, caller, services)
        let body = try JSONDocument(request.copyBody()).root
        guard let token = body["token"]?.string, body.count == 1 else {
          throw Failure(.invalid, "a link is named by its token", faults: [.init("/token", "is missing, or not alone")])
        }
        return try .writing(request, by: caller, services) { person, session in
          try asked.record("restored", body.bytes, person, session) { outcome in
            try asked.cart(of: person).restore(token, into: &outcome, in: session)
          }
        }
      })
  }

  /// What a link leads to, for whoever has it: it tells of nobody.
  var shared: Endpoint {
    Endpoint(
      .get, "/v1/carts/shared/{token}", Documentation.sharedCart, options: Self.shortOptions
    ) { [services] request, exchange in
      do {
        let context = try Self.context(request, services.clock.now)
        let token = request.parameter("token") ?? ""
        services.read(exchange) { session in
          let share = try CartShare.find(token, now: context.now, in: session)
          let prices = try services.commerce.cartPricing.price(share.lines, context, in: session)
          var writer = JSONWriter(capacity: 1024)
          writer.object { share.write(prices, to: &$0) }
          return .json(writer.bytes)
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  /// What `work` answers; where not all of the cart can be promised, what is short and where it is.
  private static func telling(
    _ person: Person, _ session: any Session, _ work: () throws -> Response
  ) throws -> Response {
    do {
      return try work()
    } catch let shortfall as OrderShortfall {
      return OrderRoutes.problem(shortfall, skus: try Cart(of: person, in: session).goods.map { $0.sku })
    }
  }

  private static func sku(_ request: borrowing Request) throws -> String {
    guard let sku = request.parameter("sku"), CartChange.isSKU(sku) else {
      throw Failure(.notFound, "an article's name has 1 to \(Sale.longestSKU) characters")
    }
    return sku
  }

  /// In which currency and where the cart is wanted, from the query.
  static func context(_ request: borrowing Request, _ now: Instant) throws -> CartContext {
    var context = CartContext(now: now)
    if let text = request.query("currency") {
      guard let currency = Currency(text) else { throw PageQuery.wrong("currency", "is not three letters of ISO 4217") }
      context.currency = currency
    }
    for (name, place) in [("region", \CartContext.region), ("store", \CartContext.store)] {
      guard let text = request.query(name) else { continue }
      guard text.isPlainText(upTo: Sale.longestSKU) else {
        throw PageQuery.wrong(name, "has not 1 to \(Sale.longestSKU) characters, or control characters")
      }
      context[keyPath: place] = text
    }
    return context
  }

  /// The version that the body of a checkout names; one must be named, there or in If-Match.
  private static func version(of body: JSON, _ asked: Asked) throws -> String? {
    guard body.kind == .object else {
      throw Failure(.invalid, "a checkout is an object", faults: [.init("", "is none")])
    }
    if let version = body["version"]?.string { return version }
    guard asked.versions != nil, body["version"] == nil else {
      throw Failure(
        .invalid, "a checkout names the version of the cart that is bought, here or in If-Match",
        faults: [.init("/version", "is missing")])
    }
    return nil
  }

  /// The versions that an If-Match names; nil for `*`.
  ///
  /// A tag is the cart's version and, behind a point, a digest of what was answered: prices may have changed since, and
  /// the cart is the same.
  static func versions(_ field: String) -> Set<String>? {
    if field == "*" { return nil }
    return Set(
      field.split(separator: ",").map { tag in
        String(tag.filter { $0 != "\"" && $0 != " " }.prefix { $0 != "." })
      })
  }

  private static func view(
    _ person: Person, _ context: CartContext, _ services: Services, _ session: any Session
  ) throws -> CartView {
    var context = context
    if person.reach == .customer { context.customer = person.leader }
    return try CartView(Cart(of: person, in: session), context, by: services.commerce.cartPricing, in: session)
  }

  static func shown(
    _ person: Person, _ context: CartContext, _ services: Services, _ session: any Session
  ) throws -> (Response, EntityTag) {
    let view = try view(person, context, services, session)
    var writer = JSONWriter(capacity: 1024)
    view.write(to: &writer)
    let digest = EntityTag(of: writer.bytes)
    let tag = EntityTag("\(view.cart.version).\(digest.value.prefix(16))") ?? digest
    return (Response.json(writer.bytes).tagged(tag), tag)
  }
}
