import Base
import Commerce
import Customers
import HTTP
import SQL

/// What there is of each article in each store: told, explained, and what is missing.
struct StockRoutes {
  let services: Services

  private static let path = "/v1/stock"
  /// The longest list, of some hundred bytes each.
  static let options = RouteOptions(maximumBody: 8 << 20)

  var put: Endpoint {
    Endpoint(.put, Self.path, Documentation.putStock, options: Self.options) { [services] request, exchange in
      let body = request.copyBody()
      do {
        let key = try Authentication(services).require(Documentation.putStock.access.roles, of: request)
        let asked = try CustomerRequest(request, by: key, services)
        let lines = try ListBody.elements(of: body, most: StockList.most, "lines of stock")
        take(lines[...], [], sequence: 0, asked, exchange)
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  /// Takes a group of the list, and then the next: each is durable before.
  ///
  /// Under the request's own id counts the first group, under one made of it each of the others; so what was cut off goes
  /// on where it was when the request comes again.
  private func take(
    _ lines: ArraySlice<JSON>, _ results: [StockList.Result], sequence: Int64, _ asked: CustomerRequest,
    _ exchange: Exchange
  ) {
    if lines.isEmpty {
      // What changes nothing stands where the log ends.
      return services.read(exchange) { Self.answer(results, sequence > 0 ? sequence : try EventLog.last(in: $0)) }
    }
    let list = StockList(lines.prefix(StockList.group), source: asked.author, now: asked.now)
    let part = results.count / StockList.group
    let messageID = part == 0 ? asked.messageID : "\(asked.messageID) part \(part + 1)"
    services.database.write(weight: 3 * list.size) { [services] session in
      try list.record(messageID: messageID, author: asked.author, through: services.intake, in: session)
    } then: { result in
      do {
        guard let answer = try result.get() else { return exchange.respond(CustomerRequest.taken) }
        take(
          lines.dropFirst(StockList.group), results + answer.results, sequence: max(sequence, answer.sequence), asked,
          exchange)
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  private static func answer(_ results: [StockList.Result], _ sequence: Int64) -> Response {
    var writer = JSONWriter(capacity: 64 * results.count + 64)
    writer.object { writer in
      writer.key("results")
      writer.array { writer in
        for (index, result) in results.enumerated() {
          writer.object { writer in
            writer.field("status", result.status.rawValue)
            if let change = result.change { writer.field("change", change) }
            ListBody.write(result.faults, at: index, to: &writer)
          }
        }
      }
    }
    var response = Response.json(writer.bytes)
    response.set("Throughline-Sequence", "\(sequence)")
    return response
  }

  var movements: Endpoint {
    let path = Self.path + "/{store}/{sku}/movements"
    return Endpoint(.get, path, Documentation.stockMovements) { [services] request, exchange in
      do {
        let page = try PageQuery(request)
        let minimum = try Disclosure.minimumSequence(request)
        let place = StockPlace(store: request.parameter("store") ?? "", sku: request.parameter("sku") ?? "")
        services.authorising(Documentation.stockMovements.access.roles, request, exchange) { _ in
          let now = services.clock.now
          services.read(exchange, minimum: minimum) { session in
            let rows = try StockMovements(
              of: place, before: page.cursor.sequence, part: page.cursor.at, limit: page.limit + 1, in: session
            ).rows
            if try rows.isEmpty && StoreTable.find(place.store, in: session) == nil {
              throw Failure(.notFound, "there is no such store")
            }
            let path = [place.store, place.sku].map { PercentEncoding.text($0) }.joined(separator: "/")
            let next = rows.count > page.limit ? rows[page.limit - 1] : nil
            return try page.answer(
              at: "\(Self.path)/\(path)/movements",
              next: next.map { Timeline.Cursor(at: $0.part, sequence: $0.sequence) }
            ) { writer in
              try StockMovements.write(sumsOf: place, now: now, to: &writer, in: session)
            } rows: { writer in
              for row in rows.prefix(page.limit) { row.write(to: &writer) }
            }
          }
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  var shortages: Endpoint {
    Endpoint(.get, Self.path + "/shortages", Documentation.stockShortages) { [services] request, exchange in
      do {
        let page = try PageQuery(request)
        let minimum = try Disclosure.minimumSequence(request)
        let (store, sku) = (request.query("store"), request.query("sku"))
        services.authorising(Documentation.stockShortages.access.roles, request, exchange) { _ in
          services.read(exchange, minimum: minimum) { session in
            // The oldest first, so the cursor says after what.
            let isFirst = page.cursor.sequence == .max
            let shortages = try StockShortages(
              after: isFirst ? 0 : page.cursor.sequence, part: isFirst ? 0 : page.cursor.at, store: store, sku: sku,
              limit: page.limit + 1, in: session
            ).rows
            return try page.answer(
              shortages, at: Self.path + "/shortages",
              cursor: { Timeline.Cursor(at: $0.part, sequence: $0.sequence ?? 0) }
            ) { shortage, writer in StockShortages.write(shortage, to: &writer) }
          }
        }
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }
}
