import Commerce
import Customers

/// What a developer reads of the routes of catalogue, prices and quotes.
extension Documentation {
  private static let sku = Operation.Parameter(
    name: "sku", place: "path", text: "The product's sku, percent-encoded.", schema: #"{"type": "string"}"#,
    isRequired: true)

  static let putProducts = Operation(
    id: "put-products", tag: "catalogue",
    summary: """
      Store up to \(DocumentList.most) products by their skus. Each has a result of its own; a bad one takes none of the \
      good ones with it. They are stored a few hundred at a time; the same list again changes nothing.
      """,
    access: .merchant, parameters: [listKey], body: "Products",
    example: #"[{"sku": "K-17", "name": "Kettle", "category": "kitchen/kettles", "brand": "Norma"}]"#,
    answers: [Answer(status: 200, text: "What became of each.", schema: "StoredList")]
      + problems(400, 401, 403, 413, 415, 422, 503))

  static let products = Operation(
    id: "get-products", tag: "catalogue",
    summary:
      "Products by their skus; with `q` those that have each of its words, or a word that begins so.",
    access: .reader,
    parameters: [
      .init(
        name: "q", place: "query",
        text:
          "Up to \(Catalogue.mostWords) words of sku, GTIN, name, brand and category, in Latin or Cyrillic letters.",
        schema: #"{"type": "string"}"#),
      .init(
        name: "category", place: "query", text: "Only those of it, and of what is below it.",
        schema: #"{"type": "string"}"#),
    ] + namePage + [minSequence],
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "ProductList")]
      + problems(400, 401, 403, 503))

  static let product = Operation(
    id: "get-product-by-sku", tag: "catalogue", summary: "A product.", access: .reader,
    parameters: [sku, minSequence],
    answers: [
      Answer(status: 200, text: "The product.", schema: "Product"),
      Answer(status: 304, text: "It is what `If-None-Match` names.", schema: nil),
    ] + problems(400, 401, 403, 404, 412, 503))

  static let pricesOfProduct = Operation(
    id: "get-product-prices", tag: "catalogue",
    summary: "Every price of a product, of any currency, region, segment and time.", access: .reader,
    parameters: [sku] + namePage + [minSequence],
    answers: [Answer(status: 200, text: "A page, by id; `Link` names the next one.", schema: "PriceList")]
      + problems(400, 401, 403, 404, 503))

  static let putPrices = Operation(
    id: "put-prices", tag: "catalogue",
    summary: """
      Store up to \(DocumentList.most) prices, each by its sku, list, currency, region, segment and beginning. Each has a \
      result of its own; the same list again changes nothing.
      """,
    access: .merchant, parameters: [listKey], body: "Prices",
    example: #"[{"sku": "K-17", "price": {"amount": 129900, "currency": "RUB"}}]"#,
    answers: [Answer(status: 200, text: "What became of each.", schema: "StoredList")]
      + problems(400, 401, 403, 413, 415, 422, 503))

  static let parity = Operation(
    id: "get-price-parity", tag: "catalogue",
    summary: """
      Where a source told another price than ours, by source and sku: in `Product Viewed`, `Product Added` and the lines \
      of `Order Completed` with a currency. A price of any list that held then is right, and so is what promotions make \
      of it.
      """,
    access: .merchant,
    parameters: [
      .init(name: "source", place: "query", text: "Only this source's.", schema: #"{"type": "string"}"#)
    ] + namePage + [minSequence],
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "PriceParityList")]
      + problems(400, 401, 403, 503))

  private static let quoteExample = #"{"currency": "RUB", "lines": [{"sku": "K-17", "quantity": 2}]}"#
  private static let quoteSummary = """
    What these lines cost, with every step on the way. A line that cannot be sold as it stands has an issue. The quote is \
    kept for its time, and a checkout of the same lines that names it gets its prices.
    """

  static let postQuote = Operation(
    id: "post-quote", tag: "catalogue", summary: "For nobody in particular. \(quoteSummary)", access: .reader,
    parameters: [idempotencyKey], body: "QuoteRequest", example: quoteExample,
    answers: [Answer(status: 201, text: "The quote.", schema: "Quote")]
      + problems(400, 401, 403, 413, 415, 422, 503))

  static let postCustomerQuote = Operation(
    id: "post-customer-quote", tag: "catalogue", summary: "For a customer. \(quoteSummary)", access: .reader,
    holders: [.customer, .visitor], showsCustomers: true, parameters: [customerName, country, reason, idempotencyKey],
    body: "QuoteRequest", example: quoteExample,
    answers: [Answer(status: 201, text: "The quote.", schema: "Quote")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let quote = Operation(
    id: "get-quote", tag: "catalogue", summary: "A quote as it was shown, also when its time is over.",
    access: .reader,
    parameters: [
      .init(name: "id", place: "path", text: "Its id.", schema: #"{"type": "string"}"#, isRequired: true), minSequence,
    ],
    answers: [Answer(status: 200, text: "The quote.", schema: "Quote")] + problems(400, 401, 403, 404, 503))
}
