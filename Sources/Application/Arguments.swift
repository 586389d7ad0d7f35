import Base

/// The words after a command, as flags with values.
struct Arguments {
  private var values: [String: String] = [:]
  private var switches: Set<String> = []
  /// The word that stands alone, such as a file; empty where the command takes none.
  private(set) var operand = ""

  /// Reads `--name value` and `--name=value`, `--name` for a switch, and at most one word that stands alone.
  ///
  /// - Parameters:
  ///   - known: the flags that have a value.
  ///   - known switches: the flags that have none.
  ///   - operandName: what the word is called that must be there; nil where none may.
  /// - Throws: `invalid` for what has no place here, for a flag that is not known, comes twice, or has no value.
  init(
    _ arguments: [String], known: [String], switches knownSwitches: [String] = [], operand operandName: String? = nil
  ) throws {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if !argument.hasPrefix("--"), operandName != nil, operand.isEmpty, !argument.isEmpty {
        operand = argument
        continue
      }
      if knownSwitches.contains(where: { "--\($0)" == argument }) {
        guard switches.insert(argument).inserted else { throw Failure(.invalid, "\(argument) comes twice") }
        continue
      }
      guard argument.hasPrefix("--") else { throw Failure(.invalid, "there is no place for \(argument) here") }
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard known.contains(name) else { throw Failure(.invalid, "there is no flag --\(name) here") }
      guard values[name] == nil else { throw Failure(.invalid, "--\(name) comes twice") }
      if parts.count == 2 {
        values[name] = String(parts[1])
      } else if let value = rest.popFirst() {
        values[name] = value
      } else {
        throw Failure(.invalid, "--\(name) needs a value")
      }
    }
    if let operandName, operand.isEmpty { throw Failure(.invalid, "\(operandName) is missing") }
  }

  /// Whether the switch of that name is there.
  func has(_ name: String) -> Bool { switches.contains("--\(name)") }

  subscript(_ name: String) -> String? { values[name] }

  /// The value of a flag that must be there.
  func required(_ name: String) throws -> String {
    guard let value = values[name] else { throw Failure(.invalid, "--\(name) is missing") }
    return value
  }
}
