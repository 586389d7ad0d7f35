import Customers

/// What a developer reads of the route that the browser's SDK asks first.
extension Documentation {
  static let browserSettings = Operation(
    id: "get-browser-settings", tag: "events",
    summary: """
      What Segment's browser SDK asks before it sends: where to, and that it reports on itself to nobody. Load it with \
      `{writeKey: KEY, cdnURL: this server's URL}`. For an anonymous source's key; any page may ask.
      """,
    access: .anybody,
    parameters: [
      .init(
        name: "writeKey", place: "path", text: "An anonymous source's key, which may stand in a page.",
        schema: #"{"type": "string"}"#, isRequired: true)
    ],
    answers: [
      Answer(status: 200, text: "The settings; a browser keeps them for five minutes.", schema: "BrowserSettings")
    ] + problems(400, 403, 404))
}
