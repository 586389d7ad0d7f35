/// What one caller of a transaction has read or made, and the next one need not read again.
///
/// It ends with the transaction, and is emptied when anything of the transaction is taken back; so it never says more
/// than the tables do. Only what is `kept` goes on to the next transaction, where no other connection writes.
package final class TransactionMemory {
  private var values: [ObjectIdentifier: Any] = [:]
  private var keptValues: [ObjectIdentifier: Any] = [:]
  private var checkedValues: [ObjectIdentifier: Any] = [:]
  /// Whether what is kept outlives the transaction: no other connection writes.
  package private(set) var isKept = false
  /// Whether the transaction sees one snapshot from its beginning to its end.
  package private(set) var isSnapshot = false
  /// What the readers of a database share; none for its writer, whose transaction may have what no snapshot has.
  package internal(set) var lasting: LastingMemory?

  /// What is remembered under a key, or nil.
  package subscript<Key: TransactionKey>(_ key: Key.Type) -> Key.Value? {
    get { values[ObjectIdentifier(key)] as? Key.Value }
    set { values[ObjectIdentifier(key)] = newValue }
  }

  /// What is remembered under a key, or else `value`.
  package subscript<Key: TransactionKey>(_ key: Key.Type, default value: @autoclosure () -> Key.Value) -> Key.Value {
    get { self[key] ?? value() }
    set { self[key] = newValue }
  }

  /// What outlives the transaction in a session that alone writes; elsewhere it ends with it too.
  package subscript<Key: TransactionKey>(kept key: Key.Type) -> Key.Value? {
    get { keptValues[ObjectIdentifier(key)] as? Key.Value }
    set { keptValues[ObjectIdentifier(key)] = newValue }
  }

  /// What outlives the transaction though others write: whoever takes it has seen in this one that it still holds.
  package subscript<Key: TransactionKey>(checked key: Key.Type) -> Key.Value? {
    get { checkedValues[ObjectIdentifier(key)] as? Key.Value }
    set { checkedValues[ObjectIdentifier(key)] = newValue }
  }

  /// Begins a transaction: one of the only session that writes, or else one that sees a snapshot.
  func begin(alone: Bool) {
    values.removeAll(keepingCapacity: true)
    (isKept, isSnapshot) = (alone, !alone)
    if !alone { keptValues.removeAll() }
  }

  /// Forgets everything, because something was taken back.
  func forget() {
    values.removeAll(keepingCapacity: true)
    keptValues.removeAll()
  }
}

/// A thing that a transaction remembers.
package protocol TransactionKey {
  /// What is remembered.
  associatedtype Value
}
