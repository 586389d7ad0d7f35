import Customers

/// What a developer reads of the routes for consents, resume states and the audit.
extension Documentation {
  private static func header(_ name: String, _ text: String) -> Operation.Parameter {
    Operation.Parameter(name: name, place: "header", text: text, schema: #"{"type": "string"}"#)
  }

  /// Why a person looks, for the audit.
  static let reason = Operation.Parameter(
    name: "Throughline-Reason", place: "header", text: "What for, in a few words: kept in the audit.",
    schema: #"{"type": "string", "maxLength": \#(Audit.longestReason)}"#)

  static let idempotencyKey = header(
    "Idempotency-Key", "The request counts once under this key; the same again is answered as it stands now.")
  static let listKey = header(
    "Idempotency-Key",
    "The list counts once under this key: the same again is answered as it was, and goes on where it was cut off.")
  static let ifMatch = header("If-Match", "The ETag that it must have.")
  static let ifNoneMatch = header("If-None-Match", "The ETag of what the caller has already.")

  /// Which page of a list by time.
  static let page: [Operation.Parameter] = [
    .init(
      name: "from", place: "query", text: "Not older than this.", schema: #"{"type": "string", "format": "date-time"}"#),
    .init(
      name: "to", place: "query", text: "Not newer than this.", schema: #"{"type": "string", "format": "date-time"}"#),
    .init(
      name: "limit", place: "query", text: "How many are on a page.",
      schema:
        #"{"type": "integer", "minimum": 1, "maximum": \#(PageQuery.longestPage), "default": \#(PageQuery.usualPage)}"#),
    .init(name: "cursor", place: "query", text: "Where a former page ended.", schema: #"{"type": "string"}"#),
  ]

  /// Which page of a list by name.
  static let namePage = page.filter { ["limit", "cursor"].contains($0.name) }

  // MARK: Consents

  static let consents = Operation(
    id: "get-consents", tag: "consents",
    summary: "What a customer allows, for what and by which channel, and how it came.",
    access: .reader, holders: [.customer], showsCustomers: true, parameters: [customerName, minSequence, reason],
    answers: [Answer(status: 200, text: "The ledger.", schema: "ConsentLedger")]
      + problems(400, 401, 403, 404, 409, 503))

  static let putConsents = Operation(
    id: "put-consents", tag: "consents",
    summary: "Record that a customer grants or withdraws; what is not named stays.",
    access: .editor, holders: [.customer], showsCustomers: true, parameters: [customerName, reason, idempotencyKey],
    body: "ConsentChanges",
    example: """
      [{"purpose": "marketing", "channel": "email", "state": "granted", "legalBasis": "consent",
        "textVersion": "2026-01", "proof": {"form": "checkout"}}]
      """,
    answers: [Answer(status: 200, text: "What holds now.", schema: "ConsentState")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  // MARK: Resume states

  private static let stateKey = Operation.Parameter(
    name: "key", place: "path", text: "The state's name, for example `checkout` or `film:17`.",
    schema: #"{"type": "string", "maxLength": \#(ResumeState.longestKey), "pattern": "^[A-Za-z0-9._:-]+$"}"#,
    isRequired: true)

  static let states = Operation(
    id: "get-states", tag: "states", summary: "Everything that a customer has begun and can go on with.",
    access: .reader, holders: [.customer, .visitor], showsCustomers: true,
    parameters: [customerName, minSequence, reason] + namePage,
    answers: [Answer(status: 200, text: "A page, by key; `Link` names the next one.", schema: "States")]
      + problems(400, 401, 403, 404, 409, 503))

  static let state = Operation(
    id: "get-state", tag: "states", summary: "Where a customer stopped; the ETag is the state's version.",
    access: .reader, holders: [.customer, .visitor], showsCustomers: true,
    parameters: [customerName, stateKey, minSequence, reason],
    answers: [
      Answer(status: 200, text: "The state.", schema: "State"),
      Answer(status: 304, text: "It is what `If-None-Match` names.", schema: nil),
    ] + problems(400, 401, 403, 404, 409, 412, 503))

  static let putState = Operation(
    id: "put-state", tag: "states", summary: "Keep where a customer stopped, for any device that he goes on with.",
    access: .editor, holders: [.customer, .visitor], showsCustomers: true,
    parameters: [customerName, stateKey, reason, idempotencyKey, ifMatch],
    body: "StateChange", example: #"{"value": {"step": 2, "street": "Long Lane"}, "device": "Ann's phone"}"#,
    answers: [
      Answer(status: 200, text: "The state as it stands now: the newest, which may be another one.", schema: "State"),
      Answer(status: 204, text: "It was recorded, and it has been deleted later.", schema: nil),
    ] + problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 503))

  static let deleteState = Operation(
    id: "delete-state", tag: "states", summary: "Forget where a customer stopped.",
    access: .editor, holders: [.customer, .visitor], showsCustomers: true,
    parameters: [customerName, stateKey, reason, idempotencyKey, ifMatch],
    answers: [Answer(status: 204, text: "It is gone.", schema: nil)]
      + problems(400, 401, 403, 404, 409, 412, 422, 503))

  // MARK: What was refused

  static let deadLetters = Operation(
    id: "get-dead-letters", tag: "events",
    summary: """
      What was refused of sources, newest first, with the reason: kept for \(DeadLetter.kept.components.seconds / 86_400) \
      days, the newest \(DeadLetter.keptPerSource) of each source.
      """,
    access: .administrator, showsCustomers: true,
    parameters: [
      .init(name: "source", place: "query", text: "Only this source's.", schema: #"{"type": "string"}"#)
    ] + namePage + [minSequence, reason],
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "DeadLetterPage")]
      + problems(400, 401, 403, 503))

  // MARK: The audit

  static let audit = Operation(
    id: "get-audit", tag: "audit",
    summary: "Who read whose data, newest first: each read by a person, and a machine's reads of a minute.",
    access: .administrator,
    parameters: [
      .init(
        name: "customer", place: "query", text: "Only this customer, by an id or as `type:value`.",
        schema: #"{"type": "string"}"#),
      .init(name: "actor", place: "query", text: "Only this key, by its id or name.", schema: #"{"type": "string"}"#),
    ] + page + [minSequence],
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "AuditPage")]
      + problems(400, 401, 403, 404, 503))
}
