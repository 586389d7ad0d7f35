import Channels
import Customers

/// What a developer reads of each route.
enum Documentation {
  typealias Answer = Operation.Answer

  static func problems(_ statuses: Int...) -> [Operation.Answer] {
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
    case 410: "The customer was erased."
    case 409: "It contradicts what stands."
    case 412: "The document has changed since."
    case 413: "It is too large."
    case 422: "Another request came under this Idempotency-Key."
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

  static let customerName = Operation.Parameter(
    name: "customer", place: "path",
    text:
      "An id (`cus_…`), `type:value` in any spelling, percent-encoded (`email:ann%40example.com`), or by a token `me`.",
    schema: #"{"type": "string"}"#, isRequired: true)
  static let country = Operation.Parameter(
    name: "country", place: "query",
    text: "Two letters of ISO 3166-1: where a telephone number of the request is dialled that names no country.",
    schema: #"{"type": "string", "pattern": "^[A-Za-z]{2}$"}"#)
  static let minSequence = Operation.Parameter(
    name: "minSequence", place: "query", text: "The place in the log that the answer must hold.",
    schema: #"{"type": "integer", "minimum": 0}"#)

  static let customer = Operation(
    id: "get-customer", tag: "customers",
    summary: "The whole picture of a customer: who he is and why, what is known of him, what happened.",
    access: .reader, holders: [.customer], showsCustomers: true,
    parameters: [customerName, country, asOf, minSequence, reason],
    answers: [Answer(status: 200, text: "The customer.", schema: "Customer")]
      + problems(400, 401, 403, 404, 409, 413, 503))

  private static let asOf = Operation.Parameter(
    name: "asOf", place: "query",
    text: """
      How it was: a place in the log, or a time for the last entry received by then. Merges undone later are in, what \
      came later is not, what was erased since is erased.
      """,
    schema: #"{"type": "string"}"#)

  static let timeline = Operation(
    id: "get-timeline", tag: "customers",
    summary: """
      A customer's events over all channels, newest first by the time they happened. A page looks at a bounded number \
      of events: it may have fewer than `limit`, even none, and yet a `next`; the end is where `next` is null.
      """,
    access: .reader, holders: [.customer], showsCustomers: true,
    parameters: [
      customerName, country, asOf, minSequence, reason,
      .init(name: "channel", place: "query", text: "Only this channel.", schema: #"{"type": "string"}"#),
      .init(
        name: "type", place: "query", text: "Only this type; resume states are left out unless it is `state`.",
        schema: #"{"type": "string"}"#),
      .init(name: "event", place: "query", text: "Only this event's or page's name.", schema: #"{"type": "string"}"#),
      .init(
        name: "q", place: "query",
        text: """
          Only events that have each of these words, or parts of words, in their name or in a text among their \
          properties; in any case of letters, `ё` is `е`.
          """,
        schema: #"{"type": "string", "maxLength": \#(Timeline.Phrase.longest)}"#),
    ] + page,
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "Timeline")]
      + problems(400, 401, 403, 404, 409, 413, 503))

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
