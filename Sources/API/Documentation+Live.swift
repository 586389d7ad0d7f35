import Customers

/// What a developer reads of the live stream.
extension Documentation {
  static let live = Operation(
    id: "get-live", tag: "live",
    summary: """
      What comes into the log, as server-sent events (`event: entry`, `id:` its place in the log), within a second of \
      its commit: ids and names of events, nothing personal. It goes on where `Last-Event-ID` or `after` says, without a gap \
      or a repetition, and with neither from now on.
      """,
    access: .reader,
    parameters: [
      .init(
        name: "after", place: "query",
        text: "The place in the log that the reader has; `Last-Event-ID` goes before it.",
        schema: #"{"type": "integer", "minimum": 0}"#),
      .init(
        name: "customer", place: "query",
        text: """
          Only what this customer is in: an id or `type:value`. A merge and its undo are followed. A storefront names one.
          """,
        schema: #"{"type": "string"}"#),
      country,
      .init(
        name: "Last-Event-ID", place: "header", text: "The last `id` that came; browsers send it when they come back.",
        schema: #"{"type": "integer", "minimum": 0}"#),
      reason,
    ],
    answers: [
      Answer(
        status: 200, text: "A stream without an end; the `data` of each event is a `LiveEntry`.", schema: nil,
        mediaType: "text/event-stream")
    ] + problems(400, 401, 403, 404, 410, 503))
}

extension Schemas {
  static let live: [(name: String, json: String)] = [
    (
      "LiveEntry",
      #"""
      {"type": "object", "required": ["sequence", "kind", "type", "event", "channel", "source", "customer", "timestamp"],
       "properties": {
        "sequence": {"type": "integer", "minimum": 1},
        "kind": {"type": "string", "description": "`event` for what sources send; else what was decided or asked: `merge`, `undo`, `review`, `identifier`, `traits`, `consent`, `state`, `document`, `erasure` and others."},
        "type": {"type": "string", "description": "`track`, `identify`, `page` …; the kind itself where that is not `event`."},
        "event": {"type": ["string", "null"], "maxLength": \#(LiveEntry.longestName), "description": "The event's or page's name, or what the kind calls so."},
        "channel": {"type": "string"}, "source": {"type": "string"},
        "customer": {"type": ["string", "null"], "description": "His id now; none where it is about nobody, or he was erased."},
        "timestamp": {"$ref": "#/components/schemas/Time"},
        "from": {"type": "string", "description": "Where it merges: the id that became a former one. Where it undoes: the id that stands for itself again."},
        "alsoFrom": {"type": "array", "items": {"type": "string"}, "description": "Further ones, where an event merges several at once."},
        "erased": {"const": true, "description": "Whom it was about was erased."}}}
      """#
    )
  ]
}
