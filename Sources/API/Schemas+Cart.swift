import Base
import Commerce

/// The JSON schemas of the shared cart.
extension Schemas {
  static let carts: [(name: String, json: String)] = [
    (
      "Money",
      #"""
      {"type": "object", "required": ["amount", "currency"], "properties": {
        "amount": {"type": "integer", "description": "In minor units."},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217."}}}
      """#
    ),
    (
      "MoneyOrNull",
      #"""
      {"oneOf": [{"$ref": "#/components/schemas/Money"}, {"type": "null"}]}
      """#
    ),
    (
      "CartLine",
      #"""
      {"type": "object", "required": ["sku", "quantity", "unitPrice", "total", "discounts", "issues"], "properties": {
        "sku": {"type": "string"}, "name": {"type": "string", "description": "What the product is called, where there is one."},
        "quantity": {"type": "number", "exclusiveMinimum": 0},
        "unitPrice": {"$ref": "#/components/schemas/MoneyOrNull"}, "total": {"$ref": "#/components/schemas/MoneyOrNull"},
        "discounts": {"type": "array", "description": "What is taken off, and by which rule."},
        "issues": {"type": "array", "description": "What is to be told of the line; it stays in the cart all the same.", "items": {
          "type": "object", "required": ["code", "detail"], "properties": {
            "code": {"enum": ["priceUnknown", "priceChanged", "unavailable", "offStep", "unknownSku", "foreignCurrency"]},
            "detail": {"type": "string"},
            "old": {"$ref": "#/components/schemas/Money"}, "new": {"$ref": "#/components/schemas/Money"},
            "available": {"type": "number", "description": "How much there is."}}}},
        "since": {"$ref": "#/components/schemas/Time"}}}
      """#
    ),
    (
      "CartTotals",
      #"""
      {"type": "object", "required": ["goods", "discount", "points", "due"], "properties": {
        "goods": {"$ref": "#/components/schemas/MoneyOrNull"}, "discount": {"$ref": "#/components/schemas/MoneyOrNull"},
        "points": {"$ref": "#/components/schemas/MoneyOrNull"}, "due": {"$ref": "#/components/schemas/MoneyOrNull"}}}
      """#
    ),
    (
      "Cart",
      #"""
      {"type": "object", "required": ["id", "version", "state", "lines", "savedForLater", "coupons", "totals", "trace"], "properties": {
        "id": {"type": ["string", "null"], "description": "The same at every door; null as long as there is no cart."},
        "version": {"type": "string", "description": "Another one with every change; the ETag begins with it."},
        "state": {"enum": ["active", "abandoned", "checkingOut", "empty"]},
        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/CartLine"}},
        "savedForLater": {"type": "array", "items": {
          "type": "object", "required": ["sku", "quantity"], "properties": {"sku": {"type": "string"}, "name": {"type": "string"}, "quantity": {"type": "number", "exclusiveMinimum": 0}}}},
        "coupons": {"type": "array", "items": {"type": "string"}},
        "totals": {"$ref": "#/components/schemas/CartTotals"},
        "trace": {"type": "array", "description": "How the totals came about."}}}
      """#
    ),
    (
      "CartChange",
      #"""
      {"type": "object", "additionalProperties": false, "properties": {
        "lines": {"type": "array", "maxItems": \#(Cart.mostLines), "description": "Each with one of quantity, delta, saved and savedQuantity; an article comes once.", "items": {
          "type": "object", "required": ["sku"], "minProperties": 2, "maxProperties": 2, "additionalProperties": false, "properties": {
            "sku": {"type": "string", "minLength": 1, "maxLength": \#(Sale.longestSKU)},
            "quantity": {"type": ["number", "string"], "description": "So much is in the cart from now on; 0 takes it out."},
            "delta": {"type": ["number", "string"], "description": "So much more, or below 0 less; what is not there cannot be taken out."},
            "saved": {"type": "boolean", "description": "true saves all of it for later, false brings it back."},
            "savedQuantity": {"type": ["number", "string"], "description": "So much is saved for later from now on."}}}},
        "coupons": {"type": "object", "additionalProperties": false, "properties": {
          "add": {"type": "array", "maxItems": \#(Cart.mostCoupons), "items": {"type": "string", "minLength": 1, "maxLength": \#(CartChange.longestCoupon)}},
          "remove": {"type": "array", "maxItems": \#(Cart.mostCoupons), "items": {"type": "string", "minLength": 1, "maxLength": \#(CartChange.longestCoupon)}}}},
        "acknowledge": {"type": "boolean", "description": "The prices as they are now have been seen: no change of them is told any more."}}}
      """#
    ),
    (
      "CartLineChange",
      #"""
      {"type": "object", "required": ["quantity"], "additionalProperties": false, "properties": {
        "quantity": {"type": ["number", "string"], "description": "From 0 to \#(Cart.mostOfLine.decimal), with at most 3 decimals."}}}
      """#
    ),
    (
      "CheckoutRequest",
      #"""
      {"type": "object", "properties": {
        "version": {"type": "string", "description": "The cart's, as it was shown to the customer; needed where no If-Match is sent."},
        "fulfilment": {"$ref": "#/components/schemas/OrderWay"},
        "points": {"type": "integer", "minimum": 0, "description": "How many points pay; none for a visitor."},
        "currency": {"type": ["string", "null"], "description": "In which it is bought: ISO 4217. Before the query's."},
        "region": {"type": ["string", "null"], "maxLength": 64, "description": "Whose prices. Before the query's."},
        "id": {"type": "string", "description": "What the shop calls the order."},
        "channel": {"type": "string"}, "note": {"type": "string"},
        "payments": {"type": "array", "items": {"type": "object", "required": ["method", "amount"]}}}}
      """#
    ),
    (
      "Checkout",
      #"""
      {"type": "object", "required": ["order", "cart"], "properties": {
        "order": {"type": ["string", "null"], "description": "The order's id; null where the cart is frozen until an order names it."},
        "cart": {"$ref": "#/components/schemas/Cart"}}}
      """#
    ),
    (
      "CartLink",
      #"""
      {"type": "object", "required": ["token", "path", "expiresAt"], "properties": {
        "token": {"type": "string"}, "path": {"type": "string"}, "expiresAt": {"$ref": "#/components/schemas/Time"}}}
      """#
    ),
    (
      "CartToken",
      #"""
      {"type": "object", "required": ["token"], "additionalProperties": false, "properties": {"token": {"type": "string"}}}
      """#
    ),
    (
      "SharedCart",
      #"""
      {"type": "object", "required": ["lines", "totals", "trace", "expiresAt"], "properties": {
        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/CartLine"}},
        "totals": {"$ref": "#/components/schemas/CartTotals"}, "trace": {"type": "array"},
        "expiresAt": {"$ref": "#/components/schemas/Time"}}}
      """#
    ),
  ]
}
