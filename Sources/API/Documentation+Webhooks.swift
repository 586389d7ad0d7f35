import Customers

/// What a developer reads of webhooks.
extension Documentation {
  private static let name = Operation.Parameter(
    name: "name", place: "path", text: "The webhook's name.", schema: #"{"type": "string"}"#, isRequired: true)
  private static let found = Answer(
    status: 200, text: "The webhook, how far it is, and its newest attempts.", schema: "WebhookState")

  private static func webhook(
    _ id: String, _ summary: String, _ answers: [Answer], _ parameters: [Operation.Parameter], body: String? = nil,
    example: String? = nil, isNamed: Bool = true
  ) -> Operation {
    Operation(
      id: id, tag: "webhooks", summary: summary, access: .administrator,
      parameters: (isNamed ? [name] : []) + parameters, body: body, example: example, answers: answers)
  }

  static let webhooks = webhook(
    "get-webhooks", "Every webhook, and how far it is.",
    [Answer(status: 200, text: "By name.", schema: "WebhookStateList")] + problems(400, 401, 403, 503),
    namePage + [minSequence], isNamed: false)

  static let postWebhook = webhook(
    "post-webhook",
    """
    Make a webhook: a receiver that is told what comes into the log from now on, by messages that are signed after \
    Standard Webhooks, at least once and in their order. The answer shows the secret, and nothing else does again.
    """,
    [Answer(status: 201, text: "The webhook with its secret.", schema: "WebhookState")]
      + problems(400, 401, 403, 409, 413, 415, 422, 503),
    [idempotencyKey], body: "Webhook",
    example:
      #"{"name": "erp", "url": "https://erp.example/hook", "events": ["Order *", "customer.merged"], "active": false}"#,
    isNamed: false)

  static let webhook = webhook(
    "get-webhook-by-name", "A webhook. The ETag is the version of what was said of it.",
    [found] + problems(400, 401, 403, 404, 503), [minSequence])

  static let putWebhook = webhook(
    "put-webhook-by-name", "Change a webhook. One that was off goes on where it was.",
    [found] + problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 503), [idempotencyKey, ifMatch], body: "Webhook",
    example: #"{"name": "crm", "url": "https://crm.example/hook", "events": [], "active": false}"#)

  static let deleteWebhook = webhook(
    "delete-webhook", "Take a webhook away, with its secret, its place and its dead letters.",
    [Answer(status: 204, text: "It is gone.", schema: nil)] + problems(400, 401, 403, 404, 412, 413, 422, 503),
    [idempotencyKey, ifMatch])

  static let rotateWebhook = webhook(
    "post-webhook-secret",
    "Make another secret. The former one signs too for a day, so that a receiver may take either.",
    [Answer(status: 200, text: "The webhook with its new secret.", schema: "WebhookState")]
      + problems(400, 401, 403, 404, 413, 422, 503), [idempotencyKey])

  static let replayWebhook = webhook(
    "post-webhook-replay", "Tell it everything once more from a place in the log on, under the same ids.",
    [found] + problems(400, 401, 403, 404, 413, 415, 422, 503), [idempotencyKey], body: "WebhookReplay",
    example: #"{"from": 1}"#)

  static let webhookLetters = webhook(
    "get-webhook-dead-letters", "What was not delivered in any attempt, the oldest first.",
    [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "WebhookLetters")]
      + problems(400, 401, 403, 404, 503), namePage + [minSequence])

  static let retryWebhook = webhook(
    "post-webhook-dead-letters-retry", "Try every dead letter once more; the first that fails ends it.",
    [found] + problems(400, 401, 403, 404, 413, 422, 503), [idempotencyKey])

  static let testWebhook = webhook(
    "post-webhook-test", "Send it a message of the type `ping`, and tell how that went.",
    [Answer(status: 200, text: "How it went.", schema: "WebhookTest")] + problems(401, 403, 404, 503), [])
}

extension Schemas {
  static let webhooks: [(name: String, json: String)] = [
    (
      "WebhookState",
      #"""
      {"type": "object", "required": ["name", "url", "events", "active", "secrets", "place", "lag", "attempt", "due", "deadLetters"],
       "properties": {
        "name": {"type": "string"}, "url": {"type": "string"}, "events": {"type": "array", "items": {"type": "string"}},
        "active": {"type": "boolean", "description": "False where it was switched off, or its receiver answered 410."},
        "secret": {"type": "string", "pattern": "^whsec_", "description": "Shown once."},
        "secrets": {"type": "integer", "description": "How many sign: two for a day after a change. Without any nothing is sent."},
        "place": {"type": ["integer", "null"], "description": "The place in the log that it is told next."},
        "lag": {"type": ["integer", "null"], "description": "How many entries of the log it is behind."},
        "attempt": {"type": ["integer", "null"], "description": "How often the message there was tried."},
        "due": {"type": ["string", "null"], "description": "When it is tried next."},
        "deadLetters": {"type": "integer"},
        "attempts": {"type": "array", "items": {"type": "object", "required": ["id", "sequence", "attempt", "at", "status"], "properties": {
          "id": {"type": "string", "description": "The `webhook-id` header."}, "sequence": {"type": "integer"}, "attempt": {"type": "integer"},
          "at": {"$ref": "#/components/schemas/Time"},
          "status": {"type": ["integer", "null"], "description": "0 where no answer came; null where nobody knows yet."}}}}}}
      """#
    ),
    (
      "WebhookStateList",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/WebhookState"}}, "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
    (
      "WebhookReplay",
      #"""
      {"type": "object", "required": ["from"], "additionalProperties": false, "properties": {"from": {"type": "integer", "minimum": 1}}}
      """#
    ),
    (
      "WebhookLetters",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"type": "object", "required": ["id", "sequence", "at", "attempts", "status", "retrying"],
          "properties": {
            "id": {"type": "string"}, "sequence": {"type": "integer"}, "at": {"$ref": "#/components/schemas/Time"},
            "attempts": {"type": "integer"}, "status": {"type": "integer"}, "retrying": {"type": "boolean"}}}},
        "next": {"type": ["string", "null"]}}}
      """#
    ),
    (
      "WebhookTest",
      #"""
      {"type": "object", "required": ["delivered", "status", "reason"], "properties": {
        "delivered": {"type": "boolean"}, "status": {"type": "integer"}, "reason": {"type": ["string", "null"]}}}
      """#
    ),
  ]
}
