/// The bodies of the routes that tell who is who, as JSON schemas.
extension Schemas {
  private static let reason =
    #""reason": {"type": "string", "minLength": 1, "maxLength": \#(ActRequest.longestReason)}"#
  private static let dryRun = #""dryRun": {"type": "boolean", "default": false}"#

  static let merges: [(name: String, json: String)] = [
    (
      "MergeRequest",
      #"""
      {"type": "object", "required": ["with", "reason"], "properties": {
        "with": {"type": "string", "description": "An id, or type:value."}, \#(reason), \#(dryRun)}}
      """#
    ),
    (
      "UndoRequest",
      #"""
      {"type": "object", "required": ["reason"], "properties": {\#(reason), \#(dryRun),
        "keep": {"type": "object", "description": "Who has an identifier from now on: one of the two by an id of his, or `shared`.",
          "additionalProperties": {"type": "string"}}}}
      """#
    ),
    (
      "ReviewDecision",
      #"""
      {"type": "object", "required": ["decision", "reason"], "properties": {
        "decision": {"enum": ["merge", "apart"]}, \#(reason), \#(dryRun)}}
      """#
    ),
    (
      "Act",
      #"""
      {"type": "object", "required": ["actor", "at", "reason"], "properties": {
        "actor": {"type": "string"}, "at": {"$ref": "#/components/schemas/Time"}, "reason": {"type": ["string", "null"]}}}
      """#
    ),
    (
      "Merge",
      #"""
      {"type": "object", "required": ["id", "into", "from", "rule", "evidence", "actor", "at", "reason", "undone"], "properties": {
        "id": {"type": "string"}, "into": {"type": "string", "description": "The id that the customer kept."},
        "from": {"type": "string", "description": "The id that became a former one."},
        "rule": {"type": "string", "description": "`person`, or the rule that made it."},
        "evidence": {"type": "object", "required": ["sequence", "identifiers"], "properties": {
          "sequence": {"type": "integer", "description": "The place in the log of the event that proved it, or of the person's act. Read with `asOf` one less, both customers are shown as they were before."},
          "identifiers": {"type": "array", "description": "What it ties.", "items": {"type": "object", "required": ["type", "value"], "properties": {
            "type": {"type": "string"}, "value": {"type": "string"}}}}}},
        "actor": {"type": "string"}, "at": {"$ref": "#/components/schemas/Time"}, "reason": {"type": ["string", "null"]},
        "undone": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Act"}]}}}
      """#
    ),
    (
      "MergePage",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/Merge"}}, "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
    (
      "MergeAnswer",
      #"""
      {"type": "object", "required": ["dryRun", "diff"], "description": "With the merge's own fields, where there is one.",
       "properties": {"dryRun": {"type": "boolean"},
        "diff": {"type": "object", "required": ["before", "after"], "properties": {
          "before": {"type": "array", "items": {"$ref": "#/components/schemas/Customer"}},
          "after": {"type": "array", "items": {"$ref": "#/components/schemas/Customer"}}}}}}
      """#
    ),
    (
      "Review",
      #"""
      {"type": "object", "required": ["id", "customers", "reasons", "score", "state", "since", "sequence"], "properties": {
        "id": {"type": "string"}, "customers": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2, "description": "One where a numbering plan has no such telephone number any more."},
        "reasons": {"type": "array", "items": {"type": "string"}, "description": "`limit user_id`, `separation`, or `numbering`: a newer numbering plan has a telephone number otherwise."},
        "score": {"type": "integer", "minimum": 0, "maximum": 100, "description": "How likely they are one person."},
        "state": {"enum": ["open", "merged", "apart"]}, "since": {"$ref": "#/components/schemas/Time"},
        "sequence": {"type": "integer"}}}
      """#
    ),
    (
      "ReviewPage",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/Review"}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
  ]
}
