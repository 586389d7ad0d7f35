import Commerce

/// The JSON schemas of stores and stock.
extension Schemas {
  private static let units = #""description": "Units of the article, with up to three decimals.""#
  private static let quantity = #"{"type": "number", \#(units)}"#
  private static let given = #"{"type": ["number", "string"], \#(units)}"#
  private static let next =
    #""next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}"#
  private static let open =
    #""open": {"type": ["boolean", "null"], "description": "Whether it is open now; null where nobody has said when it is."}"#
  private static let distance =
    #""distance": {"type": ["integer", "null"], "description": "In metres, where both places are known."}"#

  private static let incoming = #"""
    "incoming": {"type": ["object", "null"], "description": "What is on its way, as it was told last; promised to nobody. Null where nothing is.", "required": ["quantity", "expectedAt", "asOf"], "properties": {
      "quantity": {"type": "number", \#(units)}, "expectedAt": {"anyOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]}, "asOf": {"$ref": "#/components/schemas/Time"}}}
    """#

  static let stock: [(name: String, json: String)] = [
    (
      "Place",
      #"""
      {"type": "object", "required": ["lat", "lon"], "description": "In degrees of WGS 84; the sixth decimal is the last that counts.", "properties": {
        "lat": {"type": "number", "minimum": -90, "maximum": 90}, "lon": {"type": "number", "minimum": -180, "maximum": 180}}}
      """#
    ),
    (
      "StorePage",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/Store"}}, \#(next)}}
      """#
    ),
    (
      "StoreArray",
      #"{"type": "array", "maxItems": \#(DocumentList.most), "items": {"description": "A Store; what is none has a result that says why."}}"#
    ),
    (
      "StockLines",
      #"""
      {"type": "array", "maxItems": \#(StockList.most), "description": "What is no such line has a result that says why.", "items": {"properties": {
        "store": {"type": "string"}, "sku": {"type": "string"},
        "onHand": \#(given), "delta": \#(given), "incoming": \#(given),
        "expectedAt": {"type": ["string", "null"], "description": "When what is incoming is expected (RFC 3339)."},
        "asOf": {"type": "string", "description": "When it was so (RFC 3339); now, where it is missing."},
        "source": {"type": "string", "description": "Who tells it; the key's name, where it is missing."},
        "id": {"type": "string", "description": "Under which the line counts once per source, for ever; not of incoming, which replaces what was told before."}}}}
      """#
    ),
    (
      "StockResults",
      #"""
      {"type": "object", "required": ["results"], "properties": {"results": {"type": "array", "items": {
        "type": "object", "required": ["status"], "properties": {
          "status": {"enum": ["accepted", "duplicate", "conflict", "invalid"]},
          "change": {"type": "number", "description": "By how much on hand changed."},
          "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}}}}}}}
      """#
    ),
    (
      "StockMovements",
      #"""
      {"type": "object", "required": ["data", "next", "onHand", "reserved", "available", "incoming", "asOf", "stale", "reservations"], "properties": {
        "data": {"type": "array", "items": {"type": "object", "required": ["at", "cause", "quantity", "told", "onHand", "source", "order", "id", "sequence", "recordedAt"], "properties": {
          "at": {"$ref": "#/components/schemas/Time"}, "cause": {"enum": ["snapshot", "delta", "sale", "restock", "offlineSale"]},
          "quantity": {"type": "number", "description": "By how much on hand changed: 0 for what was in a count already."},
          "told": {"type": "number", "description": "What was said: the count of a snapshot, else the change."},
          "onHand": {"type": "number", "description": "After it, in the order in which it was written."},
          "source": {"type": ["string", "null"]}, "order": {"type": ["string", "null"], "description": "What the shop calls it; our key of it where nobody has told of it, or its customer is erased."}, "id": {"type": ["string", "null"]},
          "sequence": {"type": "integer"}, "recordedAt": {"anyOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]}}}},
        \#(next), "onHand": \#(quantity), "reserved": \#(quantity), "available": \#(quantity), \#(incoming),
        "asOf": {"anyOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]}, "stale": {"type": "boolean"},
        "reservations": {"type": "array", "maxItems": \#(StockMovements.mostReservations), "items": {"type": "object", "required": ["order", "quantity", "until"], "properties": {
          "order": {"type": "string"}, "quantity": \#(quantity), "until": {"anyOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]}}}}}}
      """#
    ),
    (
      "StockShortages",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {"data": {"type": "array", "items": {
        "type": "object", "required": ["id", "store", "sku", "missing", "of", "since", "order"], "properties": {
          "id": {"type": "string"}, "store": {"type": "string"}, "sku": {"type": "string"},
          "missing": {"type": "number", "description": "What nothing has made up for yet."}, "of": {"type": "number", "description": "What was missing when it came about."},
          "since": {"$ref": "#/components/schemas/Time"}, "order": {"type": ["string", "null"]}}}}, \#(next)}}
      """#
    ),
    (
      "Availability",
      #"""
      {"type": "object", "required": ["sku", "stores"], "properties": {"sku": {"type": "string"}, "stores": {"type": "array", "items": {
        "type": "object", "required": ["store", "name", "onHand", "reserved", "safetyStock", "available", "incoming", "distance", "asOf", "stale", "open", "pickup"], "properties": {
          "store": {"type": "string"}, "name": {"type": "string"}, "onHand": \#(quantity), "reserved": \#(quantity),
          "safetyStock": {"type": "number", "description": "Never promised there."}, "available": \#(quantity),
          "offlineAllowance": {"type": "number", "description": "To keys of the role store: how many whole units the tills there may sell without a connection; other doors promise none of them."},
          \#(incoming), \#(distance), "asOf": {"anyOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]},
          "stale": {"type": "boolean", "description": "Whether stock was told so long ago that it may be wrong."}, \#(open), "pickup": {"type": "boolean"}}}}}}
      """#
    ),
    (
      "AvailabilityQuestion",
      #"""
      {"type": "object", "required": ["lines"], "additionalProperties": false, "properties": {
        "lines": {"type": "array", "minItems": 1, "maxItems": \#(Sourcing.mostLines), "items": {"type": "object", "required": ["sku"], "properties": {
          "sku": {"type": "string"}, "quantity": {"type": ["number", "string"], "default": 1}}}},
        "near": {"anyOf": [{"$ref": "#/components/schemas/Place"}, {"type": "null"}]},
        "pickup": {"type": ["boolean", "null"], "default": false, "description": "Whether only stores count where customers fetch orders."},
        "limit": {"type": ["integer", "null"], "minimum": 1, "maximum": \#(PageQuery.longestPage), "default": \#(PageQuery.usualPage)}}}
      """#
    ),
    (
      "Sourcing",
      #"""
      {"type": "object", "required": ["stores", "split", "short"], "properties": {
        "stores": {"type": "array", "description": "Those that have everything.", "items": {"$ref": "#/components/schemas/StoreShare"}},
        "split": {"type": "array", "description": "The fewest that have everything among them, where no store has; each with what it should give.", "items": {"$ref": "#/components/schemas/StoreShare"}},
        "short": {"type": "array", "items": {"type": "object", "required": ["sku", "asked", "available"], "properties": {
          "sku": {"type": "string"}, "asked": \#(quantity), "available": \#(quantity)}}}}}
      """#
    ),
    (
      "StoreShare",
      #"""
      {"type": "object", "required": ["store", "name", "distance", "open", "lines"], "properties": {
        "store": {"type": "string"}, "name": {"type": "string"}, \#(distance), \#(open),
        "lines": {"type": "array", "items": {"type": "object", "required": ["sku"], "properties": {
          "sku": {"type": "string"}, "available": \#(quantity), "quantity": \#(quantity)}}}}}
      """#
    ),
  ]
}
