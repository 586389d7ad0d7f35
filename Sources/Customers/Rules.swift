import SQL

/// What recognition reads besides the event: the documents of limits and of blocked values.
struct Rules {
  private enum Kept: TransactionKey { typealias Value = Rules }

  let limits: IdentifierLimits
  let blocked: BlockedValues

  /// The rules in force; read again only after a document has changed.
  static func current(in session: any Session) throws -> Rules {
    if let rules = session.memory[kept: Kept.self] { return rules }
    let rules = Rules(limits: try IdentifierLimits(in: session), blocked: try BlockedValues(in: session))
    session.memory[kept: Kept.self] = rules
    return rules
  }

  /// A document has changed.
  static func forget(in session: any Session) { session.memory[kept: Kept.self] = nil }
}
