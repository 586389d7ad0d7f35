import Base
import SQL
import TestKit
import Testing

@testable import Customers

private func written(_ town: Town, _ form: Export.Form = .json, of name: String = "user_id:u1") throws -> [UInt8] {
  let leader = try town.leader(name)
  return try town.store.database.read { session in
    let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
    var bytes: [UInt8] = []
    let export = Export(folds: town.store.folds)
    try export.write(origins, as: form, at: town.store.clock.now, in: session) { bytes += $0 }
    return bytes
  }
}

private func lines(_ town: Town, _ table: ExportTable) throws -> [String] {
  let text = String(decoding: try written(town, .csv(table)).dropFirst(3), as: UTF8.self)
  return text.split(separator: "\r\n").map { String($0) }
}

@Test func `an export tells who somebody is, and why`() throws {
  let town = try Town()
  try town.send("anonymous_id:a1", from: "page")
  try town.send("user_id:u1 anonymous_id:a1 email:own@b.test", from: "backend")
  try town.send("user_id:u1 card:C1", from: "till")
  let told = try JSONDocument(written(town)).root
  #expect(
    told["identifiers"]?.elements.map { identifier in
      ["type", "value", "standing", "source"].map { identifier.member($0)?.string ?? "" }.joined(separator: " ")
        + (identifier["verified"]?.bool == true ? " verified" : "")
    } == [
      "anonymous_id a1 own page", "card C1 own till verified", "user_id u1 own backend verified",
    ])
  #expect(told["formerIds"]?.count == 2 && told["known"]?.bool == true)
  #expect(told["claims"]?.elements.map { $0["value"]?.string } == ["own@b.test"])
  #expect(told["ties"]?.elements.compactMap { $0["rule"]?.string }.sorted() == ["login", "one event proved both"])
  #expect(told["events"]?.elements.map { $0["source"]?.string } == ["backend", "page", "till"])
}

@Test func `events are told in the order in which they happened, as they came`() throws {
  let town = try Town()
  let now = town.store.clock.now
  func body(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + "1.50" + String(repeating: "]", count: depth)
  }
  for (id, at, source) in [("b", 2, "till"), ("a", 2, "backend"), ("z", 1, "backend"), ("c", 2, "backend")] {
    var event = Town.event(id, "user_id:u1", at: now - .seconds(10 - at), receivedAt: now, kind: .track, name: id)
    event.body = Array(body(JSONDocument.maximumDepth).utf8)
    try town.store.send([event], from: source)
  }
  let told = try Export.document(written(town))
  #expect(told["events"]?.elements.map { $0["event"]?.string } == ["z", "a", "c", "b"])
  #expect(told["events"]?.elements.allSatisfy { $0["body"]?.bytes == Array(body(64).utf8) } == true)
  #expect(try lines(town, .events).count == 5)
}

