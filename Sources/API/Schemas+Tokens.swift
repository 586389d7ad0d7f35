import Customers

/// The JSON schemas of visitors and customers' tokens.
extension Schemas {
  static let tokens: [(name: String, json: String)] = [
    (
      "NewVisitor",
      #"""
      {"type": "object", "description": "It may be left out.", "properties": {
        "writeKey": {"type": "string", "description": "Instead of the header; it is not kept."}}}
      """#
    ),
    (
      "Visitor",
      #"""
      {"type": "object", "required": ["anonymousId", "token", "expiresAt"], "properties": {
        "anonymousId": {"type": "string", "description": "For the SDK's setAnonymousId."},
        "token": {"type": "string", "description": "A JWT; opaque to its holder."},
        "expiresAt": {"type": "string", "format": "date-time"}}}
      """#
    ),
    (
      "NewToken",
      #"""
      {"type": "object", "description": "It may be left out.", "properties": {
        "expiresIn": {"type": "integer", "minimum": 1, "maximum": \#(PersonToken.longestLife.components.seconds),
          "default": \#(PersonToken.usualLife.components.seconds), "description": "Seconds."}}}
      """#
    ),
    (
      "Token",
      #"""
      {"type": "object", "required": ["customer", "token", "expiresAt"], "properties": {
        "customer": {"type": "string"}, "token": {"type": "string", "description": "A JWT; opaque to its holder."},
        "expiresAt": {"type": "string", "format": "date-time"}}}
      """#
    ),
    (
      "BrowserLogin",
      #"""
      {"type": "object", "required": ["anonymousId"], "properties": {"anonymousId": {"type": "string"}}}
      """#
    ),
  ]
}
