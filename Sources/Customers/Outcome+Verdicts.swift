import Base

extension Outcome {
  /// Writes what features have decided, each under its name, in the order of the names.
  func writeVerdicts(to writer: inout JSONWriter) {
    if verdicts.isEmpty { return }
    writer.key("verdicts")
    writer.object { writer in
      for (name, verdict) in verdicts.sorted(by: { $0.key < $1.key }) {
        writer.key(name)
        writer.raw(verdict)
      }
    }
  }

  /// What features have decided, as `writeVerdicts` wrote it.
  static func verdicts(of root: JSON) -> [String: [UInt8]] {
    guard let object = root["verdicts"] else { return [:] }
    return Dictionary(object.members.map { ($0.key, $0.value.bytes) }) { first, _ in first }
  }
}
