package import Base
import SQL

/// Work that was asked for and takes longer than an answer may: to write down all that is kept of a person, to erase him,
/// or to make old events into summaries.
///
/// What is written down is a file, which ends a day after it was made; the others leave a receipt.
package struct Job: Sendable {
  /// How far it is.
  package enum State: String, Sendable, CaseIterable {
    case queued, running, done, failed
    /// Its result has ended.
    case expired
  }

  /// What it does.
  package enum Parameters: Sendable, Equatable {
    /// Writes somebody down.
    case export(Export.Form)
    /// Erases somebody, as he was when it was asked for.
    case erasure(JobErasure)
    /// Makes the old events of the class of that name into summaries.
    case retention(String)

    package init(_ form: Export.Form) { self = .export(form) }

    /// What jobs of that kind are called.
    var kind: String {
      switch self {
      case .export: JobStore.export
      case .erasure: JobStore.erasure
      case .retention: RetentionClass.documentKind
      }
    }

    var json: [UInt8] {
      var writer = JSONWriter(capacity: 64)
      writer.object { writer in
        switch self {
        case .export(let form):
          writer.field("format", form.suffix)
          if case .csv(let table) = form { writer.field("part", table.rawValue) }
        case .erasure(let erasure): erasure.write(to: &writer)
        case .retention(let name): writer.field("name", name)
        }
      }
      return writer.bytes
    }

    fileprivate init?(_ kind: String, recorded json: JSON) {
      if kind == JobStore.erasure {
        guard let erasure = JobErasure(recorded: json) else { return nil }
        self = .erasure(erasure)
      } else if kind == RetentionClass.documentKind {
        guard let name = json["name"]?.string else { return nil }
        self = .retention(name)
      } else if json["format"]?.string == "csv" {
        guard let table = (json["part"]?.string).flatMap(ExportTable.init) else { return nil }
        self = .export(.csv(table))
      } else {
        self = .export(.json)
      }
    }

    /// Whether both ask for the same.
    func isSame(as other: Parameters) -> Bool {
      guard case (.erasure(let mine), .erasure(let theirs)) = (self, other) else { return self == other }
      return mine.reason == theirs.reason
    }

    /// What a request asks for: `{"format": "json"}`, or `{"format": "csv", "part": "events"}`.
    ///
    /// - Throws: `invalid` with every field at fault.
    package init(_ body: JSON) throws {
      var fields = try FieldReader(body, "the request of an export", known: ["format", "part"])
      let part = fields.given("part")
      let names = ExportTable.allCases.map { $0.rawValue }.joined(separator: ", ")
      var form = Export.Form.json
      switch body["format"]?.string {
      case "json":
        if part != nil { fields.fault("/part", "is for csv; a json export is one document") }
      case "csv":
        if let table = (part?.string).flatMap(ExportTable.init) {
          form = .csv(table)
        } else {
          fields.fault("/part", "is none of \(names)")
        }
      default: fields.fault("/format", "is neither json nor csv")
      }
      try fields.finish()
      self = .export(form)
    }
  }

  /// A result is kept for a day: long enough to fetch it, and no second store of personal data.
  package static let resultLife: Duration = .seconds(86_400)
  /// What came of a request is told for as long as its Idempotency-Key is kept: 30 days.
  package static let rowLife: Duration = .seconds(30 * 86_400)
  /// A key has so many at once that wait, run or have a result: each may be a file of a hundred megabytes.
  package static let mostOfKey: Int64 = 100
  /// So often it is begun: what ended the program three times does so a fourth time.
  package static let mostAttempts: Int64 = 3

  package var id: String
  package var parameters: Parameters
  /// Whom it is about; 0 for nobody.
  package var origin: Origin.Number
  /// The key that asked for it; empty where none did.
  package var keyID: String
  /// The source of what it does, such as `api:root`.
  package var author: String
  package var state: State
  package var attempts: Int64
  package var createdAt: Instant
  package var finishedAt: Instant?
  /// The result's length in bytes.
  package var size: Int64?
  package var failure: String?
  /// What an erasure or a run over old events has done, as JSON.
  package var receipt: [UInt8]?

  /// When its result ends.
  package var expiresAt: Instant? { state == .done && form != nil ? finishedAt.map { $0 + Self.resultLife } : nil }

  /// How it writes its result; nil where it makes none.
  package var form: Export.Form? {
    if case .export(let form) = parameters { form } else { nil }
  }

  /// What its result's file is called; nil where it makes none.
  package var fileName: String? { form.map { "\(id).\($0.suffix)" } }

  init(_ row: any Row) throws {
    guard let parameters = Parameters(row.text(10), recorded: try JSONDocument(row.bytes(1)).root),
      let state = State(rawValue: row.text(4))
    else { throw Failure(.internal, "the table of jobs is damaged") }
    id = row.text(0)
    self.parameters = parameters
    origin = row.integer(2)
    keyID = row.text(3)
    self.state = state
    attempts = row.integer(5)
    createdAt = Instant(milliseconds: row.integer(6))
    finishedAt = row.optionalInteger(7).map { Instant(milliseconds: $0) }
    size = row.optionalInteger(8)
    failure = row.optionalText(9)
    author = row.text(11)
    receipt = row.optionalBytes(12)
  }

  /// Writes it as the API shows it.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", id)
      writer.field("kind", parameters.kind)
      if let form {
        writer.field("format", form.suffix)
        if case .csv(let table) = form { writer.field("part", table.rawValue) }
      }
      writer.field("state", state.rawValue)
      writer.field("createdAt", createdAt.text)
      writer.field("finishedAt", orNull: finishedAt?.text)
      if form != nil {
        writer.field("expiresAt", orNull: expiresAt?.text)
        writer.field("size", orNull: size)
        writer.field("result", orNull: state == .done ? "/v1/jobs/\(id)/result" : nil)
      } else {
        // What was done before the end is not done until nothing is left of it on the disk.
        writer.key("receipt")
        if let receipt, state == .done { writer.raw(receipt) } else { writer.null() }
      }
      writer.field("failure", orNull: failure)
    }
  }
}
