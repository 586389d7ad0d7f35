import Commerce
import Customers
import HTTP
import SQL

/// Where the shop has goods: stores as a list, which are documents each.
struct StoreRoutes {
  let services: Services

  private static let path = "/v1/stores"

  var list: Endpoint {
    Endpoint(.get, Self.path, Documentation.stores) { [services] request, exchange in
      services.authorising(Documentation.stores.access.roles, request, exchange) { _ in
        let page = try SortedPage(request)
        services.read(exchange, minimum: try Disclosure.minimumSequence(request)) { session in
          let stores = try StoreTable.page(after: page.after, limit: page.limit + 1, in: session)
          return try page.answer(stores, at: Self.path, key: { $0.id }) { store, writer in store.write(to: &writer) }
        }
      }
    }
  }

  var put: Endpoint {
    DocumentList.endpoint(Self.path, .store, label: "id", Documentation.putStores, services)
  }
}
