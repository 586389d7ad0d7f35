package import Base
import SQL

/// Work that was asked for and takes longer than an answer may: for now, to write down all that is kept of a person.
///
/// Its result is a file, which ends a day after it was made.
package struct Job: Sendable {
  /// How far it is.
  package enum State: String, Sendable, CaseIterable {
    case queued, running, done, failed
    /// Its result has ended.
    case expired
  }

  /// What it writes.
  package struct Parameters: Sendable, Equatable {
    package var form: Export.Form

    package init(_ form: Export.Form) { self.form = form }

    var json: [UInt8] {
      var writer = JSONWriter(capacity: 64)
      writer.object { writer in
        writer.field("format", form.suffix)
        if case .csv(let table) = form { writer.field("part", table.rawValue) }
      }
      return writer.bytes
    }

    fileprivate init?(recorded json: JSON) {
      guard json["format"]?.string == "csv" else {
        form = .json
        return
      }
      guard let table = (json["part"]?.string).flatMap(ExportTable.init) else { return nil }
      form = .csv(table)
    }

    /// What a request asks for: `{"format": "json"}`, or `{"format": "csv", "part": "events"}`.
    ///
    /// - Throws: `invalid` with every field at fault.
    package init(_ body: JSON) throws {
      guard body.kind == .object else {
        throw Failure(.invalid, "an export is asked for by an object", faults: [.init("", "is no object")])
      }
      let known: Set = ["format", "part"]
      var faults = body.members.filter { !known.contains($0.key) }.map { Failure.Fault("/\($0.key)", "is unknown") }
      let part = body["part"].flatMap { $0.isNull ? nil : $0 }
      let names = ExportTable.allCases.map { $0.rawValue }.joined(separator: ", ")
      form = .json
      switch body["format"]?.string {
      case "json":
        if part != nil { faults.append(.init("/part", "is for csv; a json export is one document")) }
      case "csv":
        if let table = (part?.string).flatMap(ExportTable.init) {
          form = .csv(table)
        } else {
          faults.append(.init("/part", "is none of \(names)"))
        }
      default: faults.append(.init("/format", "is neither json nor csv"))
      }
      guard faults.isEmpty else { throw Failure(.invalid, "the export cannot be made", faults: faults) }
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
  /// Whom it is about.
  package var origin: Origin.Number
  /// The key that asked for it.
  package var keyID: String
  package var state: State
  package var attempts: Int64
  package var createdAt: Instant
  package var finishedAt: Instant?
  /// The result's length in bytes.
  package var size: Int64?
  package var failure: String?

  /// When its result ends.
  package var expiresAt: Instant? { state == .done ? finishedAt.map { $0 + Self.resultLife } : nil }

  /// What its result's file is called.
  package var fileName: String { "\(id).\(parameters.form.suffix)" }

  init(_ row: any Row) throws {
    guard let parameters = Parameters(recorded: try JSONDocument(row.bytes(1)).root),
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
  }

  /// Writes it as the API shows it.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", id)
      writer.field("kind", JobStore.export)
      writer.field("format", parameters.form.suffix)
      if case .csv(let table) = parameters.form { writer.field("part", table.rawValue) }
      writer.field("state", state.rawValue)
      writer.field("createdAt", createdAt.text)
      writer.field("finishedAt", orNull: finishedAt?.text)
      writer.field("expiresAt", orNull: expiresAt?.text)
      writer.field("size", orNull: size)
      writer.field("result", orNull: state == .done ? "/v1/jobs/\(id)/result" : nil)
      writer.field("failure", orNull: failure)
    }
  }
}
