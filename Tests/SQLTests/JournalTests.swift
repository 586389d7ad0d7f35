import Dispatch
import Glibc
import Synchronization
import TestKit
import Testing

@testable import SQL

/// Reads without a pause until it is told to stop, each reader holding its snapshot for a few milliseconds.
private final class BusyReaders: Sendable {
  private let stopped = Atomic<Bool>(false)
  private let group = DispatchGroup()

  init(_ count: Int, of database: Database) {
    for number in 0..<count {
      DispatchQueue(label: "reader \(number)").async(group: group) { @Sendable [self] in
        while !stopped.load(ordering: .relaxed) {
          _ = try? database.read { session in
            _ = try session.first(of: Notes.count) { $0.integer(0) }
            usleep(5000)
          }
        }
      }
    }
  }

  func stop() {
    stopped.store(true, ordering: .relaxed)
    group.wait()
  }
}

/// Writes that many megabytes, a quarter in each commit, and answers how long the journal was at most.
private func write(megabytes: Int, to test: TestDatabase) throws -> Int {
  var longest = 0
  for number in Int64(0)..<Int64(4 * megabytes) {
    _ = try test.database.write { session in
      try session.execute(Notes.insert, .integer(number), nil, .bytes(Array(repeating: 7, count: 256 << 10)))
    }
    longest = max(longest, test.directory.size("db-wal"))
  }
  return longest
}

@Test func `the journal stays small under sustained writes beside busy readers`() throws {
  let test = try TestDatabase()
  let readers = BusyReaders(3, of: test.database)
  let longest = try write(megabytes: 120, to: test)
  readers.stop()
  // A busy machine may keep a reader from ending for longer than the writer waits, once or twice.
  #expect(longest <= Checkpointer.restartBytes + 3 * Checkpointer.restartStep, "\(longest >> 20) MiB")
}

@Test func `a reader that stays does not stop the writer, and the journal is small again after him`() throws {
  let test = try TestDatabase()
  let gate = Gate()
  let ended = Answers<Bool>()
  test.database.read { session in
    _ = try session.first(of: Notes.count) { $0.integer(0) }
    gate.pass()
  } then: {
    ended.add($0.isSuccess)
  }
  gate.awaitCaller()
  #expect(try write(megabytes: 110, to: test) > 110 << 20)
  gate.open()
  _ = ended.wait(1)
  _ = try write(megabytes: 40, to: test)
  #expect(test.directory.size("db-wal") <= Checkpointer.finishBytes)
}
