import Customers

/// What a developer reads of the routes that tell who is who.
extension Documentation {
  private static let preview =
    " With `dryRun` it answers the same and changes nothing."

  static let merges = Operation(
    id: "get-merges", tag: "merges", summary: "A customer's merges, those taken back too, the newest first.",
    access: .reader, showsCustomers: true, parameters: [customerName, country, minSequence, reason] + namePage,
    answers: [
      Answer(status: 200, text: "A page; `Link` names the next one.", schema: "MergePage")
    ] + problems(400, 401, 403, 404, 409, 503))

  static let postMerge = Operation(
    id: "post-merge", tag: "merges",
    summary: "Make one customer of two: the known one stays, then the older one; it can be undone." + preview,
    access: .agent, showsCustomers: true, parameters: [customerName, country, reason, idempotencyKey],
    body: "MergeRequest",
    example: #"{"with": "email:ann@example.com", "reason": "same person", "dryRun": true}"#,
    answers: [Answer(status: 200, text: "The merge, and the customers before and after it.", schema: "MergeAnswer")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let undoMerge = Operation(
    id: "undo-merge", tag: "merges",
    summary: "Take a merge back, in any order; no rule brings the two together again." + preview,
    access: .agent, showsCustomers: true, parameters: [actID, reason, idempotencyKey], body: "UndoRequest",
    example: #"{"reason": "mother and daughter", "keep": {"phone:+79161234567": "shared"}}"#,
    answers: [Answer(status: 200, text: "The merge, and the customers before and after.", schema: "MergeAnswer")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let reviews = Operation(
    id: "get-reviews", tag: "merges",
    summary: """
      Doubtful pairs: an event proved two customers to be one, and a rule kept them apart. And customers whose telephone \
      number a newer numbering plan has otherwise.
      """,
    access: .agent, showsCustomers: true,
    parameters: [
      .init(
        name: "state", place: "query", text: "Those of this state.",
        schema: #"{"enum": ["open", "merged", "apart"], "default": "open"}"#)
    ] + namePage + [minSequence, reason],
    answers: [Answer(status: 200, text: "The newest first.", schema: "ReviewPage")] + problems(400, 401, 403, 503))

  static let decideReview = Operation(
    id: "decide-review", tag: "merges",
    summary: "Decide a doubtful pair: one person, or two. Of one customer `apart` says that he stays as he is."
      + preview,
    access: .agent, showsCustomers: true, parameters: [actID, reason, idempotencyKey], body: "ReviewDecision",
    example: #"{"decision": "apart", "reason": "father and son"}"#,
    answers: [Answer(status: 200, text: "The customers before and after.", schema: "MergeAnswer")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  private static let actID = Operation.Parameter(
    name: "id", place: "path", text: "The id that a list or an answer told.", schema: #"{"type": "string"}"#,
    isRequired: true)
}
