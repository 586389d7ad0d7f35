import Customers

/// What a developer reads of the route for erasures.
extension Documentation {
  static let startErasure = Operation(
    id: "post-erasure", tag: "governance",
    summary: """
      Erase a person: his events stay without him, so that sums hold, and everything else goes; his ids answer 410 from \
      then on. It cannot be taken back. The job is done when nothing of him is on the disk. Restore brings no erased \
      person back where it is given the journal of erasures.
      """,
    access: .administrator, showsCustomers: true, parameters: [customerName, country, reason, idempotencyKey],
    body: "ErasureRequest", example: #"{"reason": "article 17, case 4711"}"#,
    answers: [Answer(status: 202, text: "The job; `Location` is its address.", schema: "Job")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503))
}
