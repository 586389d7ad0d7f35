import Customers

/// The JSON schemas of data quality.
extension Schemas {
  private static let codes = Quality.Code.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
  private static let weights = Quality.Code.allCases.map { "\($0.rawValue) \($0.weight)" }.joined(separator: ", ")
  private static let silence = Quality.mostSilence.components.seconds / 86_400

  /// What each code means.
  private static let rules = """
    invalid_phone and invalid_email: the trait that holds is no number, or no address, by which anybody is reached. \
    bounced_address: the last that was heard of mail to his address is `Email Bounced`, and no `Email Delivered`, \
    `Email Opened` or `Email Link Clicked` came since. likely_duplicate: `customer` has the same name, and the same \
    birthday, postal code, phone or email, or a review of the two is open; not told to the customer himself, nor with \
    `asOf`. stale: nothing has happened for more than \(silence) days. no_contact: neither phone nor email nor messenger.
    """

  static let quality: [(name: String, json: String)] = [
    (
      "Quality",
      #"""
      {"type": "object", "required": ["score", "defects"], "properties": {
        "score": {"type": "integer", "minimum": 0, "maximum": 100, "description": "100 less the weight of each code among the defects: \#(weights)."},
        "defects": {"type": "array", "items": {"$ref": "#/components/schemas/Defect"}}}}
      """#
    ),
    (
      "Defect",
      #"""
      {"type": "object", "required": ["code", "detail"], "description": "\#(rules)", "properties": {
        "code": {"enum": [\#(codes)]}, "detail": {"type": "string"},
        "customer": {"type": "string", "description": "Another customer's id, with likely_duplicate."}}}
      """#
    ),
    (
      "QualityPage",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/Quality"}, {"type": "object", "required": ["customer", "known"], "properties": {
          "customer": {"type": "string"}, "known": {"type": "boolean"}}}]}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
    (
      "SourceQualities",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."},
        "data": {"type": "array", "description": "By name.", "items": {
        "type": "object", "required": ["source", "score", "recent", "defects"], "properties": {
          "source": {"type": "string"},
          "score": {"type": ["integer", "null"], "minimum": 0, "maximum": 100, "description": "null where none of the newest entries is its."},
          "recent": {"type": "object", "required": ["events", "defective"], "properties": {
            "events": {"type": "integer"}, "defective": {"type": "integer"}}},
          "defects": {"type": "object", "description": "How many events had each: no_identifier where all that an event names identifies nobody.",
            "required": ["invalid_email", "invalid_phone", "no_identifier"], "additionalProperties": {"type": "integer"}}}}}}}
      """#
    ),
  ]
}
