import Dispatch
import TestKit
import Testing

@testable import SQL

/// Holds the writer inside a first piece of work, so that what comes meanwhile waits for the next commit.
private func hold(_ database: Database) -> Gate {
  let gate = Gate()
  database.write { _ in
    gate.pass()
  } then: { _ in
  }
  gate.awaitCaller()
  return gate
}

private func note(_ number: Int, in session: any Session) throws {
  try session.execute(Notes.insert, .integer(Int64(number)), nil, nil)
}

@Test func `many callers are answered after one commit, in their order`() throws {
  let test = try TestDatabase()
  let database = test.database
  let answers = Answers<[Int]>()
  let gate = hold(database)
  for number in 0..<200 {
    database.write {
      try note(number, in: $0)
    } then: { result in
      answers.add([number, result.isSuccess ? 1 : 0, database.counters.commits])
    }
  }
  #expect(answers.all.isEmpty)
  gate.open()
  #expect(answers.wait(200) == (0..<200).map { [$0, 1, 2] })
  #expect(database.counters.jobs == 201)
  #expect(try test.numbers() == Array(0..<200))
}

@Test func `who is answered after one commit is answered together`() throws {
  let answers = Answers<Int>()
  let together = Answers<[Int]>()
  let test = try TestDatabase { work in
    let before = answers.all.count
    work()
    together.add([before, answers.all.count])
  }
  let gate = hold(test.database)
  for number in 0..<20 {
    test.database.write {
      try note(number, in: $0)
    } then: { _ in
      answers.add(number)
    }
  }
  gate.open()
  #expect(answers.wait(20) == Array(0..<20))
  #expect(together.wait(2) == [[0, 0], [0, 20]])
}

@Test func `each fails alone`() throws {
  struct Refused: Error {}
  let test = try TestDatabase()
  let answers = Answers<String>()
  let gate = hold(test.database)
  for number in 0..<30 {
    test.database.write { session in
      try note(number, in: session)
      if number % 3 == 1 { throw Refused() }
      try session.execute(Notes.insertOnce, .text(number % 3 == 2 ? "the same" : "\(number)"))
    } then: { result in
      answers.add("\(number) \(result.isSuccess) \(result.code.map { "\($0)" } ?? "-")")
    }
  }
  gate.open()
  let expected = (0..<30).map { number in
    switch number % 3 {
    case 1: "\(number) false -"
    case 2 where number > 2: "\(number) false constraint"
    default: "\(number) true -"
    }
  }
  #expect(answers.wait(30) == expected)
  #expect(try test.numbers() == (0..<30).filter { $0 % 3 == 0 || $0 == 2 })
  #expect(test.database.counters.commits == 2)
  try test.database.write { session in #expect((session as? SQLiteSession)?.openStatements == 0) }
}

@Test(arguments: [
  // The bound of jobs in a commit, of bytes in a commit, the weight of each of 20 jobs, and the commits that they make.
  (1000, 1 << 20, 1, 1), (10, 1 << 20, 1, 2), (7, 1 << 20, 1, 3), (1, 1 << 20, 1, 20), (1000, 100, 10, 2),
  (1000, 99, 10, 3), (1000, 5, 10, 20), (1000, 0, 0, 1),
])
func `a commit has its bounds`(jobs: Int, bytes: Int, weight: Int, commits: Int) throws {
  var limits = DatabaseLimits()
  limits.groupJobs = jobs
  limits.groupBytes = bytes
  let test = try TestDatabase(limits: limits)
  let answers = Answers<Bool>()
  let gate = hold(test.database)
  for number in 0..<20 {
    test.database.write(weight: weight) {
      try note(number, in: $0)
    } then: {
      answers.add($0.isSuccess)
    }
  }
  gate.open()
  #expect(answers.wait(20).allSatisfy { $0 })
  #expect(test.database.counters.commits == commits + 1)
  #expect(try test.numbers() == Array(0..<20))
}

@Test(
  arguments: [
    // The bound of jobs, of bytes, the weights that come, and whether each may wait.
    (3, 1000, [1, 1, 1, 1], [true, true, true, false]), (9, 100, [60, 40, 1], [true, true, false]),
    (9, 100, [60, 41, 40], [true, false, true]), (9, 100, [5000, 1], [true, false]),
    (9, 100, [100, 0, 1], [true, true, false]),
  ] as [(Int, Int, [Int], [Bool])])
func `the queue is bounded in jobs and bytes`(jobs: Int, bytes: Int, weights: [Int], taken: [Bool]) throws {
  var limits = DatabaseLimits()
  limits.queuedJobs = jobs
  limits.queuedBytes = bytes
  let test = try TestDatabase(limits: limits)
  let answers = Answers<[Int]>()
  let gate = hold(test.database)
  for (number, weight) in weights.enumerated() {
    test.database.write(weight: weight) {
      try note(number, in: $0)
    } then: { result in
      answers.add([number, result.code == .overloaded ? 0 : 1])
    }
  }
  // The refused ones know at once.
  #expect(answers.all == taken.indices.filter { !taken[$0] }.map { [$0, 0] })
  gate.open()
  #expect(answers.wait(taken.count).count == taken.count)
  #expect(try test.numbers() == taken.indices.filter { taken[$0] }.map { Int64($0) })
  // There is room again.
  try test.database.write { try note(9, in: $0) }
}

@Test func `closing finishes what is queued and refuses what comes later`() throws {
  let test = try TestDatabase()
  let answers = Answers<Bool>()
  let gate = hold(test.database)
  for number in 0..<50 {
    test.database.write {
      try note(number, in: $0)
    } then: {
      answers.add($0.isSuccess)
    }
  }
  for _ in 0..<20 {
    test.database.read {
      try $0.first(of: Notes.count) { $0.integer(0) }
    } then: {
      answers.add($0.isSuccess)
    }
  }
  let closed = DispatchSemaphore(value: 0)
  DispatchQueue(label: "closing").async {
    test.database.close()
    closed.signal()
  }
  gate.open()
  closed.wait()
  #expect(answers.all.count == 70 && answers.all.allSatisfy { $0 })
  let late = Answers<SQLFailure.Code?>()
  test.database.write {
    try note(99, in: $0)
  } then: {
    late.add($0.code)
  }
  test.database.read { _ in
  } then: {
    late.add($0.code)
  }
  #expect(late.all == [.overloaded, .overloaded])
  #expect(try TestDatabase(test.directory).numbers() == Array(0..<50))
}

@Test func `closing while others come and go loses nobody's answer`() throws {
  for round in 0..<20 {
    let test = try TestDatabase()
    let answers = Answers<String>()
    DispatchQueue.concurrentPerform(iterations: 5) { caller in
      if caller == 4 { return test.database.close() }
      for number in 0..<25 {
        test.database.write {
          try note(number, in: $0)
        } then: {
          answers.add($0.isSuccess ? "kept" : "\($0.code as Any)")
        }
        test.database.read { _ in
        } then: {
          answers.add($0.isSuccess ? "read" : "\($0.code as Any)")
        }
      }
    }
    let all = answers.wait(200)
    let kept = all.count { $0 == "kept" }
    #expect(
      all.allSatisfy { ["kept", "read", "\(SQLFailure.Code?.some(.overloaded) as Any)"].contains($0) }, "round \(round)"
    )
    #expect(try TestDatabase(test.directory).numbers().count == kept, "round \(round)")
  }
}

