import Base
import Customers

extension Schemas {
  /// The schemas of finding customers.
  static let search: [(name: String, json: String)] = [
    (
      "CustomerSearch",
      #"""
      {"type": "object", "required": ["q"], "additionalProperties": false, "properties": {
        "q": {"type": "string", "maxLength": \#(SearchQuery.longest)},
        "limit": {"type": ["integer", "null"], "minimum": 1, "maximum": \#(CustomerSearch.longestPage), "default": \#(CustomerSearch.usualPage)},
        "cursor": {"type": ["string", "null"]}}}
      """#
    ),
    (
      "CustomersFound",
      #"""
      {"type": "object", "required": ["data", "next", "complete"], "properties": {
        "data": {"type": "array", "items": {"type": "object",
          "required": ["id", "known", "name", "activeAt", "match", "identifiers", "matches"], "properties": {
          "id": {"type": "string"}, "known": {"type": "boolean"}, "name": {"type": ["string", "null"]},
          "activeAt": {"$ref": "#/components/schemas/Time", "description": "When the newest event happened."},
          "match": {"enum": ["exact", "prefix", "mistake"], "description": "How near the farthest of the words is."},
          "identifiers": {"type": "array", "description": "Those that match; verified when he has proved it, else it is a claim.", "items": {
            "type": "object", "required": ["type", "value", "verified"], "properties": {
              "type": {"type": "string"}, "value": {"type": "string"}, "verified": {"type": "boolean"}}}},
          "matches": {"type": "array", "description": "Why he was found.", "items": {
            "type": "object", "required": ["field", "value"], "properties": {
              "field": {"type": "string"}, "value": {"type": "string"}}}}}}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."},
        "complete": {"type": "boolean", "description": "False where so many share these words that only the newest were looked at: add a word."}}}
      """#
    ),
    (
      "CustomerLookup",
      #"""
      {"type": "object", "required": ["type", "value"], "additionalProperties": false, "properties": {
        "type": {"enum": [\#(IdentifierType.all.map { "\"\($0.name)\"" }.joined(separator: ", "))]},
        "value": {"type": ["string", "number"], "description": "In any spelling."},
        "country": {"type": ["string", "null"], "pattern": "^[A-Za-z]{2}$", "description": "ISO 3166-1: where a number is dialled that names no country; before the query's."}}}
      """#
    ),
    (
      "CustomersLookedUp",
      #"""
      {"type": "object", "required": ["data", "shared"], "properties": {
        "shared": {"type": "boolean", "description": "Whether several people use it, so that it is nobody's alone: `data` says who."},
        "data": {"type": "array", "items": {"type": "object", "required": ["id", "known", "verified"], "properties": {
          "id": {"type": "string"}, "known": {"type": "boolean"},
          "verified": {"type": "boolean", "description": "Whether he has proved it, or claims it."}}}}}}
      """#
    ),
  ]
}
