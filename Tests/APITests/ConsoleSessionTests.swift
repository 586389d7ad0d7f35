import Base
import HTTP
import Testing

@testable import API
@testable import Customers

@Suite struct ConsoleSessionTests {
  private static let secret = Array("secret".utf8)
  private static let start = Instant(milliseconds: 1_800_000_000_000)
  private static let key = AccessKey(
    id: "k", role: .agent, source: nil, name: "Ann", expiresAt: nil, isMachine: false)

  private static func read(_ session: ConsoleSession, after time: Duration) -> ConsoleSession? {
    ConsoleSession(Array(session.signed(by: secret).utf8), secret: secret, now: start + time)
  }

  @Test func `it ends when nobody was there for half an hour`() throws {
    let session = ConsoleSession("ses_1", key: Self.key, now: Self.start)
    let last = try #require(Self.read(session, after: ConsoleSession.longestPause - .milliseconds(1)))
    #expect((last.id, last.key) == ("ses_1", "k"))
    #expect(Self.read(session, after: ConsoleSession.longestPause) == nil)
  }

  @Test func `renewed again and again, it ends after a working day`() throws {
    var session = ConsoleSession("ses_1", key: Self.key, now: Self.start)
    session.seenAt = Self.start + ConsoleSession.longest - .seconds(1)
    #expect(session.endsAt == Self.start + ConsoleSession.longest)
    #expect(Self.read(session, after: ConsoleSession.longest - .milliseconds(1)) != nil)
    #expect(Self.read(session, after: ConsoleSession.longest) == nil)
  }

  @Test func `another secret, another audience and a changed text are none`() {
    let session = ConsoleSession("ses_1", key: Self.key, now: Self.start)
    let text = Array(session.signed(by: Self.secret).utf8)
    #expect(ConsoleSession(text, secret: Array("other".utf8), now: Self.start) == nil)
    for index in text.indices where text[index] != UInt8(ascii: ".") {
      var changed = text
      changed[index] ^= 1
      #expect(ConsoleSession(changed, secret: Self.secret, now: Self.start)?.key != "l")
      #expect(index == text.count - 1 || ConsoleSession(changed, secret: Self.secret, now: Self.start) == nil)
    }
    let token = PersonToken(.customer, "cus_1", epoch: 1, now: Self.start, life: .seconds(60)).signed(by: Self.secret)
    #expect(ConsoleSession(Array(token.utf8), secret: Self.secret, now: Self.start) == nil)
    #expect(PersonToken(text, key: Self.secret, now: Self.start) == nil)
  }
}

@Suite struct SignInLimiterTests {
  private static let start = Instant(milliseconds: 0)
  private static let site = Peer.tcp("192.0.2.1")

  @Test func `ten wrong keys a minute, and then no more`() throws {
    let limiter = SignInLimiter()
    for _ in 0..<SignInLimiter.mostWrong {
      try limiter.check(Self.site, now: Self.start)
      limiter.refused(Self.site, now: Self.start)
    }
    #expect { try limiter.check(Self.site, now: Self.start + .seconds(1)) } throws: { error in
      (error as? Failure)?.code == .limited && (error as? Failure)?.retryAfter == .seconds(59)
    }
    try limiter.check(.tcp("192.0.2.2"), now: Self.start)
    try limiter.check(Self.site, now: Self.start + SignInLimiter.period)
  }

  @Test func `it remembers no more addresses than it has room for`() throws {
    let limiter = SignInLimiter()
    for number in 0...SignInLimiter.mostAddresses { limiter.refused(.tcp("\(number)"), now: Self.start) }
    for _ in 0..<SignInLimiter.mostWrong { limiter.refused(Self.site, now: Self.start) }
    #expect(throws: Failure.self) { try limiter.check(Self.site, now: Self.start) }
  }
}
