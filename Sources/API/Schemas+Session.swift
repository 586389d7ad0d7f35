/// The JSON schemas of the console's sign-in, and of why identifiers belong together.
extension Schemas {
  static let session: [(name: String, json: String)] = [
    (
      "SignIn",
      #"""
      {"type": "object", "required": ["key"], "properties": {"key": {"type": "string", "minLength": 1, "description": "A person's key."}}}
      """#
    ),
    (
      "Session",
      #"""
      {"type": "object", "required": ["name", "role", "expiresAt", "expiresIn", "hasCustomers"], "properties": {
        "name": {"type": "string", "description": "The key's name."}, "role": {"type": "string"},
        "expiresAt": {"type": ["string", "null"], "format": "date-time", "description": "When the session ends unless its person goes on; null for a key."},
        "expiresIn": {"type": ["integer", "null"], "description": "The same in seconds from now."},
        "hasCustomers": {"type": "boolean", "description": "Whether any event came yet that was about somebody."}}}
      """#
    ),
    (
      "IdentifierTies",
      #"""
      {"type": "object", "required": ["customer", "identifiers", "ties", "claims"], "properties": {
        "customer": {"type": "string", "description": "The customer's id."},
        "identifiers": {"type": "array", "items": {"$ref": "#/components/schemas/Identifier"}},
        "ties": {"type": "array", "description": "Proofs that two identifiers are one person's.", "items": {
          "type": "object", "required": ["between", "rule", "sequence", "source", "channel", "type", "at", "merge"], "properties": {
            "between": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"$ref": "#/components/schemas/IdentifierName"}},
            "rule": {"type": "string", "description": "`person`, or the rule that made it."},
            "sequence": {"type": "integer", "description": "The event that gave the proof."},
            "source": {"type": "string"}, "channel": {"type": "string"}, "type": {"type": "string"}, "event": {"type": "string"},
            "at": {"$ref": "#/components/schemas/Time"},
            "merge": {"type": ["string", "null"], "description": "The merge that it made, if two were customers before."}}}},
        "claims": {"type": "array", "description": "What he says is his and has not shown.", "items": {
          "type": "object", "required": ["type", "value", "tied", "shared", "source", "since"], "properties": {
            "type": {"type": "string"}, "value": {"type": "string"}, "by": {"$ref": "#/components/schemas/IdentifierName"},
            "tied": {"type": "boolean", "description": "Whether it makes one visitor of two."},
            "shared": {"type": "boolean", "description": "Whether several people use it."},
            "source": {"type": "string"}, "since": {"$ref": "#/components/schemas/Time"}}}}}}
      """#
    ),
    (
      "IdentifierName",
      #"""
      {"type": "object", "required": ["type", "value"], "properties": {"type": {"type": "string"}, "value": {"type": "string"}}}
      """#
    ),
  ]
}
