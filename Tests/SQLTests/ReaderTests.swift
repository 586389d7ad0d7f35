import Dispatch
import Glibc
import SQL
import Synchronization
import TestKit
import Testing

private func count(_ session: any Session) throws -> Int64 {
  try session.first(of: Notes.count) { $0.integer(0) } ?? -1
}

@Test func `a reader does not wait for the writer and sees one snapshot`() throws {
  let test = try TestDatabase()
  try test.database.write { _ = try $0.execute(Notes.insert, 1, nil, nil) }
  let inside = Gate()
  let written = Answers<Bool>()
  test.database.write { session in
    try session.execute(Notes.insert, 2, nil, nil)
    inside.pass()
  } then: {
    written.add($0.isSuccess)
  }
  inside.awaitCaller()
  // The writer is in the middle of its transaction.
  #expect(try test.database.read(count) == 1)
  let counts = try test.database.read { session in
    let first = try count(session)
    inside.open()
    _ = written.wait(1)
    return [first, try count(session), try test.database.read(count)]
  }
  #expect(counts == [1, 1, 2])
}

@Test func `readers are bounded, and so are those who wait for one`() throws {
  var limits = DatabaseLimits()
  limits.readers = 2
  limits.queuedReads = 3
  let test = try TestDatabase(limits: limits)
  let gate = Gate()
  let running = Mutex((now: 0, most: 0))
  let answers = Answers<Bool>()
  for _ in 0..<7 {
    test.database.read { _ in
      running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      gate.pass()
      running.withLock { $0.now -= 1 }
    } then: {
      answers.add($0.code != .overloaded)
    }
  }
  // Two read, three wait, two are refused at once.
  gate.awaitCaller()
  gate.awaitCaller()
  #expect(answers.all == [false, false])
  for _ in 0..<5 { gate.open() }
  #expect(answers.wait(7).count { $0 } == 5)
  #expect(running.withLock { $0.most } == 2)
  #expect(try test.database.read(count) == 0)
}

@Test func `readers that cannot be opened are told, and nobody waits for ever`() throws {
  var limits = DatabaseLimits()
  limits.readers = 1
  let test = try TestDatabase(limits: limits)
  // The file is gone for whoever opens it anew; the writer has it still.
  rename(test.directory.file("db"), test.directory.file("away"))
  let answers = Answers<SQLFailure.Code?>()
  for _ in 0..<50 {
    test.database.read { _ in
    } then: {
      answers.add($0.code)
    }
  }
  #expect(answers.wait(50).allSatisfy { $0 == .cannotOpen })
  rename(test.directory.file("away"), test.directory.file("db"))
  #expect(try test.database.read(count) == 0)
}

@Test func `what was acknowledged is seen by every reader from then on`() throws {
  let test = try TestDatabase()
  let missed = Mutex(0)
  let written = Atomic<Int64>(0)
  DispatchQueue.concurrentPerform(iterations: 4) { caller in
    for _ in 0..<50 {
      if caller == 0 {
        try? test.database.write { _ = try $0.execute(Notes.insert, 1, nil, nil) }
        written.add(1, ordering: .sequentiallyConsistent)
      } else {
        let known = written.load(ordering: .sequentiallyConsistent)
        if (try? test.database.read(count)) ?? -1 < known { missed.withLock { $0 += 1 } }
      }
    }
  }
  #expect(missed.withLock { $0 } == 0)
}

/// On which thread a short read is done that is asked for by the calling one.
private func place(_ test: TestDatabase, _ work: @escaping @Sendable () -> Void = {}) -> pthread_t? {
  let found = Answers<UInt>()
  test.database.read(here: true) { _ in
    work()
    return UInt(pthread_self())
  } then: {
    found.add((try? $0.get()) ?? 0)
  }
  return found.wait(1).first.flatMap { pthread_t($0) }
}

@Test func `a short read is done by the thread that asks, and one that was long stops that for a while`() throws {
  var limits = DatabaseLimits()
  limits.longestReadHere = .milliseconds(50)
  limits.pauseOfReadsHere = .milliseconds(200)
  let test = try TestDatabase(limits: limits)
  #expect(place(test) != pthread_self())
  // Its session is given back after it has answered.
  while place(test) != pthread_self() {}
  // At the limit and past it; a busy machine adds to both.
  #expect(place(test) { usleep(1000) } == pthread_self())
  #expect(place(test) { usleep(60_000) } == pthread_self())
  #expect(place(test) != pthread_self())
  usleep(250_000)
  #expect(place(test) == pthread_self())
}

@Test func `whoever waits for a session that a short read has is not kept by it`() throws {
  var limits = DatabaseLimits()
  limits.readers = 1
  let test = try TestDatabase(limits: limits)
  while place(test) != pthread_self() {}
  let waiting = Answers<Bool>()
  let own = UInt(pthread_self())
  _ = place(test) {
    // Within a short read on this thread, another one is asked for.
    test.database.read(here: true) { _ in
      UInt(pthread_self()) != own
    } then: {
      waiting.add((try? $0.get()) ?? false)
    }
  }
  #expect(waiting.wait(1) == [true])
}
