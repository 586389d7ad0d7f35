import Base
package import Customers

/// What an event of a source says was put into a cart or taken out of it: Segment's `Product Added` and
/// `Product Removed`.
///
/// `Cart Viewed` changes nothing. Senders are read leniently, as tag managers write: a quantity that is missing is one
/// piece, what cannot be read is left out.
///
/// Source: Segment's specification of commerce, version 2.
package struct CartEvent: Sendable {
  package enum Kind: String, Sendable {
    case added = "Product Added"
    case removed = "Product Removed"
  }

  package let kind: Kind
  package let lines: [CartShare.Line]
  /// What the sender calls the cart: our id, or one of his own.
  package let cart: String?

  /// What an event tells of a cart; nil for any other event.
  package init?(_ event: Event) {
    guard event.kind == .track, let kind = event.name.flatMap(Kind.init(rawValue:)),
      let properties = (try? JSONDocument(event.body).root)?["properties"], properties.kind == .object
    else { return nil }
    self.kind = kind
    cart = Self.text(properties["cart_id"])
    let products = properties["products"].flatMap { $0.kind == .array ? Array($0.elements) : nil } ?? [properties]
    lines = products.prefix(Cart.mostLines).compactMap { product in
      guard let sku = Self.text(product["sku"] ?? product["product_id"]),
        let quantity = product["quantity"].map({ Quantity($0) }) ?? .one, quantity > .zero
      else { return nil }
      return CartShare.Line(sku: sku, quantity: quantity)
    }
  }

  private static func text(_ json: JSON?) -> String? {
    guard let json, let text = (json.string ?? json.number).map({ String($0.trimmed) }) else { return nil }
    return text.isPlainText(upTo: Sale.longestSKU) ? text : nil
  }
}
