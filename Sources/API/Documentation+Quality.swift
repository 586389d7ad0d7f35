import Customers

/// What a developer reads of the routes of data quality.
extension Documentation {
  static let quality = Operation(
    id: "get-quality", tag: "quality",
    summary: """
      The customers with something wrong in what is known of them, the newest first. A page looks at a bounded number \
      of customers: it may have fewer than `limit`, even none, and yet a `next`; the end is where `next` is null.
      """,
    access: .agent, showsCustomers: true,
    parameters: [
      .init(
        name: "code", place: "query", text: "Only those with this defect.",
        schema: #"{"enum": [\#(Quality.Code.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))]}"#)
    ] + page.filter { ["limit", "cursor"].contains($0.name) } + [minSequence, reason],
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "QualityPage")]
      + problems(400, 401, 403, 503))

  static let sourceQuality = Operation(
    id: "get-source-quality", tag: "quality",
    summary: """
      How good what each source sends is: the share without a defect of its events among the log's newest \
      \(SourceQuality.window), in percent and rounded down, and how many events had each defect in all.
      """,
    access: .administrator, parameters: [minSequence] + namePage,
    answers: [
      Answer(status: 200, text: "Those that sent one of these, or ever had a defect.", schema: "SourceQualities")
    ] + problems(400, 401, 403, 503))
}
