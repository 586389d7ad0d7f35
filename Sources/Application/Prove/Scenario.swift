import Base

/// One thing that other programs get wrong: what is promised, and how it is tried.
struct Scenario: Sendable {
  /// What happens, in the words of whom it happens to.
  let name: String
  /// What must hold after it.
  let promise: String
  /// Does it, and says what was counted.
  ///
  /// - Throws: `Broken` where the promise does not hold.
  let run: @Sendable (ProveShop) throws -> String

  init(_ name: String, _ promise: String, _ run: @escaping @Sendable (ProveShop) throws -> String) {
    (self.name, self.promise, self.run) = (name, promise, run)
  }

  /// What was found instead of what was promised.
  struct Broken: Error {
    let found: String

    init(_ found: String) { self.found = found }
  }

  /// Every scenario, in the order in which they are tried.
  static let all = stock + points + refunds + deliveries + carts + people + merges

  /// What is not there yet, and why it cannot be tried.
  static let later: [(name: String, reason: String)] = [
    ("a messenger's webhook delivered twice, and twice at once", "no messenger is connected yet"),
    ("an album of ten pictures, or ten messages in a second: one conversation", "there are no conversations yet"),
    ("the same CommerceML file ten times with sales in between", "CommerceML is not read yet"),
    ("merge and undo with messages in between", "no messages are kept yet"),
  ]
}

/// Holds what was found to what was promised.
func expect<T: Equatable>(_ found: T, _ wanted: T, _ what: String) throws {
  if found != wanted { throw Scenario.Broken("\(what): \(found) instead of \(wanted)") }
}
