import Base

extension Program {
  /// Prints a source's new secret, which nothing else shows again.
  static func createSecret(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["config", "data"], operand: "NAME")
    let source = arguments.operand
    try show(
      try administer(
        DataDirectory(path: try arguments.required("data")), Control.secrets, [("source", source)],
        masterKey: try configuration(arguments).masterKey
      ) { try $0.createSecret(source: source) })
    return success
  }

  /// Throws away what a lost master key has sealed.
  static func forgetSecrets(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["config", "data"])
    say(
      try administer(
        DataDirectory(path: try arguments.required("data")), Control.forgetting, [],
        masterKey: try configuration(arguments).masterKey
      ) { try $0.forgetSecrets() })
    return success
  }
}
