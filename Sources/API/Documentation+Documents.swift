import Base
import Commerce
import Customers

/// What a developer reads of one kind of documents.
struct DocumentDescription: Sendable {
  /// The name of its schema.
  let schema: String
  /// The schema.
  let json: String
  /// A document that a test stores and a developer copies.
  let example: String
  /// What the documents are for.
  let text: String

  /// The description of a kind; every kind has one, which a test sees to.
  static func of(_ kind: DocumentKind) -> DocumentDescription {
    switch kind.name {
    case DocumentKind.source.name: source
    case DocumentKind.limits.name: limits
    case DocumentKind.blockedValues.name: blockedValues
    case DocumentKind.computedTrait.name: computedTrait
    case DocumentKind.retention.name: retention
    case DocumentKind.webhook.name: webhook
    case DocumentKind.store.name: store
    case DocumentKind.stockPolicy.name: stockPolicy
    case LoyaltyProgramme.kind.name: programme
    case CartPolicy.documentKind: cartPolicy
    case DocumentKind.product.name: product
    case DocumentKind.price.name: price
    case DocumentKind.promotion.name: promotion
    case DocumentKind.pricing.name: pricing
    default: preconditionFailure("the kind \(kind.name) is not described")
    }
  }

  private static let webhook = DocumentDescription(
    schema: "Webhook",
    json: #"""
      {"type": "object", "required": ["name", "url"], "additionalProperties": false, "properties": {
        "name": {"type": "string", "maxLength": \#(Source.longestName), "pattern": "^[a-z0-9._-]+$"},
        "url": {"type": "string", "maxLength": \#(Webhook.longestURL), "pattern": "^https?://"},
        "events": {"type": "array", "maxItems": \#(Webhook.mostEvents), "items": {"type": "string", "minLength": 1, "maxLength": \#(Webhook.longestEvent)},
          "description": "What is sent: names of events (`Order Completed`), their beginnings (`Order *`), types (`track`, `event.track`, `customer.*`). Without any, everything but resume states."},
        "active": {"type": "boolean", "default": true},
        "deleted": {"type": "boolean", "description": "Whether it was taken away: true in the last version of one that was."}}}
      """#,
    example: #"{"name": "crm", "url": "https://crm.example/hook", "events": ["Order *"], "active": false}"#,
    text: "a webhook: where the shop wants to be told what happens; its secret is made at `/v1/webhooks/{name}/secret`")

  private static let source = DocumentDescription(
    schema: "Source",
    json: #"""
      {"type": "object", "required": ["name", "channel"], "additionalProperties": false, "properties": {
        "name": {"type": "string", "maxLength": 64, "pattern": "^[a-z0-9._-]+$"},
        "kind": {"enum": ["till", null], "description": "What it speaks at /hooks/{source}: till, receipts. Without it nothing is taken there. Segment's words are taken from every source."},
        "channel": {"enum": ["web", "app", "site", "chat", "email", "sms", "phone", "store", "push"]},
        "trust": {"enum": ["verified", "anonymous"], "default": "anonymous"},
        "proves": {"type": "array", "description": "The types that it proves in each event that carries them; follows from channel and trust when missing.",
          "items": {"enum": ["user_id", "card", "email", "phone", "telegram", "whatsapp", "viber", "device"]}},
        "tiesAnonymousId": {"type": "boolean", "description": "Whether an anonymous id beside a proved userId is that user's browser: a login."},
        "country": {"type": ["string", "null"], "pattern": "^[A-Za-z]{2}$", "description": "ISO 3166-1: where a number is dialled that names no country, nor does its event's address."},
        "eventsPerSecond": {"type": ["integer", "null"], "minimum": 1}}}
      """#,
    example: #"{"name": "web-shop", "channel": "web", "trust": "verified"}"#,
    text: "a source: where events may come from, and what they prove")

  private static let limits = DocumentDescription(
    schema: "IdentifierLimits",
    json: """
      {"type": "object", "additionalProperties": false, "description": "Types that are not named have their usual limit.",
       "properties": {\(properties { limit(Int64(IdentifierLimits()[$0])) })}}
      """,
    example: #"{"user_id": 1, "email": 5, "device": 20}"#,
    text: "how many identifiers of each type one customer may have")

  private static let blockedValues = DocumentDescription(
    schema: "BlockedValues",
    json: """
      {"type": "object", "additionalProperties": false,
       "description": "Types that are not named have their usual values. An address that ends with @ stands for every address with that local part.",
       "properties": {\(properties { _ in
        #"{"type": "array", "maxItems": \#(BlockedValues.longestList), "items": {"type": "string"}}"#
      })}}
      """,
    example: #"{"user_id": ["null", "0"], "email": ["team@", "test@test.com"]}"#,
    text: "the values that identify nobody")

  private static let computedTrait = DocumentDescription(
    schema: "ComputedTrait",
    json: #"""
      {"type": "object", "required": ["name", "function"], "additionalProperties": false, "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": \#(TraitEdit.longestName), "description": "The trait's."},
        "function": {"enum": ["count", "sum", "last", "first", "most_frequent"]},
        "type": {"enum": ["identify", "track", "page", "screen", "group", "alias", null], "default": "track"},
        "event": {"type": ["string", "null"], "minLength": 1, "maxLength": \#(ComputedTrait.longestEvent), "description": "The name of the event or page; null for any."},
        "property": {"type": ["string", "null"], "maxLength": \#(ComputedTrait.longestProperty), "pattern": "^/",
          "description": "A JSON Pointer from the event as it came, * for each element of a list; null for count alone. A sum adds numbers of at most 12 digits before the point and 6 behind it, without exponent."},
        "days": {"type": ["integer", "null"], "minimum": 1, "maximum": \#(ComputedTrait.longestWindow), "description": "Only what happened in so many times 24 hours until it is read; null for ever."},
        "active": {"type": ["boolean", "null"], "default": true}}}
      """#,
    example: """
      {"name": "spent30d", "function": "sum", "event": "Order Completed", "property": "/properties/total", "days": 30}
      """,
    text: "a trait that is computed of a customer's events whenever it is read")

  private static let retention = DocumentDescription(
    schema: "RetentionClass",
    json: #"""
      {"type": "object", "required": ["name", "type", "days"], "additionalProperties": false,
       "description": "Each day at 3:00 UTC what is older becomes one summary event per customer's identifier, which cannot be taken back; the receipt is the job `retention-NAME-YYYY-MM-DD`. Events on which more hangs than their bodies stay: those that brought an identifier, trait or consent, orders, mail events, and what is disputed. A class over which a computed trait is active stays as it is, unless the trait counts for ever or its window is no longer than the class's days. One that is defined or made longer afterwards counts from what is kept. `asOf` shows summaries too.",
       "properties": {
        "name": {"type": "string", "maxLength": 64, "pattern": "^[a-z0-9._-]+$"},
        "type": {"enum": ["page", "screen", "track"]},
        "event": {"type": ["string", "null"], "minLength": 1, "maxLength": \#(RetentionClass.longestEvent), "description": "The name of the event or page; null for any."},
        "days": {"type": "integer", "minimum": \#(RetentionClass.shortest), "maximum": \#(RetentionClass.longest), "description": "What happened so many times 24 hours ago is old."},
        "active": {"type": ["boolean", "null"], "default": true}}}
      """#,
    example: #"{"name": "pages", "type": "page", "days": 90}"#,
    text: "a class of events that become a summary when they are old")

  private static func limit(_ usual: Int64) -> String {
    let range = IdentifierLimits.range
    return """
      {"type": "integer", "minimum": \(range.lowerBound), "maximum": \(range.upperBound), "default": \(usual)}
      """
  }

  private static func properties(_ schema: (IdentifierType) -> String) -> String {
    IdentifierType.all.map { "\"\($0.name)\": \(schema($0))" }.joined(separator: ", ")
  }
}

extension Documentation {
  private static func identifier(_ kind: DocumentKind) -> [Operation.Parameter] {
    kind.isSingle
      ? []
      : [.init(name: "id", place: "path", text: "Its name.", schema: #"{"type": "string"}"#, isRequired: true)]
  }

  private static func operation(_ prefix: String, _ kind: DocumentKind, _ suffix: String = "") -> String {
    "\(prefix)-\(kind.name.replacing("_", with: "-"))\(suffix)"
  }

  static func documents(_ kind: DocumentKind) -> Operation {
    let description = DocumentDescription.of(kind)
    return Operation(
      id: operation("list", kind), tag: "documents", summary: "Every document of this kind as it is now, by its id.",
      access: .administrator, parameters: [minSequence] + namePage,
      answers: [
        Answer(
          status: 200, text: "Each is \(description.text). `Link` names the next page.",
          schema: "\(description.schema)List")
      ] + problems(400, 401, 403, 503))
  }

  static func document(_ kind: DocumentKind) -> Operation {
    let description = DocumentDescription.of(kind)
    let missing = kind.defaults != nil ? " As long as nobody has stored one, the usual one holds as version 0." : ""
    return Operation(
      id: operation("get", kind), tag: "documents",
      summary: "Read \(description.text). The ETag is the version.\(missing)", access: .administrator,
      parameters: identifier(kind) + [minSequence, ifNoneMatch],
      answers: [
        Answer(status: 200, text: "As it is now.", schema: description.schema),
        Answer(status: 304, text: "It is what `If-None-Match` names.", schema: nil),
      ] + problems(400, 401, 403, 404, 412, 503))
  }

  static func versions(_ kind: DocumentKind) -> Operation {
    let description = DocumentDescription.of(kind)
    return Operation(
      id: operation("list", kind, "-versions"), tag: "documents",
      summary: "Every version, newest first, with who stored it, and when.", access: .administrator,
      parameters: identifier(kind) + [minSequence] + namePage,
      answers: [
        Answer(status: 200, text: "A page; `Link` names the next one.", schema: "\(description.schema)Versions")
      ] + problems(400, 401, 403, 404, 503))
  }

  static func putDocument(_ kind: DocumentKind) -> Operation {
    let description = DocumentDescription.of(kind)
    return Operation(
      id: operation("put", kind), tag: "documents",
      summary:
        "Store \(description.text). `If-Match` names the version that it follows; what says the same as the newest version makes no new one.",
      access: .administrator, parameters: identifier(kind) + [idempotencyKey, ifMatch],
      body: description.schema, example: description.example,
      answers: [Answer(status: 200, text: "The version that is stored.", schema: description.schema)]
        + problems(400, 401, 403, 409, 412, 413, 415, 422, 503))
  }
}
