import Commerce
import Customers

/// What a developer reads of the routes of orders.
extension Documentation {
  private static let orderID = Operation.Parameter(
    name: "id", place: "path", text: "The order's id, percent-encoded.", schema: #"{"type": "string"}"#,
    isRequired: true)
  private static let orderIfMatch = Operation.Parameter(
    name: "If-Match", place: "header", text: "The ETag that the order must have.", schema: #"{"type": "string"}"#)

  static let postOrder = Operation(
    id: "post-order", tag: "orders",
    summary: """
      Place an order: goods are kept at their stores, points are taken, and the cart is emptied of it. What it \
      earns pends until it is paid and handed over. An id \
      that an order of the same customer with the same lines has already is another report of that order. A `409` names \
      in `short` what cannot be promised, and which stores have it.
      """,
    access: .editor, showsCustomers: true, parameters: [country, reason, idempotencyKey], body: "NewOrder",
    example: #"""
      {"id": "A-17", "customer": "user_id:u-1", "channel": "web", "fulfilment": {"type": "pickup", "store": "riga"},
       "lines": [{"sku": "mug-12", "quantity": 2, "price": {"amount": 45000, "currency": "RUB"}}]}
      """#,
    answers: [
      Answer(status: 201, text: "The order.", schema: "Order"),
      Answer(status: 200, text: "It was there already; this is one more report of it.", schema: "Order"),
    ] + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let order = Operation(
    id: "get-order", tag: "orders", summary: "An order as it stands, with what has become of each part of its lines.",
    access: .reader, holders: [.customer, .visitor], showsCustomers: true, parameters: [orderID, minSequence, reason],
    answers: [
      Answer(status: 200, text: "The order; the ETag is its version.", schema: "Order"),
      Answer(status: 304, text: "It is what `If-None-Match` names.", schema: nil),
    ] + problems(400, 401, 403, 404, 412, 503))

  static let orderQR = Operation(
    id: "get-order-qr", tag: "orders", summary: "The order's pickup code as a QR code.",
    access: .reader, holders: [.customer, .visitor], showsCustomers: true, parameters: [orderID, minSequence, reason],
    answers: [Answer(status: 200, text: "An image.", schema: nil, mediaType: "image/svg+xml")]
      + problems(400, 401, 403, 404, 503))

  static let orders = Operation(
    id: "get-orders", tag: "orders",
    summary: """
      The orders that have lines in a store, in a state, the oldest first: what is to be picked. Each shows those lines \
      alone. Without a state it is everything that is still in a store.
      """,
    access: .reader, showsCustomers: true,
    parameters: [
      .init(name: "store", place: "query", text: "Only lines of this store.", schema: #"{"type": "string"}"#),
      .init(
        name: "status", place: "query", text: "Only lines in this state.",
        schema: ##"{"$ref": "#/components/schemas/OrderState"}"##),
    ] + page.filter { ["limit", "cursor"].contains($0.name) } + [minSequence, reason],
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "OrderPage")]
      + problems(400, 401, 403, 503))

  static let orderConflicts = Operation(
    id: "get-order-conflicts", tag: "orders",
    summary: """
      What does not fit, newest first: an id that is reported of another customer or of other goods, more given back \
      than there was, what is taken back of an order that nobody has reported, and what a till took without a connection \
      beyond what its store or the programme allows. It is there until somebody settles it, or the order comes.
      """,
    access: .agent, showsCustomers: true,
    parameters: [
      .init(
        name: "state", place: "query", text: "Those that are open, or those that were settled.",
        schema: #"{"enum": ["open", "settled"], "default": "open"}"#)
    ] + page.filter { ["limit", "cursor"].contains($0.name) } + [minSequence, reason],
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "OrderConflictPage")]
      + problems(400, 401, 403, 503))

  static let settleOrderConflict = Operation(
    id: "settle-order-conflict", tag: "orders",
    summary: """
      Take an entry off the work list and say why; nothing else changes by it. One that is settled is answered as it was \
      settled.
      """,
    access: .agent, showsCustomers: true,
    parameters: [
      .init(
        name: "sequence", place: "path", text: "Which, as the list tells it.", schema: #"{"type": "integer"}"#,
        isRequired: true), reason, idempotencyKey,
    ],
    body: "ConflictSettlement", example: #"{"reason": "the customer was told"}"#,
    answers: [Answer(status: 200, text: "The entry.", schema: "OrderConflict")]
      + problems(400, 401, 403, 404, 413, 415, 422, 503))

  static func orderAct(_ act: OrderAct) -> Operation {
    let (summary, example) = told(act)
    return Operation(
      id: "\(act.rawValue)-order", tag: "orders",
      summary: summary
        + " Without `lines` it is done to all that can; what is not allowed is refused, naming from and to.",
      access: .editor, holders: act == .cancel ? [.customer, .visitor] : [], showsCustomers: true,
      parameters: [orderID, reason, idempotencyKey, orderIfMatch],
      body: "Order\(act.rawValue.prefix(1).uppercased())\(act.rawValue.dropFirst())", example: example,
      answers: [
        Answer(status: 200, text: "The order as it is then.", schema: act == .pick ? "OrderPicked" : "Order")
      ] + problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 503))
  }

  private static func told(_ act: OrderAct) -> (summary: String, example: String) {
    switch act {
    case .pick:
      (
        "Fetch from the shelf; of what was not found the answer offers stores that have it, something else, or delivery.",
        #"{"lines": [{"sku": "mug-12", "found": 1}]}"#
      )
    case .ready: ("It lies at the counter, or is in its parcel.", #"{"lines": [{"line": 1, "quantity": 1}]}"#)
    case .collect: ("The customer has collected it; what is not yet paid is paid then.", "{}")
    case .ship: ("The carrier has it.", #"{"carrier": "DPD", "tracking": "05308900123456"}"#)
    case .deliver: ("The customer has it.", "{}")
    case .move:
      (
        """
        Let another store hand over what one has not: it is kept there from then on, and here no more; a `409` names in \
        `short` what that store cannot promise, and nothing is changed. What goes there becomes a line of its own; code \
        and end of a pickup stay.
        """, #"{"store": "jelgava", "lines": [{"line": 1, "quantity": 1}]}"#
      )
    case .cancel: ("Call it off: goods and points go back.", #"{"reason": "ordered twice"}"#)
    case .return:
      ("Goods came back; their money has not gone back yet.", #"{"lines": [{"sku": "mug-12", "quantity": 1}]}"#)
    case .refund:
      ("Give money back, for lines or as an amount; never more than was paid.", #"{"reason": "broken"}"#)
    default:
      (
        "Tell of a payment.",
        #"{"payments": [{"method": "card", "amount": {"amount": 100, "currency": "RUB"}}]}"#
      )
    }
  }
}
