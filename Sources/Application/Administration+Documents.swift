import API
import Base
import Customers
import SQL

extension Administration {
  /// As much of a value as a line of differences shows.
  private static let longestShown = 200

  /// Stores the documents of a file, or says what storing them would change, and answers a line for each.
  ///
  /// - Parameters:
  ///   - documents: the documents by kind, as JSON.
  ///   - file: what the operator calls the file, for what is wrong in it.
  ///   - isDryRun: whether nothing is stored.
  /// - Throws: `invalid` with a line for each fault, which names file, kind, id and field.
  func apply(_ documents: [UInt8], file: String, isDryRun: Bool) throws -> String {
    let set = try Self.check(documents, file: file)
    if isDryRun { return Self.report(try store.database.read { try set.preview(in: $0) }, isDryRun: true) }
    let now = store.clock.now
    let lines = try store.database.write { [intake = store.intake] session in
      try set.store(author: "cli", at: now, through: intake, in: session)
    }
    try store.database.read { [sources = store.sources] in try sources.refresh(in: $0) }
    return Self.report(lines, isDryRun: false)
  }

  /// The documents of a file, checked.
  ///
  /// - Throws: `invalid` with a line for each fault, which names file, kind, id and field.
  static func check(_ documents: [UInt8], file: String) throws -> DocumentSet {
    do {
      return try DocumentSet(JSONDocument(documents).root, kinds: DocumentKind.all)
    } catch let failure as JSONFailure {
      let line = JSON5.line(of: failure.offset, in: documents)
      throw Failure(.invalid, "\(file): line \(line): \(failure.reason)")
    } catch let failure as Failure {
      throw Failure(.invalid, failure.faults.map { "\(file): \($0.reason)" }.joined(separator: "\n"))
    }
  }

  /// A line for each document, those of its differences, and how many there are.
  static func report(_ lines: [DocumentSet.Line], isDryRun: Bool) -> String {
    var text: [String] = []
    for line in lines {
      text.append("\(line.effect.rawValue.padded(to: 9))  \(line.kind) \(line.id)")
      for difference in line.differences {
        let place = difference.pointer.isEmpty ? "all of it" : difference.pointer
        text.append("           \(place): \(shown(difference.old)) → \(shown(difference.new))")
      }
    }
    let counts = [DocumentSet.Line.Effect.created, .changed, .unchanged].map { effect in
      "\(lines.count { $0.effect == effect }) \(effect.rawValue)"
    }
    text.append(counts.joined(separator: ", ") + (isDryRun ? "; nothing was written" : ""))
    return text.joined(separator: "\n")
  }

  private static func shown(_ value: JSON?) -> String {
    guard let value else { return "nothing" }
    let text = String(decoding: value.bytes, as: UTF8.self)
    return text.count <= longestShown ? text : text.prefix(longestShown) + "…"
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
