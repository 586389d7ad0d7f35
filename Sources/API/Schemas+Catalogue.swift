import Commerce

/// The JSON schemas of catalogue, prices and quotes.
extension Schemas {
  private static let faults = Quote.Fault.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")

  static let catalogue: [(name: String, json: String)] = [
    (
      "Products",
      #"""
      {"type": "array", "maxItems": \#(DocumentList.most), "items": {"description": "What is none has a result that says why.", "anyOf": [{"$ref": "#/components/schemas/Product"}, true]}}
      """#
    ),
    (
      "Prices",
      #"""
      {"type": "array", "maxItems": \#(DocumentList.most), "items": {"description": "What is none has a result that says why.", "anyOf": [{"$ref": "#/components/schemas/Price"}, true]}}
      """#
    ),
    (
      "StoredList",
      #"""
      {"type": "object", "required": ["created", "changed", "unchanged", "invalid", "results"], "properties": {
        "created": {"type": "integer"}, "changed": {"type": "integer"}, "unchanged": {"type": "integer"}, "invalid": {"type": "integer"},
        "results": {"type": "array", "description": "One for each item, in their order.", "items": {"type": "object", "required": ["id", "status"], "properties": {
          "id": {"type": ["string", "null"]}, "status": {"enum": ["created", "changed", "unchanged", "invalid"]},
          "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}}}}}}}
      """#
    ),
    (
      "PriceParityList",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"type": "object", "required": ["source", "sku", "differences", "reported", "ours", "at"], "properties": {
          "source": {"type": "string"}, "sku": {"type": "string"}, "differences": {"type": "integer", "description": "How many times."},
          "reported": {"$ref": "#/components/schemas/Money"}, "ours": {"$ref": "#/components/schemas/Money"},
          "at": {"$ref": "#/components/schemas/Time"}}}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
    (
      "QuoteRequest",
      #"""
      {"type": "object", "required": ["currency", "lines"], "additionalProperties": false, "properties": {
        "currency": {"type": "string"}, "region": {"type": ["string", "null"]}, "store": {"type": ["string", "null"]},
        "coupons": {"type": ["array", "null"], "maxItems": \#(Quote.mostCoupons), "items": {"type": "string"}},
        "lines": {"type": "array", "maxItems": \#(Quote.mostLines), "items": {"type": "object", "required": ["sku"], "additionalProperties": false, "properties": {
          "sku": {"type": "string"}, "quantity": {"type": ["number", "string"], "default": 1}}}}}}
      """#
    ),
    (
      "Quote",
      #"""
      {"type": "object", "required": ["id", "expiresAt", "currency", "at", "lines", "coupons", "totals", "trace"], "properties": {
        "id": {"type": "string"}, "expiresAt": {"$ref": "#/components/schemas/Time"}, "at": {"$ref": "#/components/schemas/Time"},
        "currency": {"type": "string"}, "region": {"type": ["string", "null"]}, "store": {"type": ["string", "null"]},
        "lines": {"type": "array", "items": {"type": "object", "required": ["sku", "quantity", "unitPrice", "total", "discounts", "issues"], "properties": {
          "sku": {"type": "string"}, "quantity": {"type": "number"},
          "unitPrice": {"anyOf": [{"$ref": "#/components/schemas/Money"}, {"type": "null"}]},
          "total": {"anyOf": [{"$ref": "#/components/schemas/Money"}, {"type": "null"}], "description": "After discounts; null where it has no price."},
          "discounts": {"type": "array", "items": {"type": "object", "required": ["rule", "amount"], "properties": {
            "rule": {"type": "string", "description": "The promotion."}, "title": {"type": ["string", "null"]}, "amount": {"$ref": "#/components/schemas/Money"}}}},
          "issues": {"type": "array", "items": {"type": "object", "required": ["code", "detail"], "properties": {
            "code": {"enum": [\#(faults)]}, "detail": {"type": "string"}}}}}}},
        "coupons": {"type": "array", "items": {"type": "object", "required": ["code", "state"], "properties": {
          "code": {"type": "string"}, "state": {"enum": ["applied", "twice", "unknown", "ended", "used", "used_by_customer", "needs_customer", "nothing"]}}}},
        "totals": {"type": "object", "required": ["goods", "discount", "points", "due"], "properties": {
          "goods": {"$ref": "#/components/schemas/Money"}, "discount": {"$ref": "#/components/schemas/Money"},
          "points": {"$ref": "#/components/schemas/Money"}, "due": {"$ref": "#/components/schemas/Money"}}},
        "trace": {"type": "array", "description": "Every step; the amounts sum to what is due.", "items": {"type": "object", "required": ["rule", "line", "amount"], "properties": {
          "rule": {"type": "string", "description": "`price:` and the list, or `promotion:` and its name."}, "line": {"type": "integer"}, "amount": {"type": "integer"}}}}}}
      """#
    ),
  ]
}
