/// Writes a table as comma-separated values (RFC 4180), as Excel opens them: UTF-8 with its mark, and no formulas.
struct CSVWriter {
  private(set) var bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection); a line's end begins another cell
  /// to some of them.
  private static let formulaStarts: Set<UInt8> = Set("=+-@\t\r\n".utf8)
  /// What a cell must be quoted for; the semicolon and the tab part cells where Excel speaks other languages.
  private static let quoted: Set<UInt8> = Set(",\"\r\n;\t".utf8)

  /// Writes a row.
  ///
  /// A cell that would be taken for a formula gets an apostrophe before it.
  mutating func row(_ cells: [[UInt8]]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      write(cell)
    }
    bytes.append(contentsOf: "\r\n".utf8)
  }

  private mutating func write(_ cell: [UInt8]) {
    let isFormula = cell.first.map { Self.formulaStarts.contains($0) } ?? false
    let isQuoted = cell.contains { Self.quoted.contains($0) }
    if isQuoted { bytes.append(UInt8(ascii: "\"")) }
    if isFormula { bytes.append(UInt8(ascii: "'")) }
    if isQuoted {
      for byte in cell {
        if byte == UInt8(ascii: "\"") { bytes.append(byte) }
        bytes.append(byte)
      }
      bytes.append(UInt8(ascii: "\""))
    } else {
      bytes.append(contentsOf: cell)
    }
  }

  /// Hands over what has been written since the last time and goes on behind it.
  mutating func drain() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }
}
