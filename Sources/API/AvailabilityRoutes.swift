import Base
import Commerce
import Customers
import HTTP
import SQL

/// Where articles are that somebody wants: one of them, or several lines together.
struct AvailabilityRoutes {
  let services: Services

  private static let fields: Set = ["lines", "near", "limit", "pickup"]

  var ofProduct: Endpoint {
    Endpoint(.get, "/v1/products/{sku}/availability", Documentation.availability) { [services] request, exchange in
      do {
        let sku = request.parameter("sku") ?? ""
        let place = try request.query("near").map { text in
          guard let place = Coordinates(text) else { throw PageQuery.wrong("near", "is no place as 56.95,24.1") }
          return place
        }
        let quantity = try request.query("quantity").map { text in
          guard let quantity = Quantity(decimal: text), quantity > .zero else {
            throw PageQuery.wrong("quantity", "is no quantity above 0")
          }
          return quantity
        }
        let limit = try PageQuery.limit(of: request)
        let minimum = try Disclosure.minimumSequence(request)
        let key = try Authentication(services).require(Documentation.availability.access.roles, of: request)
        let now = services.clock.now
        services.read(exchange, minimum: minimum) { session in
          let stores = try Availability(of: sku, near: place, now: now, in: session).stores.filter { found in
            quantity.map { found.available >= $0 } ?? true
          }
          var writer = JSONWriter(capacity: 256 * min(limit, stores.count) + 64)
          writer.object { writer in
            writer.field("sku", sku)
            writer.key("stores")
            writer.array { writer in
              for found in stores.prefix(limit) { found.write(to: &writer, forTill: key.role == .store) }
            }
          }
          return .json(writer.bytes)
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  /// It reads and writes nothing: what is asked would be long for a query.
  var ofLines: Endpoint {
    Endpoint(.post, "/v1/availability", Documentation.availabilityOfLines) { [services] request, exchange in
      do {
        _ = try Authentication(services).require(Documentation.availabilityOfLines.access.roles, of: request)
        let question = try Question(JSONDocument(request.copyBody()).root)
        let minimum = try Disclosure.minimumSequence(request)
        let now = services.clock.now
        services.read(exchange, minimum: minimum) { session in
          let sourcing = try Sourcing(
            of: question.lines, near: question.place, isPickup: question.isPickup, now: now, in: session)
          var writer = JSONWriter(capacity: 4 << 10)
          sourcing.write(limit: question.limit, to: &writer)
          return .json(writer.bytes)
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  /// What is asked for of several lines.
  private struct Question: Sendable {
    let lines: [Stock.Line]
    let place: Coordinates?
    let isPickup: Bool
    let limit: Int

    /// - Throws: `invalid` with every field at fault.
    init(_ body: JSON) throws {
      var faults = body.members.filter { !AvailabilityRoutes.fields.contains($0.key) }.map {
        Failure.Fault("/\(JSON.pointerToken($0.key))", "is unknown")
      }
      func given(_ name: StaticString) -> JSON? { body[name].flatMap { $0.isNull ? nil : $0 } }
      let count = body["lines"]?.count ?? 0
      if !(1...Sourcing.mostLines).contains(count) || body["lines"]?.kind != .array {
        faults.append(.init("/lines", "is no list of 1 to \(Sourcing.mostLines) lines"))
      }
      var lines: [Stock.Line] = []
      for (index, line) in (body["lines"]?.elements ?? body.elements).enumerated().prefix(Sourcing.mostLines) {
        let sku = line["sku"]?.string ?? ""
        if !sku.isPlainText(upTo: Sale.longestSKU) {
          faults.append(.init("/lines/\(index)/sku", "has not 1 to \(Sale.longestSKU) characters"))
        }
        let quantity = line["quantity"].map { Quantity($0) } ?? .one
        guard let quantity, quantity > .zero else {
          faults.append(.init("/lines/\(index)/quantity", "is no quantity above 0"))
          continue
        }
        lines.append((sku, quantity))
      }
      place = given("near").flatMap { Coordinates($0) }
      if given("near") != nil, place == nil {
        faults.append(.init("/near", "is no place as {\"lat\": 56.95, \"lon\": 24.1}"))
      }
      if given("pickup") != nil, given("pickup")?.bool == nil {
        faults.append(.init("/pickup", "is neither true nor false"))
      }
      let limit = given("limit").map { $0.integer } ?? Int64(PageQuery.usualPage)
      if !(1...Int64(PageQuery.longestPage)).contains(limit ?? 0) {
        faults.append(.init("/limit", "is no whole number from 1 to \(PageQuery.longestPage)"))
      }
      if !faults.isEmpty { throw Failure(.invalid, "the question is wrong", faults: faults) }
      self.lines = lines
      isPickup = given("pickup")?.bool ?? false
      self.limit = Int(limit ?? 1)
    }
  }
}
