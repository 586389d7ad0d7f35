import Base
import Customers
import FoundationEssentials
import Glibc

extension Program {
  // MARK: prove

  /// Tries every scenario on a private copy, then again on one that is killed in the middle of each; or those that may be
  /// tried there on a server that runs.
  static func prove(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["only", "url", "key"])
    let wanted = Scenario.all.filter { scenario in arguments["only"].map { scenario.name.contains($0) } ?? true }
    guard !wanted.isEmpty else { throw Failure(.invalid, "no line has these words: throughline prove tells them all") }
    if arguments["url"] != nil || arguments["key"] != nil {
      return try prove(wanted, at: arguments.required("url"), key: arguments.required("key"), arguments["only"] == nil)
    }
    var template = Array("/tmp/throughline-prove-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(.unavailable, "no directory can be made in /tmp") }
    let place = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: place) }
    var proof = Proof()
    for isKilled in [false, true] {
      let directory = DataDirectory(path: place + (isKilled ? "/killed" : "/whole"))
      try proof.round(wanted, directory, isKilled: isKilled)
    }
    return proof.end(isWhole: arguments["only"] == nil)
  }

  /// Tries on a running server what harms nothing there.
  private static func prove(_ scenarios: [Scenario], at url: String, key: String, _ isWhole: Bool) throws -> Int32 {
    let server = ProveServer(at: try address(url))
    let shop: ProveShop
    do {
      shop = try ProveShop(server, owner: key, isOwn: false)
    } catch let broken as Scenario.Broken {
      throw Failure(.conflict, broken.found, hint: "the key is an owner's or an admin's")
    }
    say("at \(server.url), where all that is made has \(shop.tag) in its name:")
    var proof = Proof()
    for scenario in scenarios {
      if let lacking = Scenario.Need.allCases.first(where: { scenario.needs.intersection(shop.lacks).contains($0) }) {
        proof.leave(scenario.name, lacking.reason)
      } else {
        proof.note(scenario.name, scenario.promise) { try scenario.run(shop) }
      }
    }
    try shop.end()
    if isWhole {
      for (name, reason) in Scenario.private { proof.leave(name, reason) }
    }
    return proof.end(isWhole: isWhole)
  }

  /// The address that was meant: `http://HOST` or `https://HOST`, with a port where it is another than 80 or 443.
  private static func address(_ text: String) throws -> String {
    let bare = text.hasSuffix("/") ? String(text.dropLast()) : text
    let place = bare.split(separator: "/", omittingEmptySubsequences: false)
    let isEncrypted = bare.hasPrefix("https://")
    guard isEncrypted || bare.hasPrefix("http://"), place.count == 3, let host = place.last, !host.isEmpty else {
      throw Failure(.invalid, "--url is http://HOST:PORT or https://HOST:PORT")
    }
    let hasPort = host.last != "]" && host.contains(":")
    return hasPort ? bare : bare + (isEncrypted ? ":443" : ":80")
  }

  /// What has been shown so far.
  private struct Proof {
    var passed = 0
    var failed = 0
    var leftOut = 0

    /// Says what cannot be tried yet, and what has been shown; the exit code.
    func end(isWhole: Bool) -> Int32 {
      let later = isWhole ? Scenario.later : []
      for (name, reason) in later { say("later   \(name)\n        \(reason)") }
      let left = leftOut > 0 ? ", \(leftOut) left out" : ""
      say("\(passed) PASS, \(failed) FAIL\(left), \(later.count) later")
      return failed == 0 ? success : failure
    }

    mutating func leave(_ name: String, _ reason: String) {
      leftOut += 1
      say("left    \(name)\n        \(reason)")
    }

    mutating func round(_ scenarios: [Scenario], _ directory: DataDirectory, isKilled: Bool) throws {
      say(isKilled ? "with kill -9 in the middle of each:" : "on a private copy:")
      try directory.make()
      let server = try ProveServer(directory, isKilled: isKilled)
      do {
        defer { server.stop() }
        let shop = try ProveShop(server, owner: server.key(), isOwn: true)
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

    mutating func note(_ name: String, _ promise: String, _ work: () throws -> String) {
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
