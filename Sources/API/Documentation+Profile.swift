import Customers

/// What a developer reads of the routes that change what is known of a customer.
extension Documentation {
  static let patchTraits = Operation(
    id: "patch-traits", tag: "customers",
    summary: """
      Change what is known of a customer; `null` removes. It is an event of the source `api:` and the key's name, and \
      newer than everything said before.
      """,
    access: .editor, showsCustomers: true, parameters: [customerName, country, reason, idempotencyKey],
    body: "TraitEdit", example: #"{"traits": {"name": "Ann Lee", "size": 42, "nickname": null}}"#,
    answers: [Answer(status: 200, text: "The traits that hold now.", schema: "Traits")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let postIdentifier = Operation(
    id: "post-identifier", tag: "customers",
    summary: """
      Say that an identifier is a customer's: it is proved from now on. With `shared` several people use it, he among \
      them, and it identifies nobody alone. 409 where a limit would be exceeded, or where another customer has it, \
      whom it names.
      """,
    access: .editor, showsCustomers: true, parameters: [customerName, country, reason, idempotencyKey],
    body: "IdentifierEdit",
    example: #"{"type": "email", "value": "ann.lee@example.com", "reason": "said so on the phone"}"#,
    answers: [Answer(status: 200, text: "His identifiers as they are now.", schema: "Identifiers")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let deleteIdentifier = Operation(
    id: "delete-identifier", tag: "customers",
    summary: """
      Take an identifier of his own away from a customer: it is a customer of its own from now on, with the events that \
      stand at it, and no rule brings the two together again.
      """,
    access: .editor, showsCustomers: true, parameters: [customerName, country, reason, idempotencyKey],
    body: "IdentifierRemoval",
    example: #"{"type": "email", "value": "ann.lee@example.com", "reason": "the former owner's"}"#,
    answers: [Answer(status: 200, text: "The identifiers of who is left.", schema: "Identifiers")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))
}
