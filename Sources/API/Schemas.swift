/// The JSON schemas (2020-12) of what goes in and out, by name.
enum Schemas {
  static let all =
    shared + ledger + exports + documents + merges + search + tokens + profile + quality + hooks + session + live
    + webhooks + keys + settings + stock + loyalty + carts + catalogue + orders

  private static let shared: [(name: String, json: String)] = [
    (
      "Time",
      #"{"type": "string", "format": "date-time", "description": "RFC 3339, in Universal Time, with milliseconds."}"#
    ),
    (
      "Problem",
      #"""
      {"type": "object", "description": "RFC 9457.", "required": ["type", "title", "status"], "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
        "code": {"type": "string", "description": "The title in lower case, for SDKs that read it."},
        "message": {"type": "string", "description": "The detail, for SDKs that read it."}}}
      """#
    ),
    (
      "Fault",
      #"""
      {"type": "object", "required": ["pointer", "reason"], "properties": {
        "pointer": {"type": "string", "description": "RFC 6901, from the body; empty for the whole of it."},
        "reason": {"type": "string"}}}
      """#
    ),
    (
      "SegmentEvent",
      #"""
      {"type": "object", "description": "An event of Segment's spec. It needs a userId or an anonymousId; a track event needs an event, a group event a groupId, an alias a previousId. Fields that are not named here are kept as they come.",
       "properties": {
        "type": {"enum": ["identify", "track", "page", "screen", "group", "alias"], "description": "Read in a batch; elsewhere the path says it."},
        "messageId": {"type": "string", "maxLength": 100, "description": "Counts once per source, for ever. One is made when it is missing."},
        "userId": {"type": ["string", "integer", "null"]}, "anonymousId": {"type": ["string", "integer", "null"]},
        "event": {"type": "string"}, "name": {"type": "string"}, "category": {"type": ["string", "null"]},
        "groupId": {"type": ["string", "integer"]}, "previousId": {"type": ["string", "integer"]},
        "properties": {"type": ["object", "null"]}, "traits": {"type": ["object", "null"]},
        "context": {"type": ["object", "null"], "description": "userHash, the hex HMAC-SHA256 of userId under the source's secret, and token, a customer's, prove whose a page's event is; neither is kept. externalIds, a list of type (email, phone, card, telegram, whatsapp, viber, device, user_id) and id, names the customer in any event; an identify names him by the traits email and phone too."}, "integrations": {"type": ["object", "null"]},
        "timestamp": {"type": ["string", "null"], "description": "When it happened by the sender's clock."},
        "sentAt": {"type": ["string", "null"], "description": "When it was sent by the sender's clock: corrects its skew."},
        "writeKey": {"type": "string", "description": "Instead of the header; it is not kept."}}}
      """#
    ),
    (
      "SegmentBatch",
      #"""
      {"type": "object", "required": ["batch"], "properties": {
        "batch": {"type": "array", "minItems": 1, "maxItems": 2500, "items": {"$ref": "#/components/schemas/SegmentEvent"}},
        "context": {"type": "object", "description": "Holds for each event that does not say otherwise."},
        "integrations": {"type": "object"}, "sentAt": {"type": ["string", "null"]}, "writeKey": {"type": "string"}}}
      """#
    ),
    (
      "EventsAnswer",
      #"""
      {"type": "object", "required": ["success", "sequence", "results"], "properties": {
        "success": {"const": true},
        "sequence": {"type": "integer", "description": "The log's newest place: a read with this minSequence sees all of it."},
        "results": {"type": "array", "description": "One per event, in the order of the events.", "items": {
          "type": "object", "required": ["status"], "properties": {
            "messageId": {"type": "string"}, "status": {"enum": ["accepted", "duplicate", "conflict", "invalid"]},
            "customer": {"type": "string", "description": "To verified sources only."},
            "outcome": {"enum": ["created", "matched", "merged", "claimed", "queued", "erased"], "description": "To verified sources only."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}}}}}}}
      """#
    ),
    (
      "Event",
      #"""
      {"type": "object", "required": ["sequence", "messageId", "type", "properties", "channel", "source", "timestamp", "receivedAt", "customer", "identifiers"],
       "properties": {
        "sequence": {"type": "integer"}, "messageId": {"type": "string"},
        "type": {"enum": ["identify", "track", "page", "screen", "group", "alias", "consent", "state", "traits", "identifier", "merge", "undo", "review", "sign_out", "timer", "summary", "cart", "order", "points", "stock"], "description": "`summary` stands for old events of one type: in its properties `counts` has for each day and name the time of the last, the name and how many there were."},
        "event": {"type": "string"}, "name": {"type": "string"}, "properties": {},
        "channel": {"type": "string"}, "source": {"type": "string"},
        "timestamp": {"$ref": "#/components/schemas/Time"}, "originalTimestamp": {"$ref": "#/components/schemas/Time"},
        "sentAt": {"$ref": "#/components/schemas/Time"}, "receivedAt": {"$ref": "#/components/schemas/Time"},
        "customer": {"type": "string"},
        "identifiers": {"type": "array", "items": {"type": "object", "required": ["type", "value", "proved", "became"], "properties": {
          "type": {"type": "string"}, "value": {"type": "string"}, "proved": {"type": "boolean"},
          "became": {"enum": ["attached", "claimed", "parked", "doubted", "shared", "blocked"]}}}}}}
      """#
    ),
    (
      "TraitValue",
      #"""
      {"type": "object", "required": ["value", "source", "at"], "properties": {
        "value": {}, "source": {"type": "string"}, "at": {"$ref": "#/components/schemas/Time"}}}
      """#
    ),
    (
      "Customer",
      #"""
      {"type": "object", "required": ["id", "formerIds", "known", "claims", "identifiers", "traits", "consents", "quality", "cart", "timeline"], "properties": {
        "id": {"type": "string"},
        "formerIds": {"type": "array", "items": {"type": "string"}, "description": "Ids that lead to this customer, for ever."},
        "known": {"type": "boolean", "description": "Whether anything but a browser's anonymous id is proved."},
        "claims": {"type": "array", "description": "Who else says that what this customer has proved is his; of each value the first 100.", "items": {
          "type": "object", "required": ["customer", "type", "since"], "properties": {
            "customer": {"type": "string"}, "type": {"type": "string"}, "since": {"$ref": "#/components/schemas/Time"}}}},
        "identifiers": {"type": "array", "items": {"$ref": "#/components/schemas/Identifier"}},
        "traits": {"$ref": "#/components/schemas/TraitSet"},
        "consents": {"type": "array", "description": "What holds now, for each purpose and channel.", "items": {"$ref": "#/components/schemas/Consent"}},
        "quality": {"$ref": "#/components/schemas/Quality"},
        "loyalty": {"$ref": "#/components/schemas/Loyalty"},
        "cart": {"$ref": "#/components/schemas/Cart"},
        "timeline": {"type": "array", "description": "The 50 newest events.", "items": {"$ref": "#/components/schemas/Event"}},
        "asOf": {"$ref": "#/components/schemas/AsOf"}}}
      """#
    ),
    (
      "Timeline",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."},
        "asOf": {"$ref": "#/components/schemas/AsOf"}}}
      """#
    ),
    (
      "AsOf",
      #"""
      {"type": "object", "description": "Which moment of the log it is, where one was asked for.", "required": ["sequence", "time"], "properties": {
        "sequence": {"type": "integer", "description": "The last entry that counts; 0 for none."},
        "time": {"$ref": "#/components/schemas/Time"}}}
      """#
    ),
    (
      "Health",
      #"""
      {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"},
        "practice": {"const": true, "description": "The data is a practice shop's, made up by throughline demo. Only /readyz says so."}}}
      """#
    ),
  ]
}
