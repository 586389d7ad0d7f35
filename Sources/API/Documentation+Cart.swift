import Commerce
import Customers

/// What a developer reads of the routes of the shared cart, and of its policy.
extension Documentation {
  private static let cartMatch = Operation.Parameter(
    name: "If-Match", place: "header",
    text: "The ETag that the cart must have; only its part before the point counts, so prices may have changed.",
    schema: #"{"type": "string"}"#)
  private static let sku = Operation.Parameter(
    name: "sku", place: "path", text: "The article's name, percent-encoded.",
    schema: #"{"type": "string", "maxLength": \#(Sale.longestSKU)}"#, isRequired: true)
  private static let place: [Operation.Parameter] = [
    .init(name: "currency", place: "query", text: "In which currency: ISO 4217.", schema: #"{"type": "string"}"#),
    .init(name: "region", place: "query", text: "Whose prices.", schema: #"{"type": "string"}"#),
    .init(name: "store", place: "query", text: "Where the goods are wanted.", schema: #"{"type": "string"}"#),
  ]
  private static let writing = [customerName, reason, idempotencyKey, cartMatch] + place
  private static let refusals = problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 503)

  static let cart = Operation(
    id: "get-cart", tag: "carts",
    summary: """
      A customer's one cart, whatever door it was filled at. Prices and stock are looked up each time; what differs from \
      before is an issue of its line. A visitor's token shows what stands at his own anonymous id.
      """,
    access: .reader, holders: [.customer, .visitor], showsCustomers: true,
    parameters: [customerName, country, minSequence, reason] + place,
    answers: [
      Answer(status: 200, text: "The cart.", schema: "Cart"),
      Answer(status: 304, text: "It is what `If-None-Match` names, prices too.", schema: nil),
    ] + problems(400, 401, 403, 404, 409, 412, 503))

  static let patchCart = Operation(
    id: "patch-cart", tag: "carts",
    summary: """
      Change lines and codes, all of it or nothing. Two devices that send deltas at once lose nothing; quantities are \
      absolute, so with If-Match the second of two is told.
      """,
    access: .editor, holders: [.customer, .visitor], showsCustomers: true, parameters: writing, body: "CartChange",
    example: #"{"lines": [{"sku": "A-1", "quantity": 2}, {"sku": "B-2", "delta": 1}], "coupons": {"add": ["SPRING"]}}"#,
    answers: [Answer(status: 200, text: "The cart as it is now.", schema: "Cart")] + refusals)

  static let deleteCart = Operation(
    id: "delete-cart", tag: "carts", summary: "Empty the cart; what is saved for later stays.",
    access: .editor, holders: [.customer, .visitor], showsCustomers: true, parameters: writing,
    answers: [Answer(status: 204, text: "It is empty.", schema: nil)] + refusals)

  static let putCartLine = Operation(
    id: "put-cart-line", tag: "carts", summary: "So much of an article is in the cart from now on.",
    access: .editor, holders: [.customer, .visitor], showsCustomers: true, parameters: writing + [sku],
    body: "CartLineChange", example: #"{"quantity": 2}"#,
    answers: [Answer(status: 200, text: "The cart as it is now.", schema: "Cart")] + refusals)

  static let deleteCartLine = Operation(
    id: "delete-cart-line", tag: "carts", summary: "Take an article out of the cart.",
    access: .editor, holders: [.customer, .visitor], showsCustomers: true, parameters: writing + [sku],
    answers: [Answer(status: 200, text: "The cart as it is now.", schema: "Cart")] + refusals)

  static let checkOutCart = Operation(
    id: "post-checkout", tag: "carts",
    summary: """
      Buy what is in the cart, as it was shown: the version, or If-Match, must be the cart's, so that nobody buys what \
      another device has changed. Another version in the body is answered 409, in If-Match 412. With `fulfilment` it \
      becomes an order, as `POST /v1/orders` makes one, by the prices of now; without it, it waits for an order that \
      names it as `cart`. A visitor buys as a guest: his order is his own to look at, and the customer's when he signs in.
      """,
    access: .editor, holders: [.customer, .visitor], showsCustomers: true, parameters: writing,
    body: "CheckoutRequest",
    answers: [Answer(status: 200, text: "The order, and the cart after it.", schema: "Checkout")] + refusals)

  static let shareCart = Operation(
    id: "post-cart-link", tag: "carts",
    summary: """
      Give the cart's lines, as they are now, a link: whoever has it sees them and not whose they are, for \
      \(CartShare.life.components.seconds / 86_400) days.
      """,
    access: .editor, holders: [.customer, .visitor], showsCustomers: true, parameters: writing,
    answers: [Answer(status: 201, text: "The link.", schema: "CartLink")] + refusals)

  static let restoreCart = Operation(
    id: "post-cart-restore", tag: "carts",
    summary: """
      Bring each line of a link into the cart, up to what the link has of it: a second time changes nothing.
      """,
    access: .editor, holders: [.customer, .visitor], showsCustomers: true, parameters: writing, body: "CartToken",
    answers: [Answer(status: 200, text: "The cart as it is now.", schema: "Cart")] + refusals)

  static let sharedCart = Operation(
    id: "get-shared-cart", tag: "carts", summary: "What a link leads to, for whoever has it.", access: .anybody,
    parameters: [
      .init(
        name: "token", place: "path", text: "The link's token.", schema: #"{"type": "string"}"#, isRequired: true)
    ] + place,
    answers: [Answer(status: 200, text: "The lines, with what they cost now.", schema: "SharedCart")]
      + problems(400, 404, 503))
}

extension DocumentDescription {
  static let cartPolicy = DocumentDescription(
    schema: "CartPolicy",
    json: #"""
      {"type": "object", "additionalProperties": false, "properties": {
        "login": {"enum": ["sum", "newest", "keepBoth"], "default": "sum",
          "description": "What becomes of a visitor's cart when he signs in and had one before: `sum`, both are one; `newest`, what was changed last is the cart and the other lines are saved for later; `keepBoth`, the visitor's lines are saved for later."},
        "abandonedAfterMinutes": {"type": "integer", "minimum": \#(CartPolicy.shortest), "maximum": \#(CartPolicy.longest), "default": 60,
          "description": "After so long without a change a cart counts as abandoned: an event `Cart Abandoned`."}}}
      """#,
    example: #"{"login": "keepBoth", "abandonedAfterMinutes": 60}"#,
    text: "what the shop does with carts")
}
