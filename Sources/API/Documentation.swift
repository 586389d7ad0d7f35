import Channels
import Customers

/// What a developer reads of each route.
enum Documentation {
  private typealias Answer = Operation.Answer

  private static func problems(_ statuses: Int...) -> [Operation.Answer] {
    statuses.map { status in
      Answer(status: status, text: meaning(status), schema: "Problem", mediaType: "application/problem+json")
    }
  }

  private static func meaning(_ status: Int) -> String {
    switch status {
    case 400: "The request is wrong; `errors` names each field and the reason."
    case 401: "No valid key came."
    case 403: "The key may not do this."
    case 404: "There is no such thing."
    case 409: "It contradicts what stands."
    case 412: "The document has changed since."
    case 413: "It is too large."
    case 415: "The Content-Encoding is not known."
    case 429: "Too many at once; `Retry-After` says when to try again."
    default: "Not now; `Retry-After` says when to try again."
    }
  }

  // MARK: Events

  static func events(_ call: SegmentCall, _ path: String, isBeacon: Bool) -> Operation {
    let what =
      switch call {
      case .single(let kind): "one \(kind.rawValue) event"
      case .batch: "a batch of events"
      case .historicalBatch: "a batch of old events, whose times stand as they are"
      }
    let id = path.split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    return Operation(
      id: "post-\(id)", tag: "events",
      summary: "Post \(what), as Segment's and RudderStack's SDKs do\(isBeacon ? " when a page is left" : "").",
      access: .source,
      parameters: isBeacon
        ? [.init(name: "writeKey", place: "query", text: "An anonymous source's key.", schema: #"{"type": "string"}"#)]
        : [],
      body: call.isList ? "SegmentBatch" : "SegmentEvent",
      example: call.isList
        ? #"{"batch": [{"type": "track", "userId": "u-17", "event": "Product Viewed", "messageId": "m-1"}]}"#
        : #"{"userId": "u-17", "event": "Product Viewed", "name": "Home", "groupId": "g-1", "previousId": "an-1"}"#,
      answers: [Answer(status: 200, text: "Everything that was accepted is durable.", schema: "EventsAnswer")]
        + (call.isList ? problems(400, 401, 403, 413, 415, 429, 503) : problems(400, 401, 403, 409, 413, 415, 429, 503))
    )
  }

  // MARK: Customers

  private static let customerName = Operation.Parameter(
    name: "customer", place: "path",
    text: "An id (`cus_…`), or `type:value` in any spelling, percent-encoded: `email:ann%40example.com`, `user_id:17`.",
    schema: #"{"type": "string"}"#, isRequired: true)
  private static let minSequence = Operation.Parameter(
    name: "minSequence", place: "query", text: "The place in the log that the answer must hold.",
    schema: #"{"type": "integer", "minimum": 0}"#)

  static let customer = Operation(
    id: "get-customer", tag: "customers",
    summary: "The whole picture of a customer: who he is and why, what is known of him, what happened.",
    access: .reader, parameters: [customerName, minSequence],
    answers: [Answer(status: 200, text: "The customer.", schema: "Customer")] + problems(400, 401, 403, 404, 409, 503))

  static let timeline = Operation(
    id: "get-timeline", tag: "customers", summary: "A customer's events over all channels, newest first.",
    access: .reader,
    parameters: [
      customerName, minSequence,
      .init(name: "channel", place: "query", text: "Only this channel.", schema: #"{"type": "string"}"#),
      .init(name: "type", place: "query", text: "Only this type.", schema: #"{"type": "string"}"#),
      .init(name: "event", place: "query", text: "Only this event's or page's name.", schema: #"{"type": "string"}"#),
      .init(
        name: "from", place: "query", text: "Not older than this.",
        schema: #"{"type": "string", "format": "date-time"}"#),
      .init(
        name: "to", place: "query", text: "Not newer than this.", schema: #"{"type": "string", "format": "date-time"}"#),
      .init(
        name: "limit", place: "query", text: "Events on a page.",
        schema: #"{"type": "integer", "minimum": 1, "maximum": 500, "default": 50}"#),
      .init(name: "cursor", place: "query", text: "Where a former page ended.", schema: #"{"type": "string"}"#),
    ],
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "Timeline")]
      + problems(400, 401, 403, 404, 409, 503))

  // MARK: Search

  private static let searchAnswers =
    [Answer(status: 200, text: "A page, the nearest first; no customer is an empty one.", schema: "CustomersFound")]
    + problems(400, 401, 403, 503)

  static let findCustomers = Operation(
    id: "get-customers", tag: "customers",
    summary: "Find customers by name, phone, e-mail, postal address, card or order; every word must be found.",
    access: .reader,
    parameters: [
      .init(
        name: "q", place: "query",
        text: "Names in any script, or their beginnings, with one typing mistake in words of four letters and more; a "
          + "piece of four digits or more of a phone number; an address, or a part of one; the number of a card or an "
          + "order.", schema: #"{"type": "string", "maxLength": \#(SearchQuery.longest)}"#, isRequired: true),
      .init(
        name: "limit", place: "query", text: "Customers on a page.",
        schema:
          #"{"type": "integer", "minimum": 1, "maximum": \#(CustomerSearch.longestPage), "default": \#(CustomerSearch.usualPage)}"#
      ),
      .init(name: "cursor", place: "query", text: "Where a former page ended.", schema: #"{"type": "string"}"#),
      minSequence,
    ], answers: searchAnswers)

  static let searchCustomers = Operation(
    id: "post-customers-search", tag: "customers",
    summary: "The same search with its words in the body, where no proxy logs them.", access: .reader,
    parameters: [minSequence], body: "CustomerSearch", example: #"{"q": "anna 4567", "limit": 20}"#,
    answers: searchAnswers + problems(413, 415))

  static let lookupCustomer = Operation(
    id: "post-customers-lookup", tag: "customers",
    summary: "Whose an identifier is: its proved owner, else its only claimant, else all who claim it.",
    access: .reader, parameters: [minSequence], body: "CustomerLookup",
    example: #"{"type": "email", "value": "ann@example.com"}"#,
    answers: [Answer(status: 200, text: "Whose it is; nobody's is an empty list.", schema: "CustomersLookedUp")]
      + problems(400, 401, 403, 413, 415, 503))

  // MARK: Documents

  private static let sourceName = Operation.Parameter(
    name: "id", place: "path", text: "The source's name.", schema: #"{"type": "string"}"#, isRequired: true)

  static let sources = Operation(
    id: "get-sources", tag: "documents", summary: "Every source as it is now.", access: .administrator,
    answers: [Answer(status: 200, text: "The sources.", schema: "Sources")] + problems(401, 403, 503))
  static let source = Operation(
    id: "get-source", tag: "documents", summary: "A source as it is now; its ETag is its version.",
    access: .administrator, parameters: [sourceName],
    answers: [
      Answer(status: 200, text: "The source.", schema: "Source"),
      Answer(status: 304, text: "It is what `If-None-Match` names.", schema: nil),
    ] + problems(401, 403, 404, 503))
  static let putSource = Operation(
    id: "put-source", tag: "documents",
    summary: "Make a source, or a new version of it, of which `If-Match` names the last.",
    access: .administrator, parameters: [sourceName], body: "Source",
    example: #"{"name": "web-shop", "channel": "web", "trust": "verified"}"#,
    answers: [Answer(status: 200, text: "The source.", schema: "Source")] + problems(400, 401, 403, 412, 413, 415, 503))

  // MARK: Operations

  static let health = Operation(
    id: "get-health", tag: "operations", summary: "Whether the process answers.", access: .anybody,
    answers: [Answer(status: 200, text: "It does.", schema: "Health")])
  static let ready = Operation(
    id: "get-ready", tag: "operations", summary: "Whether requests can be served: the database answers.",
    access: .anybody, answers: [Answer(status: 200, text: "They can.", schema: "Health")] + problems(503))
  static let metrics = Operation(
    id: "get-metrics", tag: "operations", summary: "Counters in Prometheus' text format.", access: .anybody,
    answers: [Answer(status: 200, text: "The counters.", schema: nil, mediaType: "text/plain")])
  static let openAPI = Operation(
    id: "get-openapi", tag: "operations", summary: "This document.", access: .anybody,
    answers: [Answer(status: 200, text: "OpenAPI 3.1.", schema: nil)])
}
