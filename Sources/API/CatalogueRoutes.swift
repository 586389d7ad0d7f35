import Base
import Commerce
import Customers
import HTTP
import SQL

/// What is sold and for how much, and where a source tells another price.
struct CatalogueRoutes {
  let services: Services

  private static let products = "/v1/products"
  private static let product = "/v1/products/{sku}"
  private static let pricesOfProduct = "/v1/products/{sku}/prices"
  private static let prices = "/v1/prices"
  private static let parity = "/v1/prices/parity"
  /// A query is a few words.
  private static let longestQuery = 200

  /// The routes of the catalogue.
  var all: [Endpoint] { [putProducts, listProducts, readProduct, readPrices, putPrices, listParity] }

  private var putProducts: Endpoint {
    DocumentList.endpoint(Self.products, .product, label: "sku", Documentation.putProducts, services)
  }

  private var putPrices: Endpoint {
    DocumentList.endpoint(Self.prices, .price, label: "sku", Documentation.putPrices, services)
  }

  private var listProducts: Endpoint {
    Endpoint(.get, Self.products, Documentation.products) { [services] request, exchange in
      services.authorising(Authentication.readers, request, exchange) { _ in
        let page = try SortedPage(request)
        let query = try Self.text("q", request)
        let category = try Self.text("category", request)
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          let found = try Catalogue.page(
            query, category: category, after: page.after, limit: page.limit + 1, in: session)
          return try page.answer(found, at: Self.products, key: { $0.product.sku }) { found, writer in
            writer.object { found.product.write(to: &$0) }
          }
        }
      }
    }
  }

  private static func text(_ name: String, _ request: borrowing Request) throws -> String? {
    guard let text = request.query(name), !text.isEmpty else { return nil }
    guard text.isPlainText(upTo: longestQuery) else {
      throw PageQuery.wrong(name, "has more than \(longestQuery) characters, or control characters")
    }
    return text
  }

  private var readProduct: Endpoint {
    Endpoint(.get, Self.product, Documentation.product) { [services] request, exchange in
      let (sku, conditions) = (request.parameter("sku") ?? "", Conditions(request))
      services.authorising(Authentication.readers, request, exchange) { _ in
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          guard let found = try Catalogue.find(sku, in: session) else { throw Self.missing }
          let tag = EntityTag(version: found.sequence)
          return switch conditions.judge(current: tag) {
          case .proceed: Response.json(found.product.document).tagged(tag)
          case .notModified: .notModified(tag)
          case .failed: .preconditionFailed(tag)
          }
        }
      }
    }
  }

  private var readPrices: Endpoint {
    Endpoint(.get, Self.pricesOfProduct, Documentation.pricesOfProduct) { [services] request, exchange in
      let sku = request.parameter("sku") ?? ""
      services.authorising(Authentication.readers, request, exchange) { _ in
        let page = try SortedPage(request)
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          guard try Catalogue.product(sku, in: session) != nil else { throw Self.missing }
          let path = "\(Self.products)/\(PercentEncoding.text(sku))/prices"
          let prices = try Catalogue.prices(of: sku, after: page.after, limit: page.limit + 1, in: session)
          return try page.answer(prices, at: path, key: { $0.price.id }) { listed, writer in
            writer.object { listed.price.write(to: &$0) }
          }
        }
      }
    }
  }

  private var listParity: Endpoint {
    Endpoint(.get, Self.parity, Documentation.parity) { [services] request, exchange in
      services.authorising(Documentation.parity.access.roles, request, exchange) { _ in
        let page = try SortedPage(request)
        let source = try Self.text("source", request)
        // A source's name has no slash.
        let parts = page.after.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let after = parts.count == 2 ? (parts[0], parts[1]) : ("", "")
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          let rows = try Parity.list(of: source, after: after.0, after.1, limit: page.limit + 1, in: session)
          return try page.answer(rows, at: Self.parity, key: { "\($0.source)/\($0.sku)" }) { row, writer in
            row.write(to: &writer)
          }
        }
      }
    }
  }

  private static let missing = Failure(.notFound, "there is no such product")
}
