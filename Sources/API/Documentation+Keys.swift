import Customers

/// What a developer reads of the routes for keys.
extension Documentation {
  static let keys = Operation(
    id: "get-keys", tag: "keys", summary: "Every key without its secret, those that have ended too.",
    access: .administrator,
    parameters: [
      .init(name: "source", place: "query", text: "Only this source's write keys.", schema: #"{"type": "string"}"#)
    ] + namePage,
    answers: [Answer(status: 200, text: "A page, by id; `Link` names the next one.", schema: "KeyPage")]
      + problems(400, 401, 403, 503))

  static let postKey = Operation(
    id: "post-key", tag: "keys",
    summary: """
      Make a key of a service or a person, or a further write key of a source. The answer shows it, and nothing else \
      does again: not the same request under its Idempotency-Key either. An owner's key is made by an owner.
      """,
    access: .administrator, parameters: [idempotencyKey], body: "NewKey",
    example: #"{"role": "agent", "name": "ann", "expiresAt": "2099-01-01T00:00:00Z"}"#,
    answers: [Answer(status: 201, text: "The key.", schema: "Key")] + problems(400, 401, 403, 413, 415, 422, 503))

  static let deleteKey = Operation(
    id: "delete-key", tag: "keys",
    summary: """
      End a key at once, with every session at the console and every live stream that was begun with it. A source whose \
      write keys have all ended sends nothing more.
      """,
    access: .administrator,
    parameters: [
      .init(name: "id", place: "path", text: "The key's id.", schema: #"{"type": "string"}"#, isRequired: true),
      idempotencyKey,
    ],
    answers: [Answer(status: 204, text: "It has ended.", schema: nil)] + problems(400, 401, 403, 404, 413, 422, 503))

  static let postSourceSecret = Operation(
    id: "post-source-secret", tag: "keys",
    summary: """
      Make a source's HMAC secret, or another in its place. The shop's server signs user ids with it for its pages. The \
      answer shows it, and nothing else does again.
      """,
    access: .administrator,
    parameters: [
      .init(name: "name", place: "path", text: "The source's name.", schema: #"{"type": "string"}"#, isRequired: true),
      idempotencyKey,
    ],
    answers: [Answer(status: 200, text: "The secret.", schema: "SourceSecret")]
      + problems(400, 401, 403, 404, 413, 422, 503))
}

extension Schemas {
  private static let roles = Role.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")

  static let keys: [(name: String, json: String)] = [
    (
      "Key",
      #"""
      {"type": "object", "required": ["id", "role", "source", "name", "holder", "expiresAt"], "properties": {
        "id": {"type": "string"}, "role": {"enum": [\#(roles)]},
        "source": {"type": ["string", "null"], "description": "Whose write key it is."}, "name": {"type": "string"},
        "holder": {"enum": ["person", "machine"], "description": "A person's reads are audited one by one."},
        "expiresAt": {"type": ["string", "null"], "format": "date-time", "description": "When it ends or has ended; null for never."},
        "key": {"type": "string", "pattern": "^(tk|wk)_", "description": "Shown once."}}}
      """#
    ),
    (
      "KeyPage",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/Key"}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
    (
      "NewKey",
      #"""
      {"type": "object", "required": ["role"], "additionalProperties": false, "properties": {
        "role": {"enum": [\#(roles)]},
        "source": {"type": ["string", "null"], "description": "For the role source, and for no other."},
        "name": {"type": ["string", "null"], "minLength": 1, "maxLength": \#(WantedKey.longestName), "description": "Who has it; its source or role if left out."},
        "holder": {"enum": ["person", "machine", null], "description": "Who has it; storefronts and sources are machines, others people if left out."},
        "expiresAt": {"type": ["string", "null"], "format": "date-time"}}}
      """#
    ),
    (
      "SourceSecret",
      #"""
      {"type": "object", "required": ["source"], "properties": {
        "source": {"type": "string"}, "secret": {"type": "string", "description": "Shown once."}}}
      """#
    ),
  ]
}
