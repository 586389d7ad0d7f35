import Base

/// One thing that other programs get wrong: what is promised, and how it is tried.
struct Scenario: Sendable {
  /// What happens, in the words of whom it happens to.
  let name: String
  /// What must hold after it.
  let promise: String
  /// What a shop must have as the line expects it.
  let needs: Set<Need>
  /// Does it, and says what was counted.
  ///
  /// - Throws: `Broken` where the promise does not hold.
  let run: @Sendable (ProveShop) throws -> String

  init(
    _ name: String, _ promise: String, needs: Set<Need> = [], _ run: @escaping @Sendable (ProveShop) throws -> String
  ) {
    (self.name, self.promise, self.needs, self.run) = (name, promise, needs, run)
  }

  /// What was found instead of what was promised.
  struct Broken: Error {
    let found: String

    init(_ found: String) { self.found = found }
  }

  /// Every scenario, in the order in which they are tried.
  static let all = stock + points + refunds + deliveries + carts + people + merges

  /// What is tried on a private copy alone, and why.
  static let `private`: [(name: String, reason: String)] = [
    ("all of it with kill -9 in the middle of each", "a running server is not killed"),
    ("verify and replay", "they read the data directory: throughline verify --data DIR, throughline replay --data DIR"),
  ]

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

/// Holds an event's result to it: it counts, from now on or since the answer to it was lost.
func expect(took result: JSON, _ what: String) throws {
  let status = result["status"]?.string ?? ""
  if !["accepted", "duplicate"].contains(status) { throw Scenario.Broken("\(what): \(status)") }
}
