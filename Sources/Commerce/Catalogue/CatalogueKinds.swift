package import Customers

/// The documents of what is sold, for how much and under which rules.
extension DocumentKind {
  /// Who sells, and so may know what things cost.
  private static let sellers: Set<Role> = staff.union([.store, .storefront])
  /// Who keeps the catalogue and its prices.
  package static let merchants: Set<Role> = administrators.union([.marketer])

  package static let product = DocumentKind(
    name: Product.documentKind, readers: sellers, writers: merchants, defaults: nil, identity: .member("sku")
  ) { try Product(document: $0).document }

  package static let price = DocumentKind(
    name: Price.documentKind, readers: sellers, writers: merchants, defaults: nil,
    identity: .derived { try? Price(document: $0).id }
  ) { try Price(document: $0).document }

  package static let promotion = DocumentKind(
    name: Promotion.documentKind, readers: staff, writers: merchants, defaults: nil, most: Promotion.most,
    identity: .member("name")
  ) { try Promotion(document: $0).document }

  package static let pricing = DocumentKind(
    name: PricingRules.documentKind, readers: staff, writers: administrators, defaults: PricingRules().document,
    identity: .only
  ) { try PricingRules(document: $0).document }
}
