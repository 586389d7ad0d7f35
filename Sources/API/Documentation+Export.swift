import Customers

/// What a developer reads of the routes for exports and jobs.
extension Documentation {
  static let startExport = Operation(
    id: "post-export", tag: "governance",
    summary:
      "Write down all that is kept of a customer: one JSON document, or one of its tables as CSV for a spreadsheet. The job tells when it is ready.",
    access: .agent, showsCustomers: true, parameters: [customerName, reason, idempotencyKey], body: "ExportRequest",
    example: #"{"format": "json"}"#,
    answers: [Answer(status: 202, text: "The job; `Location` is its address.", schema: "Job")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503))

  private static let jobName = Operation.Parameter(
    name: "id", place: "path", text: "The job's id.", schema: #"{"type": "string"}"#, isRequired: true)

  static let job = Operation(
    id: "get-job", tag: "governance",
    summary: "How far a job is; only who asked for it and administrators know of it.", access: .agent,
    parameters: [jobName, minSequence],
    answers: [Answer(status: 200, text: "The job.", schema: "Job")] + problems(400, 401, 403, 404, 503))

  static let jobResult = Operation(
    id: "get-job-result", tag: "governance",
    summary:
      "What a job has made, for a day. In CSV a cell that a spreadsheet would take for a formula has an apostrophe before it.",
    access: .agent, showsCustomers: true, parameters: [jobName, minSequence, reason],
    answers: [
      Answer(status: 200, text: "The file.", schema: "Export", others: ["text/csv"])
    ] + problems(400, 401, 403, 404, 409, 503))
}
