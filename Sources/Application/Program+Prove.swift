import Base
import Customers
import FoundationEssentials
import Glibc

extension Program {
  // MARK: prove

  /// Tries every scenario on a private copy, then again on one that is killed in the middle of each.
  static func prove(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["only"])
    let wanted = Scenario.all.filter { scenario in arguments["only"].map { scenario.name.contains($0) } ?? true }
    guard !wanted.isEmpty else { throw Failure(.invalid, "no line has these words: throughline prove tells them all") }
    var template = Array("/tmp/throughline-prove-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(.unavailable, "no directory can be made in /tmp") }
    let place = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: place) }
    var proof = Proof()
    for isKilled in [false, true] {
      let directory = DataDirectory(path: place + (isKilled ? "/killed" : "/whole"))
      try proof.round(wanted, directory, isKilled: isKilled)
    }
    let later = arguments["only"] == nil ? Scenario.later : []
    for (name, reason) in later { say("later   \(name)\n        \(reason)") }
    say("\(proof.passed) PASS, \(proof.failed) FAIL, \(later.count) later")
    return proof.failed == 0 ? success : failure
  }

  /// What has been shown so far.
  private struct Proof {
    var passed = 0
    var failed = 0

    mutating func round(_ scenarios: [Scenario], _ directory: DataDirectory, isKilled: Bool) throws {
      say(isKilled ? "with kill -9 in the middle of each:" : "on a private copy:")
      try directory.make()
      let server = try ProveServer(directory, isKilled: isKilled)
      do {
        defer { server.stop() }
        let shop = try ProveShop(server)
        for scenario in scenarios {
          let before = server.kills
          server.arm(after: 3, anew: true)
          note(scenario.name, scenario.promise) {
            let found = try scenario.run(shop)
            server.disarm()
            let kills = server.kills - before
            if isKilled, kills == 0 { throw Scenario.Broken("the server was not killed") }
            return found + (isKilled ? "; killed \(kills) times" : "")
          }
          server.disarm()
        }
      }
      let inspection = try Inspection(directory)
      note("verify", "what must always hold does, by other code than wrote it") {
        let (names, _, findings) = try inspection.verify()
        if let first = findings.first { throw Scenario.Broken("\(first.check): \(first.detail)") }
        return "\(names.count) checks"
      }
      note("replay", "every table is made anew from the log and is the same") {
        let report = try inspection.replay()
        if let first = report.findings.first { throw Scenario.Broken("\(first.check): \(first.detail)") }
        return "\(report.events) events"
      }
    }

    private mutating func note(_ name: String, _ promise: String, _ work: () throws -> String) {
      do {
        let found = try work()
        passed += 1
        say("PASS    \(name)\n        \(promise): \(found)")
      } catch {
        failed += 1
        let found = (error as? Scenario.Broken)?.found ?? (error as? Failure)?.message ?? "\(error)"
        say("FAIL    \(name)\n        \(promise): \(found)")
      }
    }
  }
}
