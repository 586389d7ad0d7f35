/// The JSON schema of what the browser's SDK asks first.
extension Schemas {
  static let settings: [(name: String, json: String)] = [
    (
      "BrowserSettings",
      #"""
      {"type": "object", "description": "Settings as analytics-next reads them.", "required": ["integrations", "plan", "metrics"], "additionalProperties": false, "properties": {
        "integrations": {"type": "object", "required": ["Segment.io"], "additionalProperties": false, "properties": {
          "Segment.io": {"type": "object", "required": ["apiKey", "apiHost", "protocol", "unbundledIntegrations"], "additionalProperties": false, "properties": {
            "apiKey": {"type": "string", "description": "The key that the path has."},
            "apiHost": {"type": "string", "description": "This server, as the request named it, and /v1."},
            "protocol": {"enum": ["http", "https"], "description": "https over TLS, behind a proxy that says so in X-Forwarded-Proto, and to pages that came by it."},
            "unbundledIntegrations": {"type": "array", "maxItems": 0}}}}},
        "plan": {"type": "object", "description": "Every event is let through.", "required": ["track", "identify", "group"]},
        "metrics": {"type": "object", "required": ["sampleRate"], "properties": {
          "sampleRate": {"const": 0, "description": "The SDK reports on itself to nobody."}}}},
       "examples": [{"integrations": {"Segment.io": {"apiKey": "wk_…", "apiHost": "data.shop.example/v1", "protocol": "https", "unbundledIntegrations": []}},
        "plan": {"track": {"__default": {"enabled": true}}, "identify": {"__default": {"enabled": true}}, "group": {"__default": {"enabled": true}}}, "metrics": {"sampleRate": 0}}]}
      """#
    )
  ]
}
