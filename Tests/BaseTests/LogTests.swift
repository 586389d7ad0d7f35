import Base
import Glibc
import TestKit
import Testing

/// The lines that `body` makes a log of that threshold write.
private func lines(threshold: Log.Level, _ body: (Log) -> Void) throws -> [JSON] {
  let directory = TemporaryDirectory()
  let descriptor = open(directory.file("log"), O_WRONLY | O_CREAT, 0o600)
  defer { close(descriptor) }
  body(Log(clock: TurnedClock(), threshold: threshold, descriptor: descriptor))
  let text = directory.contents("log")
  #expect(text.isEmpty || text.last == UInt8(ascii: "\n"))
  return try text.split(separator: UInt8(ascii: "\n")).map { try JSONDocument(Array($0)).root }
}

@Test func `each line is one object with time, level, message and particulars`() throws {
  let lines = try lines(threshold: .debug) { log in
    log.write(.info, "listening", ["address": "127.0.0.1:8080"])
    log.write(.error, "a \"quoted\"\nline\u{1}", ["имя": "\\"])
  }
  let told = lines.map { line in line.members.map { [$0.key, $0.value.string ?? ""] } }
  let time = "2026-01-02T03:04:05.000Z"
  #expect(
    told == [
      [["time", time], ["level", "info"], ["message", "listening"], ["address", "127.0.0.1:8080"]],
      [["time", time], ["level", "error"], ["message", "a \"quoted\"\nline\u{1}"], ["имя", "\\"]],
    ])
}

@Test(arguments: [(.debug, 4), (.info, 3), (.warning, 2), (.error, 1)] as [(Log.Level, Int)])
func `what matters less than the threshold is left out`(threshold: Log.Level, count: Int) throws {
  let lines = try lines(threshold: threshold) { log in for level in Log.Level.allCases { log.write(level, "x") } }
  #expect(lines.count == count)
}

@Test func `a log that nobody can take stops nobody`() {
  Log(clock: TurnedClock(), threshold: .debug, descriptor: -1).write(.error, "lost")
}
