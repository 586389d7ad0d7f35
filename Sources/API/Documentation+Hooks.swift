import Channels

extension Documentation {
  static let hook = Operation(
    id: "post-hook", tag: "hooks",
    summary: """
      Post what a source speaks, by the kind in its document: a till its receipts. The key is the source's own write \
      key. A receipt counts once by its store, register, shift and number, however often it comes; another body under \
      them is a conflict, and nothing of it counts.
      """,
    access: .source,
    parameters: [
      .init(
        name: "source", place: "path", text: "The source's name.", schema: #"{"type": "string"}"#, isRequired: true)
    ],
    body: "TillReceipts",
    example: #"""
      {"store_id": "moscow-1", "register_id": "2", "shift_no": 118, "receipt_no": 45, "kind": "sale", "issued_at": "2026-01-02T15:04:05+03:00",
       "currency": "RUB", "lines": [{"line": 1, "sku": "mug-12", "name": "Mug", "qty": "2", "unit_price_minor": 45000, "total_minor": 90000}],
       "tenders": [{"kind": "card", "amount_minor": 90000}], "totals": {"total_minor": 90000}, "loyalty_card": "7700012345"}
      """#,
    answers: [Answer(status: 200, text: "Everything that was accepted is durable.", schema: "EventsAnswer")]
      + problems(400, 401, 403, 404, 409, 413, 415, 429, 503))
}
