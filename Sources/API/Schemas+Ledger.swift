/// The JSON schemas of consents, resume states and the audit.
extension Schemas {
  static let ledger: [(name: String, json: String)] = [
    (
      "DeadLetterPage",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"type": "object", "required": ["number", "source", "receivedAt", "messageId", "conflictsWith", "reason", "body"], "properties": {
          "number": {"type": "integer"}, "source": {"type": "string"}, "receivedAt": {"$ref": "#/components/schemas/Time"},
          "messageId": {"type": ["string", "null"]},
          "conflictsWith": {"type": ["integer", "null"], "description": "The place in the log of what stands under this messageId with another body."},
          "reason": {"type": "string"},
          "body": {"type": "string", "description": "The event as it came, without keys and tokens; of a call that could not be read its beginning."}}}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
    (
      "ConsentChange",
      #"""
      {"type": "object", "required": ["purpose", "state"], "additionalProperties": false, "properties": {
        "purpose": {"type": "string", "maxLength": 64, "pattern": "^[a-z0-9._-]+$", "description": "marketing, service, analytics, personalisation, or a name of the shop's own."},
        "channel": {"enum": ["web", "app", "site", "chat", "email", "sms", "phone", "store", "push", null], "description": "None for all of them."},
        "state": {"enum": ["granted", "withdrawn"]},
        "legalBasis": {"enum": ["consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests", null], "description": "GDPR, article 6(1)."},
        "textVersion": {"type": ["string", "null"], "minLength": 1, "maxLength": 100, "description": "Which version of the text the person saw."},
        "proof": {"type": ["object", "null"], "description": "What shows it, in at most 4096 bytes: the form, the address, the message's id."},
        "at": {"type": ["string", "null"], "format": "date-time", "description": "When the person said so; now when it is missing."},
        "expiresAt": {"type": ["string", "null"], "format": "date-time", "description": "When a grant ends by itself, at most 3650 days on."}}}
      """#
    ),
    (
      "ConsentChanges",
      #"""
      {"type": "array", "minItems": 1, "maxItems": 50, "items": {"$ref": "#/components/schemas/ConsentChange"},
       "description": "No two of one purpose and channel."}
      """#
    ),
    (
      "Consent",
      #"""
      {"type": "object", "required": ["purpose", "channel", "state", "at", "source", "messageId", "sequence"], "properties": {
        "purpose": {"type": "string"}, "channel": {"type": ["string", "null"], "description": "null for all of them."},
        "state": {"enum": ["granted", "withdrawn"]}, "legalBasis": {"type": "string"}, "textVersion": {"type": "string"},
        "proof": {"type": "object"}, "at": {"$ref": "#/components/schemas/Time"},
        "expiresAt": {"type": "string", "format": "date-time", "description": "When a grant ends by itself; a withdrawal follows then."},
        "source": {"type": "string"}, "messageId": {"type": "string"}, "sequence": {"type": "integer"}}}
      """#
    ),
    (
      "ConsentState",
      #"""
      {"type": "object", "required": ["consents"], "properties": {
        "consents": {"type": "array", "description": "What holds now, for each purpose and channel; of what two merged customers said, a withdrawal.", "items": {"$ref": "#/components/schemas/Consent"}}}}
      """#
    ),
    (
      "ConsentLedger",
      #"""
      {"allOf": [{"$ref": "#/components/schemas/ConsentState"}, {"type": "object", "required": ["history"], "properties": {
        "history": {"type": "array", "description": "The 500 newest changes, newest first.", "items": {"$ref": "#/components/schemas/Consent"}}}}]}
      """#
    ),
    (
      "StateChange",
      #"""
      {"type": "object", "required": ["value"], "additionalProperties": false, "properties": {
        "value": {"description": "Any JSON of at most 16384 bytes."},
        "device": {"type": ["string", "null"], "minLength": 1, "maxLength": 100},
        "at": {"type": ["string", "null"], "format": "date-time", "description": "When it was so; now when it is missing. The newest wins, whenever it comes."},
        "expiresAt": {"type": ["string", "null"], "format": "date-time", "description": "At most 365 days on; 30 days after `at` when it is missing."}}}
      """#
    ),
    (
      "State",
      #"""
      {"type": "object", "required": ["key", "value", "version", "device", "at", "expiresAt"], "properties": {
        "key": {"type": "string"}, "value": {}, "version": {"type": "integer", "description": "The place in the log of its writing; the ETag is `\"v\"` and this."},
        "device": {"type": ["string", "null"]}, "at": {"$ref": "#/components/schemas/Time"},
        "expiresAt": {"$ref": "#/components/schemas/Time"}}}
      """#
    ),
    (
      "States",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/State"}}, "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
    (
      "AuditEntry",
      #"""
      {"type": "object", "required": ["at", "actor", "action", "customer", "reason", "count"], "properties": {
        "at": {"$ref": "#/components/schemas/Time"},
        "actor": {"type": "object", "required": ["key", "name", "role"], "properties": {
          "key": {"type": "string", "description": "The key's id."}, "name": {"type": "string"}, "role": {"type": "string"}}},
        "action": {"type": ["string", "null"], "description": "Method and route of a person's read; null for a machine's reads of a minute."},
        "customer": {"type": "string", "description": "The id under which the customer was known then; `live` or `source:NAME` where it was about nobody in particular."},
        "reason": {"type": ["string", "null"], "description": "What the reader sent as Throughline-Reason."},
        "count": {"type": "integer", "minimum": 1}}}
      """#
    ),
    (
      "AuditPage",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/AuditEntry"}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
  ]
}
