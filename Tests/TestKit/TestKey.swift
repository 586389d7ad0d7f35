import Base
import Customers
import Synchronization

/// A master key in memory, which a test may lose.
package final class TestKey: MasterKeyHolder {
  private let key: Mutex<[UInt8]?>

  /// A key, or none yet.
  package init(_ key: [UInt8]? = nil) { self.key = Mutex(key) }

  package func read() throws -> [UInt8]? { key.withLock { $0 } }

  package func make() throws -> [UInt8] {
    key.withLock { key in
      let made = key ?? SystemRandomness().bytes(Sealing.keyLength)
      key = made
      return made
    }
  }

  /// Puts another key in its place, or none.
  package func replace(by other: [UInt8]?) { key.withLock { $0 = other } }
}