@Test func `what was said elsewhere and withdrawn, deleted or lost is told too`() throws {
  let town = try Town()
  for (source, name) in [("backend", "Ann"), ("till", "Anna")] {
    try town.store.send(
      [Town.event("t-\(source)", "user_id:u1", receivedAt: town.store.clock.now, traits: [("name", name)])],
      from: source)
  }
  try town.grant("user_id:u1")
  try town.withdraw("user_id:u1")
  try town.save("user_id:u1", "film", #"{"value": {"second": 17}}"#)
  #expect(
    try lines(town, .traits).map { $0.split(separator: ",").dropLast(2).joined(separator: ",") }[1...] == [
      "name,Anna,till", "name,Ann,backend",
    ])
  #expect(try lines(town, .traits).map { $0.split(separator: ",").last } == ["isCurrent", "true", "false"])
  #expect(try lines(town, .consents)[1...].map { $0.split(separator: ",")[1] } == ["withdrawn", "granted"])
  #expect(
    try lines(town, .states)[1].hasPrefix(#"film,{"second": 17},,"#)
      || lines(town, .states)[1].hasPrefix(#"film,"{""second"": 17}",,"#))
}

@Test(arguments: [
  ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""), ("a\r\nb", "\"a\r\nb\""),
  ("=1+1", "'=1+1"), ("+7916", "'+7916"), ("-5", "'-5"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "\"'\t=1\""),
  ("\r=1", "\"'\r=1\""), ("\n=1", "\"'\n=1\""), ("=\"a\",1", "\"'=\"\"a\"\",1\""), ("a=1", "a=1"), ("a;=1", "\"a;=1\""),
  ("Длинная", "Длинная"), ("'=1", "'=1"),
])
func `a cell is no formula and parts nothing`(cell: String, written: String) {
  var writer = CSVWriter()
  writer.row([Array(cell.utf8), Array("x".utf8)])
  #expect(writer.bytes == [0xEF, 0xBB, 0xBF] + Array("\(written),x\r\n".utf8))
}

// MARK: Jobs

private struct Works {
  let town: Town
  let runner: JobRunner
  let results: TemporaryDirectory

  init() throws {
    town = try Town()
    results = TemporaryDirectory()
    try town.send("user_id:u1", from: "backend")
    runner = JobRunner(
      database: town.store.database, export: Export(folds: town.store.folds), erasure: town.store.erasure,
      retention: town.store.retention, directory: results.file("exports"), journal: results.file("erasures"),
      clock: town.store.clock,
      log: Log(clock: town.store.clock, threshold: .error))
  }

  func ask(_ number: Int, key: String = "k", _ form: Export.Form = .json, of name: String = "user_id:u1") throws -> Job?
  {
    let request = JobStore.Request(
      .init(form), keyID: key, author: "api:\(key)", messageID: "m\(number)", target: "POST /export",
      at: town.store.clock.now)
    let (leader, id) = (try town.leader(name), town.store.tokens.next("job_"))
    return try town.store.database.write { try JobStore.create(request, about: leader, id: id, in: $0) }
  }

  func job(_ id: String) throws -> Job? { try town.store.database.read { try JobStore.find(id, in: $0) } }

  /// Lets the runner do what waits.
  func work() {
    runner.wake()
    runner.settle()
  }

  var files: [String] { results.names(in: "exports") }
}

@Test func `a key has a hundred jobs, and one more when a result has ended`() throws {
  let works = try Works()
  for number in 1...100 { #expect(try works.ask(number)?.state == .queued) }
  #expect { try works.ask(101) } throws: { ($0 as? Failure)?.code == .limited }
  #expect(try works.ask(100)?.state == .queued)
  #expect(try works.ask(1, key: "other") != nil)
  works.work()
  #expect(works.files.count == 101)
  #expect { try works.ask(101) } throws: { ($0 as? Failure)?.code == .limited }
  works.town.store.clock.advance(by: Job.resultLife)
  works.work()
  #expect(works.files == [])
  #expect(try works.ask(101)?.state == .queued)
}

@Test func `a result ends after a day, and the job is forgotten after thirty`() throws {
  let works = try Works()
  let id = try #require(try works.ask(1)).id
  works.work()
  let job = try #require(try works.job(id))
  #expect(job.state == .done && job.size == Int64(works.results.size("exports/\(job.fileName ?? "")")))
  works.town.store.clock.advance(by: Job.resultLife - .milliseconds(1))
  works.work()
  #expect(works.files == [job.fileName])
  works.town.store.clock.advance(by: .milliseconds(1))
  works.work()
  #expect(try works.files == [] && works.job(id)?.state == .expired)
  works.town.store.clock.advance(by: Job.rowLife - Job.resultLife)
  works.work()
  #expect(try works.job(id) != nil)
  works.town.store.clock.advance(by: .milliseconds(1))
  works.work()
  #expect(try works.job(id) == nil)
}

@Test func `an erased person's results are gone, and no longer waited for`() throws {
  let works = try Works()
  let first = try #require(try works.ask(1)).id
  works.work()
  let second = try #require(try works.ask(2, .csv(.events))).id
  let origin = try works.town.leader("user_id:u1")
  try works.town.store.database.write { try JobStore.erase([origin], in: $0) }
  works.work()
  #expect(try works.files == [] && works.job(first) == nil && works.job(second) == nil)
}

@Test func `one request is one job, and another one under its id is none`() throws {
  let works = try Works()
  try works.town.send("user_id:u2", from: "backend")
  let first = try #require(try works.ask(1))
  #expect(try works.ask(1)?.id == first.id)
  #expect(try works.ask(1, .csv(.events)) == nil)
  #expect(try works.ask(1, of: "user_id:u2") == nil)
}
