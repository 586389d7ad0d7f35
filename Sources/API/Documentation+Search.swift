import Customers

/// What a developer reads of the routes that find customers.
extension Documentation {
  private static let searchAnswers =
    [Answer(status: 200, text: "A page, the nearest first; no customer is an empty one.", schema: "CustomersFound")]
    + problems(400, 401, 403, 503)

  static let findCustomers = Operation(
    id: "get-customers", tag: "customers",
    summary: "Find customers by name, phone, e-mail, postal address, card or order; every word must be found.",
    access: .searcher, showsCustomers: true,
    parameters: [
      .init(
        name: "q", place: "query",
        text: "Names in any script, or their beginnings, with one typing mistake in words of four letters and more; a "
          + "piece of four digits or more of a phone number; an address, or a part of one; the number of a card or an "
          + "order.", schema: #"{"type": "string", "maxLength": \#(SearchQuery.longest)}"#, isRequired: true),
      .init(
        name: "limit", place: "query", text: "Customers on a page.",
        schema:
          #"{"type": "integer", "minimum": 1, "maximum": \#(CustomerSearch.longestPage), "default": \#(CustomerSearch.usualPage)}"#
      ),
      .init(name: "cursor", place: "query", text: "Where a former page ended.", schema: #"{"type": "string"}"#),
      minSequence, reason,
    ], answers: searchAnswers)

  static let searchCustomers = Operation(
    id: "post-customers-search", tag: "customers",
    summary: "The same search with its words in the body, where no proxy logs them.", access: .searcher,
    showsCustomers: true, parameters: [minSequence, reason], body: "CustomerSearch",
    example: #"{"q": "anna 4567", "limit": 20}"#,
    answers: searchAnswers + problems(413, 415))

  static let lookupCustomer = Operation(
    id: "post-customers-lookup", tag: "customers",
    summary: "Whose an identifier is: its proved owner, else its only claimant, else all who claim or share it.",
    access: .reader, showsCustomers: true, parameters: [country, minSequence, reason], body: "CustomerLookup",
    example: #"{"type": "email", "value": "ann@example.com"}"#,
    answers: [Answer(status: 200, text: "Whose it is; nobody's is an empty list.", schema: "CustomersLookedUp")]
      + problems(400, 401, 403, 413, 415, 503))
}
