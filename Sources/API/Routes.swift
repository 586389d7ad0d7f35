import Channels
import Customers

/// Every route, on one page.
package enum Routes {
  /// The routes of the public listener.
  package static func all(_ services: Services) -> [Endpoint] {
    let events = EventRoutes(services: services)
    let settings = SettingsRoutes(services: services)
    let hooks = HookRoutes(services: services)
    let customers = CustomerRoutes(services: services)
    let search = SearchRoutes(services: services)
    let documents = DocumentKind.all.flatMap { DocumentRoutes(services: services, kind: $0).all }
    let consents = ConsentRoutes(services: services)
    let states = ResumeStateRoutes(services: services)
    let loyalty = LoyaltyRoutes(services: services).all
    let carts = CartRoutes(services: services)
    let exports = ExportRoutes(services: services)
    let tokens = TokenRoutes(services: services)
    let traits = TraitRoutes(services: services)
    let identifiers = IdentifierRoutes(services: services)
    let erasures = ErasureRoutes(services: services)
    let merges = MergeRoutes(services: services)
    let reviews = ReviewRoutes(services: services)
    let quality = QualityRoutes(services: services)
    let letters = DeadLetterRoutes(services: services)
    let sessions = SessionRoutes(services: services)
    let audit = AuditRoutes(services: services)
    let webhooks = WebhookRoutes(services: services).all
    let keys = KeyRoutes(services: services).all
    let catalogue = CatalogueRoutes(services: services).all
    let quotes = QuoteRoutes(services: services).all
    let orders = OrderRoutes(services: services)
    let live = LiveRoutes(services: services)
    let stores = StoreRoutes(services: services)
    let stock = StockRoutes(services: services)
    let availability = AvailabilityRoutes(services: services)
    let operations = OperationRoutes(services: services)
    let receiving = [
      events.endpoint("/v1/identify", .single(.identify)),
      events.endpoint("/v1/track", .single(.track)),
      events.endpoint("/v1/page", .single(.page)),
      events.endpoint("/v1/screen", .single(.screen)),
      events.endpoint("/v1/group", .single(.group)),
      events.endpoint("/v1/alias", .single(.alias)),
      events.endpoint("/v1/batch", .batch),
      events.endpoint("/v1/import", .historicalBatch),
      events.endpoint("/v1/i", .single(.identify)),
      events.endpoint("/v1/t", .single(.track)),
      events.endpoint("/v1/p", .single(.page)),
      events.endpoint("/v1/s", .single(.screen)),
      events.endpoint("/v1/g", .single(.group)),
      events.endpoint("/v1/a", .single(.alias)),
      events.endpoint("/v1/b", .batch),
      events.endpoint("/beacon/v1/batch", .batch, isBeacon: true),
      settings.read,
      hooks.receive,
      tokens.open,
      search.find,
      search.search,
      search.lookup,
      customers.picture,
      customers.timeline,
      traits.edit,
      identifiers.list,
      identifiers.add,
      identifiers.remove,
      merges.list,
      merges.merge,
      merges.undo,
      reviews.list,
      reviews.decide,
      quality.list,
      quality.sources,
      tokens.give,
      tokens.end,
      tokens.login,
      consents.read,
      consents.write,
      states.all,
      states.read,
      states.write,
      states.delete,
      carts.read,
      carts.change,
      carts.empty,
      carts.put,
      carts.remove,
      carts.checkOut,
      carts.share,
      carts.restore,
      carts.shared,
      exports.start,
      exports.job,
      exports.result,
      erasures.start,
      letters.list,
      audit.list,
      sessions.begin,
      sessions.read,
      sessions.renew,
      sessions.end,
      live.stream,
      stores.list,
      stores.put,
      stock.put,
      stock.movements,
      stock.shortages,
      availability.ofProduct,
      availability.ofLines,
      orders.place,
      orders.all,
      orders.conflicts,
      orders.settleConflict,
      orders.read,
      orders.qr,
    ]
    let operating = [operations.health, operations.ready, operations.metrics]
    let shop = catalogue + quotes + orders.acts + loyalty
    let endpoints = receiving + shop + documents + keys + webhooks + operating
    return endpoints + [OperationRoutes.openAPI(describing: endpoints)]
  }
}
