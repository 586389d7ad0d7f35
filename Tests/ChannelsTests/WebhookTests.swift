import Base
import Customers
import SQL
import Synchronization
import TestKit
import Testing

@testable import Channels

/// Sends nothing, and answers what a test says.
private final class FakeSender: WebhookSender {
  struct State: Sendable {
    var sent: [WebhookRequest] = []
    var answers: [WebhookResult] = []
    var isSilent = false
    var reply: @Sendable (Int) -> (status: Int, retryAfter: Duration?) = { _ in (204, nil) }
  }

  let state = Mutex(State())
  var isReady: Bool { true }

  func start(_ request: WebhookRequest) {
    state.withLock { state in
      state.sent.append(request)
      if state.isSilent { return }
      let reply = state.reply(state.sent.count)
      state.answers.append(WebhookResult(id: request.id, status: reply.status, retryAfter: reply.retryAfter))
    }
  }

  func run(for patience: Duration) -> [WebhookResult] {
    state.withLock { state in
      defer { state.answers = [] }
      return state.answers
    }
  }

  func wake() {}

  var ids: [String] {
    state.withLock { $0.sent }.map { request in
      request.headers.first { $0.hasPrefix("webhook-id: ") }.map { String($0.dropFirst(12)) } ?? ""
    }
  }

  func answer(_ reply: @escaping @Sendable (Int) -> (status: Int, retryAfter: Duration?)) {
    state.withLock { $0.reply = reply }
  }
}

/// A shop with one webhook, whose clock a test turns.
private struct Shop {
  let store: TestStore
  let sender = FakeSender()
  let runner: WebhookRunner
  let vault: Vault

