import Base

/// The words after a command: flags with values.
struct Arguments {
  private var values: [String: String] = [:]

  /// Reads `--name value` and `--name=value`.
  ///
  /// - Throws: `invalid` for a word that is no flag, and for a flag that is not in `known`, comes twice, or has no value.
  init(_ arguments: [String], known: [String]) throws {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--") else { throw Failure(.invalid, "\(argument) is no flag") }
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
  }

  subscript(_ name: String) -> String? { values[name] }

  /// The value of a flag that must be there.
  func required(_ name: String) throws -> String {
    guard let value = values[name] else { throw Failure(.invalid, "--\(name) is missing") }
    return value
  }
}
