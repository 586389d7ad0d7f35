import Base
import SQL

/// One table of a person's export, for a spreadsheet: the rows of the JSON document, column by column.
package enum ExportTable: String, Sendable, CaseIterable {
  case identifiers, traits, consents, states, points, events

  /// The columns, which are called as the document's members.
  package var columns: [String] {
    switch self {
    case .identifiers:
      ["type", "value", "standing", "verified", "shared", "id", "claimedAt", "generation", "source", "since"]
    case .traits: ["name", "value", "source", "at", "isCurrent"]
    case .consents:
      [
        "purpose", "channel", "state", "legalBasis", "textVersion", "proof", "at", "expiresAt", "source", "messageId",
      ]
    case .states: ["key", "value", "device", "at", "expiresAt"]
    case .points: ["at", "kind", "against", "points", "order"]
    case .events:
      [
        "timestamp", "type", "event", "name", "channel", "source", "messageId", "originalTimestamp", "sentAt",
        "receivedAt", "identifiers", "body", "envelope",
      ]
    }
  }

  /// Writes the table of the person of these origins.
  func write(
    _ origins: [Origin.Number], _ export: Export, in session: any Session, to sink: ([UInt8]) throws -> Void
  ) throws {
    var table = CSVWriter()
    table.row(columns.map { Array($0.utf8) })
    if self == .events {
      try export.forEachEvent(of: origins, in: session) { event in
        table.row(cells(of: try Export.document(event)))
        if table.bytes.count >= Export.piece { try sink(table.drain()) }
      }
    } else {
      var writer = JSONWriter(capacity: 32 << 10)
      try writer.object { try export.writeFolds(of: origins, to: &$0, in: session) }
      let document = try Export.document(writer.bytes)
      if self == .traits {
        for trait in document["traits"].map({ Array($0.rawMembers) }) ?? [] {
          write(trait.name, trait.value, to: &table)
        }
      } else {
        for row in rows(of: document) { table.row(cells(of: row)) }
      }
    }
    try sink(table.bytes)
  }

  private func rows(of document: JSON) -> [JSON] {
    let list: JSON? =
      switch self {
      case .consents: document["consents"]?["history"]
      case .identifiers: document["identifiers"]
      case .states: document["states"]
      // Of the floor above, where there is one.
      case .points: document["loyalty"]?["ledger"]
      case .traits, .events: nil
      }
    return list.map { Array($0.elements) } ?? []
  }

  /// A trait's newest value and those that lost, a row each.
  private func write(_ name: JSON, _ trait: JSON, to table: inout CSVWriter) {
    let lost = trait["lost"].map { Array($0.elements) } ?? []
    for (value, isCurrent) in [(trait, "true")] + lost.map({ ($0, "false") }) {
      table.row([
        Self.cell(name), Self.cell(value["value"]), Self.cell(value["source"]), Self.cell(value["at"]),
        Array(isCurrent.utf8),
      ])
    }
  }

  private func cells(of row: JSON) -> [[UInt8]] { columns.map { Self.cell(row.member($0)) } }

  /// A string's text, and whatever else as JSON; nothing for null.
  private static func cell(_ value: JSON?) -> [UInt8] {
    guard let value, !value.isNull else { return [] }
    return value.withStringBytes { Array($0) } ?? value.bytes
  }
}
