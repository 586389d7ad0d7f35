import Channels

extension Schemas {
  static let hooks: [(name: String, json: String)] = [
    (
      "TillReceipts",
      #"""
      {"description": "One receipt, a list of them, or an object with a list.", "anyOf": [
        {"$ref": "#/components/schemas/TillReceipt"}, {"$ref": "#/components/schemas/TillReceiptList"},
        {"type": "object", "required": ["receipts"], "properties": {"receipts": {"$ref": "#/components/schemas/TillReceiptList"}}}]}
      """#
    ),
    (
      "TillReceiptList",
      #"""
      {"type": "array", "minItems": 1, "maxItems": \#(TillChannel.mostReceipts), "items": {"type": "object", "description": "A TillReceipt; each has a result of its own."}}
      """#
    ),
    (
      "TillReceipt",
      #"""
      {"type": "object", "description": "A till's receipt. It becomes Order Completed, Order Refunded or Order Cancelled, with amounts as decimals and all that the till said. What does not add up is noted as `defects` of the event. A receipt is its customer's by the card that was scanned; a phone or address is a claim unless the source's document says otherwise. Numbers of payment cards are masked but for their last four digits.",
       "required": ["store_id", "register_id", "shift_no", "receipt_no", "kind", "issued_at", "currency"], "properties": {
        "store_id": \#(name), "register_id": \#(name), "shift_no": \#(name), "receipt_no": \#(name),
        "operator": {}, "kind": {"enum": ["sale", "refund", "void"]},
        "issued_at": {"type": "string", "format": "date-time", "description": "By the till's clock, with its offset."},
        "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$", "description": "ISO 4217."},
        "lines": {"type": ["array", "null"], "maxItems": \#(TillChannel.mostLines), "description": "Needed but for a void.", "items": {"type": "object", "required": ["qty", "total_minor"], "properties": {
          "line": {}, "sku": \#(text), "gtin": \#(text), "name": \#(text),
          "qty": {"type": ["string", "number"], "description": "A decimal with at most three decimals."}, "uom": {},
          "unit_price_minor": \#(money), "discount_minor": \#(money), "tax_rate": {}, "total_minor": {"type": "integer"}, "serials": {}}}},
        "discounts": {"type": ["array", "null"], "description": "Of the whole receipt.", "items": {"type": "object", "properties": {"amount_minor": \#(money)}}},
        "tenders": {"type": ["array", "null"], "items": {"type": "object", "required": ["amount_minor"], "properties": {
          "kind": {"description": "cash, card, loyalty, giftcard …"}, "amount_minor": {"type": "integer"}, "masked_pan": {}, "auth_code": {}}}},
        "totals": {"type": ["object", "null"], "properties": {"total_minor": \#(money), "change_minor": \#(money)}},
        "loyalty_card": \#(text), "phone": \#(text), "email": \#(text),
        "order_id": {"type": ["string", "number", "null"], "description": "An order that was placed at another door, which this sale hands over: what of it is still open is collected, and what is sold beyond it becomes a line of it."},
        "original_receipt": {"type": ["object", "string", "number", "null"], "description": "What is taken back or cancelled: store_id, register_id, shift_no (as here if missing) and receipt_no, or an order's id."},
        "fiscal": {}, "offline": {"type": ["boolean", "null"], "description": "How it was sent, so no part of what it says."},
        "seq": {"type": ["integer", "null"], "minimum": 0, "description": "Counts the register's receipts."}}}
      """#
    ),
  ]

  private static let name = #"{"type": ["string", "number"], "minLength": 1, "maxLength": \#(TillChannel.longestName)}"#
  private static let text = #"{"type": ["string", "number", "null"]}"#
  private static let money = #"{"type": ["integer", "null"]}"#
}
