import Base

extension Program {
  /// Lists keys, without their secrets.
  static func listKeys(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["data"])
    say(
      try administer(DataDirectory(path: try arguments.required("data")), Control.keyList, []) { $0.listKeys() })
    return success
  }

  /// Ends a key.
  static func revokeKey(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["data"], operand: "KEY")
    say(
      try administer(
        DataDirectory(path: try arguments.required("data")), Control.keyEnd, [("key", arguments.operand)]
      ) { try $0.revokeKey(arguments.operand) })
    return success
  }
}
