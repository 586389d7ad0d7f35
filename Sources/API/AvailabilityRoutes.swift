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
      var fields = try FieldReader(body, "the question", known: AvailabilityRoutes.fields)
      let given = body["lines"].flatMap { $0.kind == .array ? $0 : nil }
      fields.check(
        (1...Sourcing.mostLines).contains(given?.count ?? 0), "/lines", "is no list of 1 to \(Sourcing.mostLines) lines"
      )
      var lines: [Stock.Line] = []
      for (index, line) in (given?.elements ?? body.elements).enumerated().prefix(Sourcing.mostLines) {
        let sku = line["sku"]?.string ?? ""
        fields.check(
          sku.isPlainText(upTo: Sale.longestSKU), "/lines/\(index)/sku", "has not 1 to \(Sale.longestSKU) characters")
        let quantity = line["quantity"].map { Quantity($0) } ?? .one
        guard let quantity, quantity > .zero else {
          fields.fault("/lines/\(index)/quantity", "is no quantity above 0")
          continue
        }
        lines.append((sku, quantity))
      }
      let near = fields.given("near")
      place = near.flatMap { Coordinates($0) }
      fields.check(near == nil || place != nil, "/near", "is no place as {\"lat\": 56.95, \"lon\": 24.1}")
      isPickup = fields.flag("pickup", usual: false)
      limit = Int(fields.integer("limit", in: 1...Int64(PageQuery.longestPage)) ?? Int64(PageQuery.usualPage))
      try fields.finish()
      self.lines = lines
    }
  }
}
