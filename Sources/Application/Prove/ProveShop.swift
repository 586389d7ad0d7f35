import Base
import Customers
import Dispatch
import Glibc
import Synchronization

/// The shop in which everything is tried: one store, a programme of points, and whoever asks.
final class ProveShop: Sendable {
  /// The key by which everything is asked that is no event: an owner's or an admin's.
  let owner: String
  /// Write keys: of the shop's own backend, of a page that anybody can read, and of a till.
  let backend: String
  let page: String
  let till: String
  let tillSource: String
  let store: String
  /// What other shops have otherwise than the lines need that ask for it.
  let lacks: Set<Scenario.Need>
  private let server: ProveServer
  /// Of the keys that were made.
  private let keys: [String]
  private let tokens = TokenSource(clock: SystemClock(), randomness: SystemRandomness())
  /// What stands in every name that is made.
  let tag: String

  static let currency = "EUR"

  /// Makes the store, the sources and their keys, under names that nothing else has.
  ///
  /// - Parameters:
  ///   - owner: a key of an owner or admin.
  ///   - isOwn: whether the server is there for this alone: then it gets the programme of points too. On any other nothing
  ///     is changed that others have.
  init(_ server: ProveServer, owner: String, isOwn: Bool) throws {
    (self.server, self.owner) = (server, owner)
    tag = String(tokens.next("").suffix(8)).lowercased()
    (store, tillSource) = ("store-\(tag)", "till-\(tag)")
    // Without a backend's key yet: what is asked here is no event.
    let caller = Caller(try LoopbackClient(server.url, isPublic: true), owner: owner, backend: "", tokens)
    func source(_ name: String, trust: Source.Trust = .verified, isTill: Bool = false) throws -> (String, String) {
      let kind = isTill ? #""channel": "store", "kind": "till""# : #""channel": "web""#
      let body = #"{"name": "\#(name)", "trust": "\#(trust.rawValue)", \#(kind)}"#
      try caller.ask("PUT", "/v1/documents/source/\(name)", body).wants(200)
      let key = try caller.ask("POST", "/v1/keys", #"{"role": "source", "source": "\#(name)"}"#).wants(201).json
      return (key["id"]?.string ?? "", key["key"]?.string ?? "")
    }
    let made = try [
      source("backend-\(tag)"), source("page-\(tag)", trust: .anonymous), source(tillSource, isTill: true),
    ]
    keys = made.map { $0.0 }
    (backend, page, till) = (made[0].1, made[1].1, made[2].1)
    try caller.ask("PUT", "/v1/stores", #"[{"id": "\#(store)", "name": "Prove", "timeZone": "Etc/UTC"}]"#).wants(200)
    if isOwn {
      let programme = #"{"currency": "\#(Self.currency)", "earn": {"points": 1, "per": 100}, "pointValue": 1}"#
      try caller.ask("PUT", "/v1/documents/programme/default", programme).wants(200)
    }
    lacks = try Set(Scenario.Need.allCases.filter { try !$0.isMet(by: caller) })
  }

  /// Ends the keys that were made: whoever sees them later can do nothing with them.
  func end() throws {
    let caller = try self.caller()
    for key in keys { try caller.ask("DELETE", "/v1/keys/\(key)").wants(204) }
  }

  /// A name that nobody else has.
  func name(_ word: String) -> String { "\(word)-\(tag)" }

  /// Two digits that come from the copy's own name.
  var digits: String { String(100 + tag.utf8.reduce(0) { ($0 * 31 + Int($1)) % 100 }).suffix(2).description }

  /// An id that nothing else has.
  func id() -> String { tokens.next("") }

  /// Somebody with a connection of his own.
  func caller() throws -> Caller {
    let client = try LoopbackClient(server.url, isPublic: true) { [server] in server.sent() }
    return Caller(client, owner: owner, backend: backend, tokens)
  }

  /// Goods on the shelf of the store.
  func shelve(_ sku: String, _ count: Int, price: Int = 1000, by caller: Caller) throws {
    try caller.ask("PUT", "/v1/products", #"[{"sku": "\#(sku)", "name": "Goods"}]"#).wants(200)
    let money = #"{"amount": \#(price), "currency": "\#(Self.currency)"}"#
    try caller.ask("PUT", "/v1/prices", #"[{"sku": "\#(sku)", "price": \#(money)}]"#).wants(200)
    try caller.ask("PUT", "/v1/stock", #"[{"store": "\#(store)", "sku": "\#(sku)", "onHand": \#(count)}]"#).wants(200)
  }

  /// What is said of an article in the store: on hand, reserved, available.
  func shelf(_ sku: String, by caller: Caller) throws -> [Int64] {
    let told = try caller.get("/v1/stock/\(store)/\(sku)/movements")
    return ["onHand", "reserved", "available"].map { told.member($0)?.integer ?? -1 }
  }

  /// So many people at once, each with a connection of his own; what each of them got, by his number.
  func together<T: Sendable>(_ count: Int, _ work: @escaping @Sendable (Int, Caller) throws -> T) throws -> [T] {
    server.arm(after: max(2, count / 2), anew: false)
    let results = Results<T>()
    let (gate, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    for number in 0..<count {
      try Self.detach { [self] in
        gate.wait()
        let result = Result { try work(number, caller()) }
        results.all.withLock { $0[number] = result }
        done.signal()
      }
    }
    for _ in 0..<count { gate.signal() }
    for _ in 0..<count { done.wait() }
    return try results.all.withLock { all in try all.sorted { $0.key < $1.key }.map { try $0.value.get() } }
  }

  private final class Results<T: Sendable>: Sendable {
    let all = Mutex<[Int: Result<T, any Error>]>([:])
  }

  private final class Job: Sendable {
    let work: @Sendable () -> Void

    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
  }

  /// A thread each: a pool has as many as there are cores, and all of them wait here.
  private static func detach(_ work: @escaping @Sendable () -> Void) throws {
    var thread = pthread_t()
    let job = Unmanaged.passRetained(Job(work))
    let code = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().work()
        return nil
      }, job.toOpaque())
    guard code == 0 else {
      job.release()
      throw Failure(.unavailable, "no more threads can be started")
    }
    pthread_detach(thread)
  }
}

/// Somebody who asks, over one connection that stays open, and asks again where no answer came.
final class Caller {
  /// As long as a server takes to start again on a slow machine.
  private static let patience: Duration = .seconds(60)
  /// Between two attempts, in microseconds.
  private static let pause: UInt32 = 20_000

  private let client: LoopbackClient
  private let owner: String
  private let backend: String
  private let tokens: TokenSource

  init(_ client: LoopbackClient, owner: String, backend: String, _ tokens: TokenSource) {
    (self.client, self.owner, self.backend, self.tokens) = (client, owner, backend, tokens)
  }

  /// An answer, with what was asked, for whoever is told that it is wrong.
  struct Reply {
    let asked: String
    let status: Int
    let json: JSON

    @discardableResult
    func wants(_ statuses: Int...) throws -> Reply {
      guard statuses.contains(status) else {
        let words = String(decoding: json.bytes.prefix(300), as: UTF8.self)
        throw Scenario.Broken("\(asked) answered \(status): \(words)")
      }
      return self
    }
  }

  /// Asks until there is an answer, under an Idempotency-Key of its own or the one that is given.
  func ask(
    _ method: String, _ path: String, _ body: String = "", key: String? = nil, once given: String? = nil,
    ifMatch: String? = nil
  ) throws -> Reply {
    let once = method == "GET" ? nil : given ?? tokens.next("prove_")
    let answer = try untilAnswered {
      try client.send(
        method, path, Array(body.utf8), key: key ?? owner, idempotencyKey: once, ifMatch: ifMatch)
    }
    let json = try JSONDocument(answer.body.isEmpty ? Array("null".utf8) : answer.body).root
    return Reply(asked: "\(method) \(path)", status: answer.status, json: json)
  }

  /// What is there, which must be.
  func get(_ path: String) throws -> JSON { try ask("GET", path).wants(200).json }

  /// Sends events of the shop's backend, each an object; the results.
  func send(_ events: [String], key: String? = nil) throws -> [JSON] {
    let body = "{\"batch\": [\(events.joined(separator: ", "))]}"
    let reply = try ask("POST", "/v1/batch", body, key: key ?? backend).wants(200)
    return reply.json["results"].map { Array($0.elements) } ?? []
  }

  /// Begins to send a batch and hangs up in the middle.
  func abandon(_ body: String) throws {
    try untilAnswered { try client.abandon("POST", "/v1/batch", Array(body.utf8), key: backend) }
  }

  private func untilAnswered<T>(_ work: () throws -> T) throws -> T {
    let end = ContinuousClock.now + Self.patience
    while true {
      do {
        return try work()
      } catch let failure as Failure where failure.code == .unavailable && ContinuousClock.now < end {
        usleep(Self.pause)
      }
    }
  }
}
