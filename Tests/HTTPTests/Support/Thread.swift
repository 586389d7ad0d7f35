import Dispatch

/// Threads for clients that block.
enum Thread {
  /// Runs `body` on a thread of its own; the group waits for it.
  static func start(in group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
    // A serial queue of its own gets a thread of its own, while the global ones share few.
    DispatchQueue(label: "tests.client").async(group: group) { @Sendable in body() }
  }
}
