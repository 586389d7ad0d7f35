import Base
import Customers

/// The JSON schemas of what is known of a customer, and of its change.
extension Schemas {
  static let profile: [(name: String, json: String)] = [
    (
      "TraitEdit",
      #"""
      {"type": "object", "required": ["traits"], "additionalProperties": false, "properties": {
        "traits": {"type": "object", "minProperties": 1, "maxProperties": \#(TraitEdit.mostTraits),
          "propertyNames": {"minLength": 1, "maxLength": \#(TraitEdit.longestName)},
          "description": "By name: any JSON of at most \#(TraitEdit.longestValue) bytes; null removes the trait.", "additionalProperties": {}}}}
      """#
    ),
    (
      "IdentifierEdit",
      identifier(more: #", "shared": {"type": ["boolean", "null"], "description": "Several people use it."}"#)
    ),
    ("IdentifierRemoval", identifier(more: "")),
    (
      "Identifiers",
      #"""
      {"type": "object", "required": ["customer", "identifiers"], "properties": {
        "customer": {"type": "string", "description": "The customer's id."},
        "identifiers": {"type": "array", "items": {"$ref": "#/components/schemas/Identifier"}}}}
      """#
    ),
    (
      "Identifier",
      #"""
      {"type": "object", "required": ["type", "value", "verified", "shared", "source", "since"], "properties": {
        "type": {"type": "string"}, "value": {"type": "string"}, "verified": {"type": "boolean"},
        "shared": {"type": "boolean"}, "source": {"type": "string"}, "since": {"$ref": "#/components/schemas/Time"}}}
      """#
    ),
    (
      "TraitSet",
      #"""
      {"type": "object", "description": "By name: the newest value, and what the other sources say.",
       "additionalProperties": {"allOf": [{"$ref": "#/components/schemas/TraitValue"}, {"type": "object", "required": ["lost"], "properties": {
         "lost": {"type": "array", "description": "The newest first.", "items": {"$ref": "#/components/schemas/TraitValue"}}}}]}}
      """#
    ),
    (
      "Traits",
      #"""
      {"type": "object", "required": ["traits"], "properties": {"traits": {"$ref": "#/components/schemas/TraitSet"}}}
      """#
    ),
  ]
  private static func identifier(more: String) -> String {
    let types = IdentifierType.all.map { "\"\($0.name)\"" }.joined(separator: ", ")
    return """
      {"type": "object", "required": ["type", "value"], "additionalProperties": false, "properties": {
        "type": {"enum": [\(types)]}, "value": {"type": ["string", "number"], "description": "In any spelling."},
        "reason": {"type": ["string", "null"], "minLength": 1, "maxLength": \(IdentifierEdit.longestReason)}\(more)}}
      """
  }
}