@Test func `a writer that another program keeps waiting says so, reads go on, and it recovers`() throws {
  let test = try TestDatabase()
  try test.database.write { try note(1, in: $0) }
  let stranger = Stranger(test.directory.file("db"))
  stranger.run("BEGIN IMMEDIATE")
  let failure = #expect(throws: SQLFailure.self) { try test.database.write { try note(2, in: $0) } }
  #expect(failure?.code == .busy)
  #expect(try test.numbers() == [1])
  #expect(test.database.counters.failures == 1)
  stranger.run("COMMIT")
  try test.database.write { try note(3, in: $0) }
  #expect(try test.numbers() == [1, 3])
}

@Test func `work that breaks the transaction is answered with what broke it`() throws {
  struct Broken: Error {}
  let test = try TestDatabase()
  let answers = Answers<String>()
  let gate = hold(test.database)
  test.database.write {
    try note(1, in: $0)
  } then: {
    answers.add("\($0.isSuccess)")
  }
  // An engine gives a transaction up by itself after an I/O error; here the work does it in its place.
  test.database.write { session in
    (session as? SQLiteSession)?.rollback()
    throw Broken()
  } then: { result in
    if case .failure(let failure) = result { answers.add("\(failure is Broken)") }
  }
  gate.open()
  #expect(answers.wait(2) == ["false", "true"])
  try test.database.write { try note(2, in: $0) }
  #expect(try test.numbers() == [2])
}

@Test func `work that fails is no failure of the transaction, alone or among others`() throws {
  struct Refused: Error {}
  let test = try TestDatabase()
  #expect(throws: Refused.self) { _ = try test.database.write { _ in throw Refused() } }
  let answers = Answers<Bool>()
  let gate = hold(test.database)
  for number in 0..<3 {
    test.database.write { session in
      try note(number, in: session)
      if number == 1 { throw Refused() }
    } then: {
      answers.add($0.isSuccess)
    }
  }
  gate.open()
  #expect(answers.wait(3) == [true, false, true])
  #expect(test.database.counters.failures == 0)
}

@Test func `a group that cannot begin waits for the other program once`() throws {
  let test = try TestDatabase(patience: .seconds(1))
  let stranger = Stranger(test.directory.file("db"))
  stranger.run("BEGIN IMMEDIATE")
  let answers = Answers<SQLFailure.Code?>()
  let start = ContinuousClock.now
  // The first waits alone, or with whoever came before it began; the others wait behind it and then together.
  for number in 0..<4 {
    test.database.write {
      try note(number, in: $0)
    } then: {
      answers.add($0.code)
    }
  }
  #expect(answers.wait(4) == [.busy, .busy, .busy, .busy])
  #expect(ContinuousClock.now - start < .seconds(test.database.counters.failures) + .milliseconds(800))
}
