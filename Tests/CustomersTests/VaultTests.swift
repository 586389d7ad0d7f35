import Base
import SQL
import TestKit
import Testing

@testable import Customers

private func vault(_ store: TestStore, _ key: TestKey) throws -> Vault {
  try store.database.read { [tokens = store.tokens] in try Vault(key, tokens: tokens, in: $0) }
}

/// Makes a secret for the source as the command does.
private func make(_ source: String, _ vault: Vault, _ store: TestStore) throws -> String {
  let draft = try vault.draft(forSource: source, now: store.clock.now)
  try store.database.write { try Vault.store(draft, in: $0) }
  vault.activate(draft)
  return draft.text
}

@Test func `a secret is read again under its master key, and nothing in the database spells it`() throws {
  let (store, key) = (try TestStore(), TestKey())
  let first = try vault(store, key)
  #expect(try first.secret(ofSource: "web") == nil)
  let text = try make("web", first, store)
  try first.prepare(store.database, now: store.clock.now)
  #expect(try first.secret(ofSource: "web") == Array(text.utf8))
  let again = try vault(store, key)
  #expect(try again.secret(ofSource: "web") == Array(text.utf8))
  #expect(try again.secret(ofSource: "app") == nil)
  #expect(try again.signingKey() == first.signingKey())
  #expect((try again.signingKey()?.count ?? 0) >= Sealing.keyLength)
  store.database.close()
  for name in store.directory.names(in: "") {
    let bytes = String(decoding: store.directory.contents(name), as: UTF8.self)
    #expect(!bytes.contains(text), "\(name)")
  }
}

@Test func `a new secret takes the place of the one before`() throws {
  let (store, key) = (try TestStore(), TestKey())
  let first = try vault(store, key)
  let (old, new) = (try make("web", first, store), try make("web", first, store))
  #expect(old != new)
  #expect(try first.secret(ofSource: "web") == Array(new.utf8))
  #expect(try vault(store, key).secret(ofSource: "web") == Array(new.utf8))
}

@Test func `under a lost or another master key nothing opens and nothing new is sealed`() throws {
  for other in [nil, [UInt8](repeating: 1, count: 32)] {
    let (store, key) = (try TestStore(), TestKey())
    let text = try make("web", vault(store, key), store)
    let right = try key.read()
    key.replace(by: other)
    let shut = try vault(store, key)
    #expect(!shut.isWhole)
    for work in [
      { _ = try shut.secret(ofSource: "web") }, { _ = try shut.draft(forSource: "app", now: store.clock.now) },
      { try shut.prepare(store.database, now: store.clock.now) },
    ] {
      #expect { try work() } throws: { ($0 as? Failure)?.code == .unavailable }
    }
    // Put back, it opens what it did.
    key.replace(by: right)
    #expect(shut.isWhole)
    #expect(try shut.secret(ofSource: "web") == Array(text.utf8))
    key.replace(by: other)
    try store.database.write { try Vault.forget(in: $0) }
    shut.empty()
    #expect(shut.isWhole)
    #expect(try shut.secret(ofSource: "web") == nil)
    #expect(try make("web", shut, store) != text)
  }
}

@Test func `a sealed secret that is moved to another name does not open`() throws {
  let (store, key) = (try TestStore(), TestKey())
  _ = try make("web", vault(store, key), store)
  store.database.close()
  let session = try SQLiteEngine(path: store.directory.file("db"), memory: 1 << 20).openWriter()
  try session.run(script: "UPDATE secret SET name = 'source:app'")
  session.close()
  let moved = try vault(TestStore(store.directory), key)
  #expect(throws: Failure.self) { try moved.secret(ofSource: "app") }
}
