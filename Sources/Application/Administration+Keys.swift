import Base
import Customers
import SQL

extension Administration {
  /// The keys, a line each: id, role, name, and the end of those that have one.
  func listKeys() -> String {
    store.keyring.all.map { key in
      let end = key.expiresAt.map { "  \($0 <= store.clock.now ? "ended" : "ends") \($0.text)" } ?? ""
      return "\(key.id)  \(key.role.rawValue)  \(key.name)\(end)"
    }.joined(separator: "\n")
  }

  /// Ends a key, named by its id or by a name that no other key has which holds.
  ///
  /// - Throws: `notFound` where there is none, `invalid` where several have the name.
  func revokeKey(_ name: String) throws -> String {
    let now = store.clock.now
    let holding = store.keyring.all.filter { store.keyring.find(id: $0.id, now: now) != nil }
    let found = holding.first { $0.id == name }.map { [$0] } ?? holding.filter { $0.name == name }
    guard let key = found.first else {
      throw Failure(.notFound, "no key that holds has this id or name: throughline key list shows them")
    }
    guard found.count == 1 else {
      throw Failure(
        .invalid,
        "\(found.count) keys have this name: say which by its id: \(found.map { $0.id }.joined(separator: ", "))")
    }
    try store.database.write { try Keyring.end(key.id, at: now, in: $0) }
    store.keyring.end(key.id, at: now)
    return "the key \(key.id) (\(key.role.rawValue), \(key.name)) has ended"
  }
}
