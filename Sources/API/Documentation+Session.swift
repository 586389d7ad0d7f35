import Customers

/// What a developer reads of the routes by which a person signs in at the console.
extension Documentation {
  static let signIn = Operation(
    id: "post-session", tag: "session",
    summary: """
      Sign in at the console with a person's key: the answer sets a cookie, with which this server's own pages reach \
      what the key reaches. It ends after half an hour without its person, after twelve hours, by sign-out, and with the \
      key.
      """,
    access: .anybody, body: "SignIn",
    answers: [Answer(status: 201, text: "Who has signed in.", schema: "Session")]
      + problems(400, 401, 403, 413, 415, 429, 503))

  static let readSession = Operation(
    id: "get-session", tag: "session", summary: "Whose key or session it is.", access: .reader,
    answers: [Answer(status: 200, text: "The holder.", schema: "Session")] + problems(401, 403, 503))

  static let renewSession = Operation(
    id: "put-session", tag: "session",
    summary: "The person is there: his session goes on, for half an hour at most from now.", access: .session,
    answers: [Answer(status: 200, text: "Who has signed in.", schema: "Session")] + problems(401, 403, 413, 415, 503))

  static let signOut = Operation(
    id: "delete-session", tag: "session", summary: "Sign out: the session ends, in every copy of its cookie.",
    access: .session,
    answers: [Answer(status: 204, text: "It has ended, or there was none.", schema: nil)] + problems(403, 503))

  static let identifiers = Operation(
    id: "get-identifiers", tag: "customers",
    summary: """
      A customer's identifiers and why they belong together: each proof with the event or the person that gave it; and \
      what is only claimed.
      """,
    access: .reader, showsCustomers: true, parameters: [customerName, country, minSequence, reason],
    answers: [Answer(status: 200, text: "Identifiers, ties and claims.", schema: "IdentifierTies")]
      + problems(400, 401, 403, 404, 409, 503))
}
