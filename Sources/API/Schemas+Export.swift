/// The JSON schemas of exports and jobs.
extension Schemas {
  static let exports: [(name: String, json: String)] = [
    (
      "ExportRequest",
      #"""
      {"type": "object", "required": ["format"], "additionalProperties": false, "properties": {
        "format": {"enum": ["json", "csv"]},
        "part": {"enum": ["identifiers", "traits", "consents", "states", "points", "events", null], "description": "Which table, for csv alone: each is a file."}}}
      """#
    ),
    (
      "ErasureRequest",
      #"""
      {"type": "object", "required": ["reason"], "additionalProperties": false, "properties": {
        "reason": {"type": "string", "minLength": 1, "maxLength": 1000, "description": "It stays in the log, so it may not name the person."}}}
      """#
    ),
    (
      "Receipt",
      #"""
      {"type": "object", "description": "What an erasure has done.", "required": ["events", "identifiers", "mentions", "deadLetters", "sequence", "at"], "properties": {
        "events": {"type": "integer", "description": "How many of the person's events stand in the log without him."},
        "identifiers": {"type": "integer"},
        "mentions": {"type": "integer", "description": "How many other events spoke of him."},
        "deadLetters": {"type": "integer", "description": "How many refused events were about him."},
        "sequence": {"type": "integer", "description": "The erasure's place in the log."},
        "at": {"$ref": "#/components/schemas/Time"}}}
      """#
    ),
    (
      "RetentionReceipt",
      #"""
      {"type": "object", "description": "What a run over old events has done.", "required": ["events", "origins", "bytes", "kept", "forbiddenBy", "sequence"], "properties": {
        "events": {"type": "integer", "description": "How many events became parts of summaries."},
        "origins": {"type": "integer", "description": "At how many identifiers they stood."},
        "bytes": {"type": "integer", "description": "How long their bodies were: this room is used again."},
        "kept": {"type": "integer", "description": "How many old ones stay, because more hangs on them than their bodies."},
        "forbiddenBy": {"type": "array", "items": {"type": "string"}, "description": "Computed traits that read the events themselves, so that the class was left alone."},
        "sequence": {"type": "integer", "description": "The run's place in the log."}}}
      """#
    ),
    (
      "Job",
      #"""
      {"type": "object", "required": ["id", "kind", "state", "createdAt", "finishedAt", "failure"], "properties": {
        "id": {"type": "string"}, "kind": {"enum": ["export", "erasure", "retention"]}, "format": {"enum": ["json", "csv"]}, "part": {"type": "string"},
        "state": {"enum": ["queued", "running", "done", "failed", "expired"]},
        "createdAt": {"$ref": "#/components/schemas/Time"},
        "finishedAt": {"type": ["string", "null"], "format": "date-time"},
        "expiresAt": {"type": ["string", "null"], "format": "date-time", "description": "When the result ends."},
        "size": {"type": ["integer", "null"], "description": "The result's length in bytes."},
        "result": {"type": ["string", "null"], "description": "Where the result is; null as long as there is none."},
        "receipt": {"anyOf": [{"$ref": "#/components/schemas/Receipt"}, {"$ref": "#/components/schemas/RetentionReceipt"}, {"type": "null"}], "description": "Of an erasure or of a run over old events; null until it is done."},
        "failure": {"type": ["string", "null"], "description": "Why it has failed."}}}
      """#
    ),
    (
      "ExportTrait",
      #"""
      {"allOf": [{"$ref": "#/components/schemas/TraitValue"}, {"type": "object", "required": ["lost"], "properties": {
        "lost": {"type": "array", "items": {"$ref": "#/components/schemas/TraitValue"}}}}]}
      """#
    ),
    (
      "Export",
      #"""
      {"type": "object", "required": ["exportedAt", "id", "formerIds", "known", "identifiers", "claims", "ties", "traits", "consents", "states", "timers", "events"], "properties": {
        "exportedAt": {"$ref": "#/components/schemas/Time"}, "id": {"type": "string"},
        "formerIds": {"type": "array", "items": {"type": "string"}}, "known": {"type": "boolean"},
        "identifiers": {"type": "array", "items": {"type": "object",
          "required": ["type", "value", "id", "standing", "verified", "shared", "source", "since"], "properties": {
            "type": {"type": "string"}, "value": {"type": "string"}, "id": {"type": "string"},
            "standing": {"enum": ["own", "claim"]}, "verified": {"type": "boolean"}, "shared": {"type": "boolean"},
            "claimedAt": {"type": "string", "description": "The source that alone claims it."},
            "generation": {"type": "integer", "description": "How often it has changed hands before."},
            "source": {"type": "string"}, "since": {"$ref": "#/components/schemas/Time"}}}},
        "claims": {"type": "array", "description": "What he says is his too.", "items": {"type": "object",
          "required": ["type", "value", "by", "tied", "source", "since"]}},
        "ties": {"type": "array", "description": "By what proofs his names are one person's.", "items": {"type": "object",
          "required": ["between", "rule", "source", "since"]}},
        "traits": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/ExportTrait"}},
        "consents": {"type": "object", "required": ["state", "history"], "properties": {
          "state": {"type": "array", "items": {"type": "object"}}, "history": {"type": "array", "items": {"type": "object"}}}},
        "states": {"type": "array", "items": {"type": "object", "required": ["key", "value", "at", "expiresAt"]}},
        "loyalty": {"type": "object", "required": ["owed", "lots", "holds", "ledger"]},
        "cart": {"type": "object", "description": "His cart, with what is saved for later.", "required": ["id", "state", "lines", "coupons"]},
        "formerCarts": {"type": "array", "description": "Carts that have ended, with the orders that they became.", "items": {"type": "object", "required": ["id", "state", "order"]}},
        "timers": {"type": "array", "description": "What will be done by itself, such as the end of a grant.", "items": {"type": "object", "required": ["kind", "due", "payload"]}},
        "events": {"type": "array", "description": "In the order in which they happened, each with what came as it came.", "items": {"type": "object",
          "required": ["messageId", "type", "channel", "source", "timestamp", "receivedAt", "identifiers", "body"]}}}}
      """#
    ),
  ]
}
