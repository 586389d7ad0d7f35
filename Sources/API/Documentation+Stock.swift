import Commerce
import Customers

/// What a developer reads of stores and stock.
extension Documentation {
  private static let limit = page.filter { $0.name == "limit" }
  private static let sku = Operation.Parameter(
    name: "sku", place: "path", text: "The article's number.", schema: #"{"type": "string"}"#, isRequired: true)

  static let stores = Operation(
    id: "get-stores", tag: "stock", summary: "Every store, by id.", access: .reader,
    parameters: namePage + [minSequence],
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "StorePage")]
      + problems(400, 401, 403, 503))

  static let putStores = Operation(
    id: "put-stores", tag: "stock",
    summary: """
      Store a list of stores, at most \(DocumentList.most); each becomes a new version of its document, unless it says what \
      the newest one says.
      """,
    access: .administrator, parameters: [listKey], body: "StoreArray",
    example: #"[\#(DocumentDescription.store.example)]"#,
    answers: [Answer(status: 200, text: "What became of each.", schema: "StoredList")]
      + problems(400, 401, 403, 413, 415, 422, 503))

  static let putStock = Operation(
    id: "put-stock", tag: "stock",
    summary: """
      Tell what was counted (`onHand`) or by how much it changed (`delta`), in any order and as often as you like: a line \
      with an id counts once per source, a count that was told before changes nothing, and what is older than the newest \
      count has no effect. On hand is the newest count with what happened after it; \
      of the second of a count what was heard of before the count is in it, and what comes after is not. What is on its \
      way (`incoming`, `expectedAt`) is shown and never promised, until it is told otherwise. At most \(StockList.most) lines; each \
      \(StockList.group) are taken together, one after the other.
      """,
    access: .stockkeeper, parameters: [idempotencyKey], body: "StockLines",
    example: """
      [{"store": "riga-1", "sku": "A-17", "onHand": 3, "asOf": "2026-01-02T10:00:00Z", "source": "erp"},
       {"store": "riga-1", "sku": "B-2", "delta": -0.5, "source": "erp", "id": "move-4711"}]
      """,
    answers: [Answer(status: 200, text: "One result per line, in their order.", schema: "StockResults")]
      + problems(400, 401, 403, 413, 415, 422, 503))

  static let stockMovements = Operation(
    id: "get-stock-movements", tag: "stock",
    summary: """
      Why there is as much of an article in a store as there is: every posting, the newest first, with what was on hand \
      after it; beside them the sums of now and who has it reserved.
      """,
    access: .searcher,
    parameters: [
      .init(name: "store", place: "path", text: "The store's id.", schema: #"{"type": "string"}"#, isRequired: true),
      sku,
    ] + namePage + [minSequence],
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "StockMovements")]
      + problems(400, 401, 403, 404, 503))

  static let stockShortages = Operation(
    id: "get-stock-shortages", tag: "stock",
    summary: """
      What was sold or promised beyond what there is and nothing has made up for, the oldest first: a work list. It closes \
      by itself when stock comes.
      """,
    access: .searcher,
    parameters: [
      .init(name: "store", place: "query", text: "Only in this store.", schema: #"{"type": "string"}"#),
      .init(name: "sku", place: "query", text: "Only of this article.", schema: #"{"type": "string"}"#),
    ] + namePage + [minSequence],
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "StockShortages")]
      + problems(400, 401, 403, 503))

  static let availability = Operation(
    id: "get-availability", tag: "stock",
    summary: """
      How much of an article each store has and can promise, the nearest first. Available is on hand less what is \
      reserved, the store's safety stock and what is kept for its tills (`offlineAllowance` of the store); nothing where stock was told too long ago (`stock-policy`).
      """,
    access: .reader,
    parameters: [
      sku,
      .init(
        name: "near", place: "query", text: "Latitude and longitude in degrees: `56.95,24.1`.",
        schema: #"{"type": "string"}"#),
      .init(
        name: "quantity", place: "query", text: "Only stores that can promise as much.", schema: #"{"type": "number"}"#),
    ] + limit + [minSequence],
    answers: [Answer(status: 200, text: "The stores that have or had it.", schema: "Availability")]
      + problems(400, 401, 403, 503))

  static let availabilityOfLines = Operation(
    id: "post-availability", tag: "stock",
    summary: """
      Which stores have all of several lines: first those that are open or never said when they are, each the nearest \
      first. Where none has, the fewest that have them among them, and what all together have too little of.
      """,
    access: .reader, parameters: [minSequence], body: "AvailabilityQuestion",
    example: #"{"lines": [{"sku": "A-17", "quantity": 2}, {"sku": "B-2"}], "near": {"lat": 56.95, "lon": 24.1}}"#,
    answers: [Answer(status: 200, text: "The stores.", schema: "Sourcing")] + problems(400, 401, 403, 413, 415, 503))
}

extension DocumentDescription {
  static let store = DocumentDescription(
    schema: "Store",
    json: #"""
      {"type": "object", "required": ["id", "name", "timeZone"], "additionalProperties": false, "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": \#(Store.longestID)},
        "name": {"type": "string", "minLength": 1, "maxLength": \#(Store.longestName)},
        "location": {"anyOf": [{"$ref": "#/components/schemas/Place"}, {"type": "null"}]},
        "timeZone": {"type": "string", "description": "As the zoneinfo files call it: `Europe/Riga`."},
        "hours": {"type": ["array", "null"], "maxItems": 21, "description": "When it is open by the clocks there; null where nobody has said. What closes at or before it opens closes on the next day.",
          "items": {"type": "object", "required": ["days", "open", "close"], "additionalProperties": false, "properties": {
            "days": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}},
            "open": {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"}, "close": {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"}}}},
        "pickup": {"type": "boolean", "default": true, "description": "Whether customers fetch orders there."},
        "safetyStock": {"type": ["number", "string"], "default": 0, "description": "So much of each article is never promised."},
        "offlineAllowance": {"type": "integer", "minimum": 0, "maximum": 100, "default": 0, "description": "So many percent of what is on hand, less the safety stock, in whole units of each article, are kept for the tills there: no other door promises them, so a till may sell them while it has no connection, and is told how many. What tills sell beyond it, from when stock was told or sold there last with a connection until it is so next, counts, and stands on the work list of orders. 0: nothing is kept, and nothing watched."}}}
      """#,
    example: """
      {"id": "riga-1", "name": "Old Town", "location": {"lat": 56.9496, "lon": 24.1052}, "timeZone": "Europe/Riga", \
      "hours": [{"days": ["mon", "tue", "wed", "thu", "fri"], "open": "09:00", "close": "21:00"}], "safetyStock": 1}
      """,
    text: "a store: where goods are, and when it is open")

  static let stockPolicy = DocumentDescription(
    schema: "StockPolicy",
    json: #"""
      {"type": "object", "additionalProperties": false, "description": "In minutes since stock was told last.", "properties": {
        "staleAfter": {"type": "integer", "minimum": 1, "maximum": \#(StockPolicy.longest), "default": \#(StockPolicy.usualStaleAfter), "description": "What is older is marked."},
        "promisedFor": {"type": "integer", "minimum": 1, "maximum": \#(StockPolicy.longest), "default": \#(StockPolicy.usualPromisedFor), "description": "What is older is not promised; not shorter than staleAfter."}}}
      """#,
    example: #"{"staleAfter": 240, "promisedFor": 2880}"#,
    text: "the policy of stock: how long what was told of it is believed")
}
