import Customers

/// What a developer reads of the routes for visitors and for customers' tokens.
extension Documentation {
  static let openVisitor = Operation(
    id: "post-visitor", tag: "tokens",
    summary: """
      Open a visitor: an anonymous id that the server makes, for the page to hand to its SDK, and a token that reads and \
      writes his resume states. The token ends when he signs in.
      """,
    access: .source, body: "NewVisitor", example: "{}",
    answers: [Answer(status: 201, text: "The visitor.", schema: "Visitor")]
      + problems(400, 401, 403, 413, 415, 429, 503))

  static let giveToken = Operation(
    id: "post-token", tag: "tokens",
    summary: """
      Give a customer who has signed in at the shop a token, with which his page or app reaches `/v1/customers/me`. A \
      `user_id:` that nobody has yet makes the customer; a name that is only claimed leads to nobody.
      """,
    access: .storefront, showsCustomers: true, parameters: [customerName, country, idempotencyKey], body: "NewToken",
    example: #"{"expiresIn": 3600}"#,
    answers: [Answer(status: 201, text: "The token.", schema: "Token")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let endTokens = Operation(
    id: "delete-tokens", tag: "tokens",
    summary: "Sign a customer out everywhere: every token that he was given ends.",
    access: .editor, holders: [.customer], showsCustomers: true, parameters: [customerName, reason, idempotencyKey],
    answers: [Answer(status: 204, text: "They have ended.", schema: nil)]
      + problems(400, 401, 403, 404, 409, 413, 422, 503))

  static let login = Operation(
    id: "post-my-identifier", tag: "tokens",
    summary: """
      The login of a browser: what its visitor did becomes the customer's, and its visitor's token ends. A browser that \
      is another customer's begins anew from now on, and the answer is the same.
      """,
    access: .nobody, holders: [.customer], showsCustomers: true, parameters: [idempotencyKey], body: "BrowserLogin",
    example: #"{"anonymousId": "vis_01kav3m2v8"}"#,
    answers: [Answer(status: 200, text: "It is taken.", schema: "BrowserLogin")]
      + problems(400, 401, 403, 413, 415, 422, 503))
}