  init(chance: UInt64 = 1) throws {
    store = try TestStore(chance: chance)
    try store.add(Source(name: "shop", channel: "web", trust: .verified))
    vault = try store.database.read { [store] in try Vault(TestKey(), tokens: store.tokens, in: $0) }
    let tail = try LogTail(store.database)
    runner = WebhookRunner(
      database: store.database, intake: store.intake, tail: tail, vault: vault, tokens: store.tokens,
      chance: SeededRandomness(seed: chance), clock: store.clock, log: Log(clock: store.clock, threshold: .error),
      sender: sender)
    let draft = try vault.draft(forWebhook: "crm", now: store.clock.now)
    let document = try JSONDocument(Array(#"{"name": "crm", "url": "https://a.test"}"#.utf8)).root
    let now = store.clock.now
    try store.database.write { [store] session in
      let webhook = try DocumentKind.webhook.draft(document)
      _ = try DocumentStore.put(webhook, author: "test", at: now, through: store.intake, in: session)
      try Vault.store(draft, in: session)
    }
    vault.activate(draft)
    settle()
  }

  /// Lets everything happen that is due.
  func settle() { for _ in 0..<30 { runner.step(patience: .zero) } }

  func send(_ number: Int) throws -> Int64 {
    let now = store.clock.now
    let user = try #require(Identifier(.userID, "u1"))
    let event = Event(
      kind: .track, name: "E", messageID: "m\(number)", at: now, originalAt: nil, sentAt: nil, receivedAt: now,
      body: Array("{}".utf8), envelope: nil, mentions: [Event.Mention(user, isProved: false)], traits: [])
    return try store.send([event], from: "shop").sequence
  }

  func letters() throws -> [WebhookDeadLetter] {
    try store.database.read {
      try WebhookStore.deadLetters(of: "crm", after: .init(sequence: 0, part: 0), limit: 10, in: $0)
    }
  }
}

@Suite struct WebhookTests {
  @Test func `a signature is what Standard Webhooks' own library makes`() {
    let body = #"{"type":"order.created","timestamp":"2026-01-02T03:04:05Z","data":{"id":"ord_1"}}"#
    let secret = Array("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".utf8)
    func text(_ secrets: [[UInt8]]) -> String {
      WebhookSignature.text(id: "msg_1", timestamp: 1_767_323_045, body: Array(body.utf8), secrets: secrets)
    }
    #expect(text([secret]) == "v1,mOpvqdq7CEiyYSehUN9Uf90Gj+Gp84Pkz/IZEqBYeVU=")
    #expect(text([secret, secret]) == "\(text([secret])) \(text([secret]))")
  }

  @Test func `a message that fails is tried ten times over three days, and then is a dead letter`() throws {
    let shop = try Shop()
    shop.sender.answer { _ in (500, nil) }
    let first = try shop.send(1)
    let second = try shop.send(2)
    shop.settle()
    var attempts = 1
    for pause in WebhookSchedule.pauses {
      #expect(shop.sender.ids.count == attempts)
      shop.store.clock.advance(by: pause * 0.89)
      shop.settle()
      #expect(shop.sender.ids.count == attempts, "too early before \(pause)")
      shop.store.clock.advance(by: pause * 0.22)
      shop.settle()
      attempts += 1
      if attempts < WebhookSchedule.attempts { #expect(shop.sender.ids.count == attempts, "too late after \(pause)") }
    }
    // The tenth has failed, and the next message has had its first attempt.
    #expect(shop.sender.ids == Array(repeating: "msg_\(first)", count: 10) + ["msg_\(second)"])
    #expect(try shop.letters().map { [$0.place.sequence, $0.attempts, $0.status] } == [[first, 10, 500]])
    #expect(shop.runner.counts.count(.dead) == 1)

    // Tried once more when somebody asks, and gone when that goes well.
    func retry(_ status: Int) throws {
      shop.sender.answer { _ in (status, nil) }
      try shop.store.database.write { _ = try WebhookStore.want(true, of: "crm", in: $0) }
      shop.runner.wake()
      shop.settle()
    }
    try retry(503)
    #expect(shop.sender.ids.count == 12 && shop.sender.ids.last == "msg_\(first)")
    #expect(try shop.letters().map { [$0.attempts, $0.status] } == [[11, 503]])
    try retry(200)
    #expect(shop.sender.ids.count == 13)
    #expect(try shop.letters().isEmpty)
  }

  @Test(arguments: [429, 503, 500])
  func `what a receiver asks for is waited for, a day at most`(status: Int) throws {
    let shop = try Shop()
    shop.sender.answer { count in count == 1 ? (status, .seconds(600)) : (status, .seconds(1_000_000)) }
    _ = try shop.send(1)
    shop.settle()
    shop.store.clock.advance(by: .seconds(599))
    shop.settle()
    // An error says nothing of when it is over.
    if status == 500 { return #expect(shop.sender.ids.count == 2) }
    #expect(shop.sender.ids.count == 1)
    shop.store.clock.advance(by: .seconds(1))
    shop.settle()
    #expect(shop.sender.ids.count == 2)
    shop.store.clock.advance(by: WebhookSchedule.longestWait - .seconds(1))
    shop.settle()
    #expect(shop.sender.ids.count == 2)
    shop.store.clock.advance(by: .seconds(1))
    shop.settle()
    #expect(shop.sender.ids.count == 3)
  }

  /// The answer may come before or after it is noticed that the webhook was sent elsewhere.
  @Test(arguments: [false, true])
  func `a replay takes what is on its way back`(isNoticed: Bool) throws {
    let shop = try Shop()
    let first = try shop.send(1)
    shop.settle()
    shop.sender.state.withLock { $0.isSilent = true }
    let second = try shop.send(2)
    shop.settle()
    let now = shop.store.clock.now
    try shop.store.database.write { try WebhookStore.jump("crm", to: first, now: now, in: $0) }
    if isNoticed {
      shop.runner.wake()
      shop.settle()
    }
    #expect(shop.sender.ids == ["msg_\(first)", "msg_\(second)"])
    // The answer to the one on its way is of no matter to where it goes on.
    shop.sender.state.withLock { state in
      state.isSilent = false
      state.answers = state.sent.suffix(1).map { WebhookResult(id: $0.id, status: 204) }
    }
    shop.settle()
    shop.runner.wake()
    shop.settle()
    #expect(shop.sender.ids == [first, second, first, second].map { "msg_\($0)" })
  }

  @Test func `the former secret signs for a day`() throws {
    let shop = try Shop()
    let draft = try shop.vault.draft(forWebhook: "crm", now: shop.store.clock.now)
    let now = shop.store.clock.now
    try shop.store.database.write { session in
      try Vault.store(draft, in: session)
      try WebhookStore.rotate("crm", at: now, in: session)
    }
    shop.vault.activate(draft)
    shop.runner.wake()
    func signatures() -> Int? {
      shop.sender.state.withLock { $0.sent.last }?.headers.first { $0.hasPrefix("webhook-signature: ") }?
        .dropFirst("webhook-signature: ".count).split(separator: " ").count
    }
    _ = try shop.send(1)
    shop.settle()
    #expect(signatures() == 2)
    shop.store.clock.advance(by: Vault.overlap - .milliseconds(1))
    _ = try shop.send(2)
    shop.settle()
    #expect(signatures() == 2)
    shop.store.clock.advance(by: .milliseconds(1))
    _ = try shop.send(3)
    shop.settle()
    #expect(signatures() == 1 && shop.sender.ids.count == 3)
  }

  @Test func `pauses are spread by a tenth, and end`() {
    for (index, pause) in WebhookSchedule.pauses.enumerated() {
      let made = (1...200).map { seed in
        WebhookSchedule.pause(after: Int64(index + 1), asked: nil, chance: SeededRandomness(seed: seed)) ?? .zero
      }
      #expect(made.allSatisfy { $0 >= pause * 0.899 && $0 <= pause * 1.101 })
      #expect(Set(made).count > 100)
    }
    #expect(WebhookSchedule.attempts == 10)
    #expect(WebhookSchedule.pause(after: 10, asked: nil, chance: SeededRandomness(seed: 1)) == nil)
  }
}

@Suite struct NetworkAddressTests {
  private static func bytes(_ text: String) -> [UInt8] {
    if !text.contains(":") { return text.split(separator: ".").compactMap { UInt8($0) } }
    // Groups of IPv6, `::` for as many zeroes as are missing.
    let halves = text.split(separator: "::", omittingEmptySubsequences: false).map { half in
      half.split(separator: ":").flatMap { group in
        let value = UInt16(group, radix: 16) ?? 0
        return [UInt8(value >> 8), UInt8(value & 255)]
      }
    }
    guard halves.count == 2 else { return halves[0] }
    return halves[0] + [UInt8](repeating: 0, count: 16 - halves[0].count - halves[1].count) + halves[1]
  }

  @Test(arguments: [
    "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255",
    "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254", "172.16.0.0", "172.31.255.255",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1",
    "::ffff:7f00:1", "::ffff:a00:1", "::ffff:a9fe:a9fe", "::7f00:1", "64:ff9b::a00:1", "64:ff9b::808:808", "100::1",
    "2001::1", "2001:1ff:ffff::1", "2001:db8::1", "2002:7f00:1::1", "3fff:fff::1", "fc00::1", "fd00:ec2::254",
    "fe80::1",
    "fec0::1", "ff02::1", "4000::1",
  ])
  func `what is nobody's machine in public is refused`(text: String) {
    let address = Self.bytes(text)
    #expect(address.count == 4 || address.count == 16)
    #expect(!NetworkAddress.isPublic(address))
    #expect(!WebhookReach(allowsPrivate: false, isPractice: false).allows(address))
    #expect(WebhookReach(allowsPrivate: true, isPractice: false).allows(address))
    #expect(!WebhookReach(allowsPrivate: false, isPractice: true).allows(address))
  }

  @Test(arguments: [
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
    "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
    "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
    "::ffff:808:808", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2606:4700::1111", "3fff:1000::1",
  ])
  func `what lies beside is not`(text: String) {
    let address = Self.bytes(text)
    #expect(NetworkAddress.isPublic(address))
    #expect(WebhookReach(allowsPrivate: false, isPractice: false).allows(address))
    // A practice shop sends nothing to anybody else.
    #expect(!WebhookReach(allowsPrivate: true, isPractice: true).allows(address))
    #expect(!WebhookReach(allowsPrivate: false, isPractice: true).allows(address))
  }

  @Test(arguments: ["127.0.0.1", "127.9.9.9", "::1", "::ffff:7f00:1"])
  func `a practice shop reaches this machine where that is allowed`(text: String) {
    #expect(WebhookReach(allowsPrivate: true, isPractice: true).allows(Self.bytes(text)))
    #expect(!WebhookReach(allowsPrivate: true, isPractice: true).allows(Self.bytes("10.0.0.1")))
  }

  @Test func `no address is nobody's`() {
    for count in [0, 3, 5, 15, 17] { #expect(!NetworkAddress.isPublic([UInt8](repeating: 8, count: count))) }
  }
}
