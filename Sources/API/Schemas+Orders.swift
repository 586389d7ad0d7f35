import Commerce

/// The JSON schemas of orders.
extension Schemas {
  private static let states = OrderState.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
  private static let acts = OrderAct.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")

  private static func act(_ fields: String) -> String {
    #"{"type": "object", "additionalProperties": false, "properties": {\#(fields), "reason": {"type": ["string", "null"], "maxLength": 1000}}}"#
  }

  private static let someLines = """
    "lines": {"type": ["array", "null"], "minItems": 1, "maxItems": \(Order.mostLines), "items": {"$ref": "#/components/schemas/OrderSelection"}}
    """
  private static let back = """
    "store": {"type": ["string", "null"], "description": "Where the goods came back; where they came from when it is missing."},
    "restock": {"type": ["boolean", "null"], "description": "Whether they go to the shelf; they do when it is missing."}
    """
  private static let payments = """
    "payments": {"type": ["array", "null"], "maxItems": 20, "items": {"type": "object", "required": ["method", "amount"], "properties": {
      "method": {"type": "string", "pattern": "^[a-z_]{1,32}$"}, "amount": {"$ref": "#/components/schemas/OrderMoney"}}}}
    """

  static let orders: [(name: String, json: String)] = [
    ("OrderState", #"{"enum": [\#(states)]}"#),
    (
      "OrderMoney",
      #"""
      {"type": "object", "required": ["amount", "currency"], "properties": {
        "amount": {"type": "integer", "description": "In minor units."}, "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$"}}}
      """#
    ),
    (
      "OrderWay",
      #"""
      {"type": "object", "required": ["type"], "additionalProperties": false, "properties": {
        "type": {"enum": ["pickup", "delivery", "counter"]},
        "store": {"type": ["string", "null"], "maxLength": 64, "description": "Where it is collected, carried out, or sent from; needed but for a delivery."},
        "until": {"type": ["string", "null"], "format": "date-time", "description": "How long a pickup is kept: 3 days when it is missing, at most 60."},
        "collector": {"description": "Who may collect it, as the shop writes it."},
        "address": {"description": "Where it is sent, as the shop writes it."}}}
      """#
    ),
    (
      "NewOrder",
      #"""
      {"type": "object", "required": ["customer", "fulfilment", "lines"], "additionalProperties": false, "properties": {
        "id": {"type": ["string", "null"], "minLength": 1, "maxLength": 300, "description": "The shop's own; one of ours when it is missing."},
        "customer": {"type": "string", "description": "An id or type:value."},
        "channel": {"enum": ["web", "app", "site", "chat", "email", "sms", "phone", "store", "push", null]},
        "currency": {"type": ["string", "null"], "description": "In which it is bought: ISO 4217; else that of its prices and payments, else the shop's usual one. A shop with prices in several that has declared none refuses an order without it."},
        "region": {"type": ["string", "null"], "maxLength": 64, "description": "Whose prices it is bought by."},
        "cart": {"type": ["string", "null"], "maxLength": 64, "description": "The cart that it checks out; else its goods are taken out of the customer's."},
        "fulfilment": {"$ref": "#/components/schemas/OrderWay"},
        "lines": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "object", "required": ["sku", "quantity"], "additionalProperties": false, "properties": {
          "sku": {"type": "string", "minLength": 1, "maxLength": 64}, "quantity": {"type": ["number", "string"]},
          "price": {"oneOf": [{"$ref": "#/components/schemas/OrderMoney"}, {"type": "null"}], "description": "What the door showed for one unit: refused where the shop's own price is another."},
          "fulfilment": {"oneOf": [{"$ref": "#/components/schemas/OrderWay"}, {"type": "null"}], "description": "Where the line goes another way."},
          "name": {}, "serials": {}, "warrantyEnd": {}, "attachments": {}}}},
        "points": {"type": ["integer", "null"], "minimum": 0, "description": "How many points pay for it."},
        "coupons": {"type": ["array", "null"], "maxItems": 20, "items": {"type": "string"}},
        \#(payments),
        "note": {"type": ["string", "null"], "maxLength": 1000}}}
      """#
    ),
    (
      "OrderSelection",
      #"""
      {"type": "object", "description": "A line by its number from 1 or by its sku, and how much of it; all when it is missing.", "additionalProperties": false, "properties": {
        "line": {"type": "integer", "minimum": 1}, "sku": {"type": "string"}, "quantity": {"type": ["number", "string", "null"]}}}
      """#
    ),
    (
      "OrderPick",
      #"""
      {"type": "object", "additionalProperties": false, "properties": {
        "lines": {"type": ["array", "null"], "minItems": 1, "maxItems": 1000, "items": {"type": "object", "additionalProperties": false, "properties": {
          "line": {"type": "integer", "minimum": 1}, "sku": {"type": "string"},
          "found": {"type": ["number", "string", "null"], "description": "How much was on the shelf; all when it is missing."}}}},
        "reason": {"type": ["string", "null"], "maxLength": 1000}}}
      """#
    ),
    ("OrderReady", act(someLines)),
    (
      "OrderCollect",
      act(
        someLines + ", " + payments
          + #", "code": {"type": ["string", "null"], "description": "What the customer shows; another order's is refused."}"#
      )
    ),
    (
      "OrderShip",
      #"""
      {"type": "object", "required": ["carrier"], "additionalProperties": false, "properties": {
        \#(someLines), "carrier": {"type": "string", "maxLength": 64}, "tracking": {"type": ["string", "null"], "maxLength": 64},
        "reason": {"type": ["string", "null"], "maxLength": 1000}}}
      """#
    ),
    ("OrderDeliver", act(someLines)),
    (
      "OrderMove",
      #"""
      {"type": "object", "required": ["store"], "additionalProperties": false, "properties": {
        \#(someLines), "store": {"type": "string", "maxLength": 64, "description": "Which is to hand it over."},
        "reason": {"type": ["string", "null"], "maxLength": 1000}}}
      """#
    ),
    ("OrderCancel", act(someLines)),
    ("OrderReturn", act(someLines + ", " + back)),
    (
      "OrderRefund",
      act(
        someLines + ", " + back
          + ##", "amount": {"oneOf": [{"$ref": "#/components/schemas/OrderMoney"}, {"type": "null"}], "description": "So much money and no goods."}"##
      )
    ),
    (
      "OrderPay",
      #"""
      {"type": "object", "required": ["payments"], "additionalProperties": false, "properties": {
        \#(payments), "reason": {"type": ["string", "null"], "maxLength": 1000}}}
      """#
    ),
    (
      "Order",
      #"""
      {"type": "object", "required": ["id", "customer", "version", "channel", "placedAt", "status", "fulfilment", "lines", "payments", "points", "totals", "history"], "properties": {
        "id": {"type": "string"}, "customer": {"type": ["string", "null"]}, "version": {"type": "integer", "description": "The ETag is `\"v\"` and this."},
        "channel": {"type": "string"}, "source": {"type": "string"}, "placedAt": {"$ref": "#/components/schemas/Time"},
        "status": {"$ref": "#/components/schemas/OrderState"}, "note": {"type": "string"},
        "fulfilment": {"type": "object", "required": ["type", "store", "code", "until"], "properties": {
          "type": {"enum": ["pickup", "delivery", "counter"]}, "store": {"type": ["string", "null"]},
          "code": {"type": ["string", "null"], "description": "What the customer says at the counter."},
          "until": {"type": ["string", "null"], "format": "date-time"}, "collector": {}, "address": {},
          "carrier": {"type": "string"}, "tracking": {"type": "string"}}},
        "lines": {"type": "array", "description": "Each part of a line by itself: of three of which one was cancelled there are two.", "items": {"type": "object",
          "required": ["line", "sku", "quantity", "price", "status", "fulfilment", "store"], "properties": {
            "line": {"type": "integer"}, "sku": {"type": "string"}, "quantity": {"type": "number"},
            "price": {"oneOf": [{"$ref": "#/components/schemas/OrderMoney"}, {"type": "null"}]},
            "total": {"oneOf": [{"$ref": "#/components/schemas/OrderMoney"}, {"type": "null"}]},
            "status": {"$ref": "#/components/schemas/OrderState"}, "fulfilment": {"enum": ["pickup", "delivery", "counter"]},
            "store": {"type": ["string", "null"]}, "name": {}, "serials": {}, "warrantyEnd": {}, "warranty_end": {}, "attachments": {}}}},
        "payments": {"type": "array", "items": {"type": "object", "required": ["method", "amount", "at"], "properties": {
          "method": {"type": "string"}, "amount": {"oneOf": [{"$ref": "#/components/schemas/OrderMoney"}, {"type": "null"}]}, "at": {"$ref": "#/components/schemas/Time"}}}},
        "points": {"type": "integer"},
        "totals": {"type": "object", "description": "goods − discount − points + other = due; each null where no currency was told.",
          "required": ["goods", "discount", "points", "other", "due", "paid", "refunded", "undone"],
          "additionalProperties": {"oneOf": [{"$ref": "#/components/schemas/OrderMoney"}, {"type": "null"}]}},
        "history": {"type": "array", "items": {"type": "object", "required": ["at", "act"], "properties": {
          "sequence": {"type": "integer"}, "at": {"$ref": "#/components/schemas/Time"}, "act": {"enum": [\#(acts)]},
          "actor": {"type": "string"}, "channel": {"type": "string"},
          "lines": {"type": "array", "items": {"type": "object", "required": ["line", "sku", "to", "quantity"], "properties": {
            "becomes": {"type": "integer", "description": "The line that it is from then on: a part that went to another store, or what a receipt sold beyond the order."},
            "store": {"type": ["string", "null"]}}}},
          "amount": {"oneOf": [{"$ref": "#/components/schemas/OrderMoney"}, {"type": "null"}]}, "reason": {"type": "string"},
          "defects": {"type": "array", "items": {"type": "string"}}}}}}}
      """#
    ),
    (
      "OrderPicked",
      #"""
      {"type": "object", "required": ["order", "offers"], "properties": {
        "order": {"$ref": "#/components/schemas/Order"},
        "offers": {"type": "array", "description": "What can be offered for what was not found.", "items": {"type": "object",
          "required": ["line", "sku", "missing", "stores", "substitutes", "delivery"], "properties": {
            "line": {"type": "integer"}, "sku": {"type": "string"}, "missing": {"type": "number"},
            "stores": {"type": "array", "items": {"type": "string"}, "description": "Which have it, the nearest first."},
            "substitutes": {"type": "array", "items": {"type": "string"}}, "delivery": {"type": "boolean"}}}}}}
      """#
    ),
    (
      "OrderPage",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
    (
      "OrderConflict",
      #"""
      {"type": "object", "required": ["sequence", "at", "source", "event", "order", "reason", "exceeded", "customer", "orderCustomer", "settled"], "properties": {
        "sequence": {"type": "integer"}, "at": {"$ref": "#/components/schemas/Time"}, "source": {"type": "string"},
        "event": {"type": ["string", "null"]}, "order": {"type": ["string", "null"]},
        "reason": {"type": "string", "description": "customer, lines, currency, total, unknown order, offline allowance, or what was too much."},
        "exceeded": {"type": "array", "description": "What a till took without a connection beyond what it may.", "items": {"type": "object", "required": ["of", "store", "sku", "allowed", "taken", "over"], "properties": {
          "of": {"enum": ["stock", "points"]}, "store": {"type": "string"}, "sku": {"type": ["string", "null"]},
          "allowed": {"type": "number", "description": "Units of the article, or points."},
          "taken": {"type": "number", "description": "Without a connection, by this sale too: of the article since its stock was told or sold there last with one, of the points on that day."},
          "over": {"type": "number", "description": "By how much this sale goes beyond it."}}}},
        "customer": {"type": ["string", "null"], "description": "Whom the report is about."},
        "orderCustomer": {"type": ["string", "null"], "description": "Whose the order is."},
        "settled": {"type": ["object", "null"], "description": "Null while it is open.", "required": ["at", "by", "reason"], "properties": {
          "at": {"$ref": "#/components/schemas/Time"}, "by": {"type": "string"},
          "reason": {"type": ["string", "null"], "description": "Null where it was erased."}}}}}
      """#
    ),
    (
      "ConflictSettlement",
      #"""
      {"type": "object", "required": ["reason"], "additionalProperties": false, "properties": {
        "reason": {"type": "string", "minLength": 1, "maxLength": \#(ConflictSettlement.longestReason)}}}
      """#
    ),
    (
      "OrderConflictPage",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/OrderConflict"}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
  ]
}
