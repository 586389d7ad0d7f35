import Base
import Customers
import SQL

/// What the operator makes: keys and sources.
///
/// It waits for the disk, so it runs on no loop.
struct Administration: Sendable {
  let store: Store

  /// Makes a key and answers its text, which nothing else shows again.
  ///
  /// - Parameter holder: `person` or `machine`; without it, what keys of that role are.
  /// - Throws: `invalid` where role and source, or role and holder, do not go together, `notFound` where there is no
  ///   such source.
  func createKey(role: String, source: String?, name: String?, holder: String?) throws -> String {
    let now = store.clock.now
    let wanted = try WantedKey(role: role, source: source, name: name, holder: holder, now: now)
    if let source, store.sources.find(source) == nil {
      throw Failure(.notFound, "there is no source \(source)")
    }
    let draft = wanted.draft(tokens: store.tokens, now: now)
    try store.database.write { try Keyring.store(draft, in: $0) }
    store.keyring.activate(draft)
    return draft.text
  }

  /// Makes a source and answers its write key, which nothing else shows again.
  ///
  /// - Throws: `invalid` with the field at fault, `conflict` where there is one of that name.
  func createSource(name: String, channel: String, trust: String?, kind: String?) throws -> String {
    guard let trust = Source.Trust(rawValue: trust ?? Source.Trust.anonymous.rawValue) else {
      throw Failure(.invalid, "trust is verified or anonymous")
    }
    var source = try Source(name: name, channel: channel, trust: trust)
    if let kind {
      guard let kind = Source.Kind(rawValue: kind) else {
        throw Failure(.invalid, "a kind is one of \(Source.Kind.allCases.map { $0.rawValue }.joined(separator: ", "))")
      }
      source.kind = kind
    }
    let now = store.clock.now
    let draft = Keyring.draft(role: .source, source: name, name: name, tokens: store.tokens, now: now)
    try store.database.write { [intake = store.intake, source] session in
      _ = try intake.store(
        kind: Source.documentKind, id: name, body: source.document, author: "cli", at: now, create: true, in: session)
      try Keyring.store(draft, in: session)
    }
    try store.database.read { [sources = store.sources] in try sources.refresh(in: $0) }
    store.keyring.activate(draft)
    return draft.text
  }

  // MARK: Secrets

  /// Makes or rotates the HMAC secret of a source and answers it, which nothing else shows again.
  ///
  /// - Throws: `notFound` where there is no such source, `unavailable` where the master key is not the one that is
  ///   needed.
  func createSecret(source: String) throws -> String {
    guard store.sources.find(source) != nil else { throw Failure(.notFound, "there is no source \(source)") }
    let draft = try store.vault.draft(forSource: source, now: store.clock.now)
    try store.database.write { try Vault.store(draft, in: $0) }
    store.vault.activate(draft)
    return draft.text
  }

  /// Throws away what was sealed under a master key that is lost, and makes a new key for tokens.
  func forgetSecrets() throws -> String {
    try store.database.write { try Vault.forget(in: $0) }
    store.vault.empty()
    try store.vault.prepare(store.database, now: store.clock.now)
    return "the secrets of sources and all tokens of customers and visitors have ended"
  }
}
