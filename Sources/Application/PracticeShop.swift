import Base
import Channels
import Customers

/// Fills a directory with a shop to learn on, through the public API alone: what its people did at every door, what they
/// allowed and left half done, and some mistakes for an agent to find.
struct PracticeShop {
  /// What came of it.
  struct Report {
    var events = 0
    var duplicates = 0
    var merges = 0
    var consents = 0
    var states = 0
    var reviews = 0
    /// Whether all of it was there already.
    var isOld = false
  }

  /// As many as a small shop knows; all that they did is posted in some ten seconds.
  static let usualPeople = 2000
  /// In one of so many households two people were merged by somebody who looked at the telephone number alone, until
  /// there are as many as one can look through in an afternoon.
  private static let mergedOf = 8
  private static let mostMerges = 10
  /// In a hundred, who told somebody what he allows, and who left the checkout half done.
  private static let consenting = 4
  private static let undecided = 4
  /// As many open doubts are counted at most.
  private static let mostCounted = 500

  private let directory: DataDirectory
  private let people: Int
  private let seed: UInt64

  init(_ directory: DataDirectory, people: Int, seed: UInt64) {
    self.directory = directory
    self.people = people
    self.seed = seed
  }

  /// Posts everything; where it was interrupted, the rest of it.
  ///
  /// - Throws: `conflict` where the directory has events that were not made up, `unavailable` where no server answers.
  func fill() throws -> Report {
    let name = PracticeTown.name(scale: people, seed: seed)
    // Before anything is marked: a server that cannot be reached is no practice shop.
    let client = try LoopbackClient(control(Control.address, []))
    let begun = try JSONDocument(Array(control(Control.practice, [("town", name)]).utf8)).root
    guard let end = begun["until"]?.string.flatMap({ Instant($0) }), let isFilled = begun["filled"]?.bool else {
      throw Failure(.internal, "the server does not say when practice ends")
    }
    if isFilled { return Report(isOld: true) }
    var report = Report()
    let office = try Door(
      client: client, town: name,
      key: control(Control.keys, [("role", "admin"), ("name", "practice-office"), ("holder", "machine")]))
    let keys = try writeKeys()
    for (number, request) in PracticeOffer.requests.enumerated() { try office.send(request, "offer-\(number)") }
    var town = PracticeTown(scale: people, seed: seed, until: end, doors: .all)
    while case let calls = town.next(), !calls.isEmpty { try post(calls, keys, by: client, &report) }
    try act(name, by: client, &report)
    try tell(PracticeStory(scale: people, seed: seed, until: end), keys, office, &report)
    _ = try control(Control.practiceEnd, [("town", name)])
    return report
  }

  private func control(_ path: String, _ fields: [(name: String, value: String?)]) throws -> String {
    guard let client = ControlClient(directory) else { throw Failure(.unavailable, "the server has ended") }
    return try client.post(path, fields)
  }

  // MARK: Events

  /// The write key of each source; keys cannot be read again, so that each run makes its own.
  private func writeKeys() throws -> [String: String] {
    let sources = try PracticeTown.sources(.all)
    var documents = JSONWriter()
    documents.object { writer in
      writer.key(Source.documentKind)
      writer.array { writer in for source in sources { writer.raw(source.document) } }
    }
    _ = try control(
      Control.documents,
      [("file", "practice"), ("documents", String(decoding: documents.bytes, as: UTF8.self)), ("dryRun", "false")])
    var keys: [String: String] = [:]
    for source in sources {
      keys[source.name] = try control(Control.keys, [("role", "source"), ("source", source.name)])
    }
    return keys
  }

  private func post(
    _ calls: [PracticeTown.Call], _ keys: [String: String], by client: LoopbackClient, _ report: inout Report
  ) throws {
    for call in calls {
      let answer = try client.send("POST", call.path, call.body, key: keys[call.source] ?? "")
      guard answer.status == 200 else { throw Self.refusal(answer, of: call.path) }
      for result in try JSONDocument(answer.body).root["results"]?.elements.map({ $0 }) ?? [] {
        switch result["status"]?.string {
        case "accepted": report.events += 1
        case "duplicate": report.duplicates += 1
        default: throw Self.refusal(answer, of: call.path)
        }
      }
    }
  }

  fileprivate static func refusal(_ answer: LoopbackClient.Answer, of path: String) -> Failure {
    let words = String(decoding: answer.body.prefix(longestWords), as: UTF8.self)
    return Failure(.internal, "the practice shop was refused at \(path): \(answer.status) \(words)")
  }

  private static let longestWords = 500

  // MARK: Acts

  /// What people and agents did through the API, each act under a key of its own, so that it happens once.
  private func act(_ town: String, by client: LoopbackClient, _ report: inout Report) throws {
    let key = try control(Control.keys, [("role", "agent"), ("name", "practice"), ("holder", "machine")])
    for person in PracticeTown.customers(scale: people, seed: seed) {
      let path = "/v1/customers/user_id:\(person.userID)"
      var chance = PracticeChance(seed, 4, UInt64(person.number))
      if chance.happens(Self.consenting) {
        let body = Array(person.consents(&chance).utf8)
        try act("PUT", path + "/consents", body, "\(town)-consents-\(person.number)", key, client)
        report.consents += 1
      }
      if chance.happens(Self.undecided) {
        let body = Array(person.checkout(&chance).utf8)
        try act("PUT", path + "/state/checkout", body, "\(town)-checkout-\(person.number)", key, client)
        report.states += 1
      }
      if let other = person.relative, report.merges < Self.mostMerges,
        person.number / PracticeTown.family % Self.mergedOf == 0
      {
        let body = Array(#"{"with": "user_id:\#(other)", "reason": "same telephone number"}"#.utf8)
        // Who is one already stays one; and whom somebody has parted since stays parted.
        try act(
          "POST", path + "/merges", body, "\(town)-merge-\(person.number)", key, client, mayFail: [400, 409, 422])
        report.merges += 1
      }
    }
    let answer = try client.send("GET", "/v1/reviews?limit=\(Self.mostCounted)", key: key)
    report.reviews = try JSONDocument(answer.body).root["data"]?.count ?? 0
  }

  private func act(
    _ method: String, _ path: String, _ body: [UInt8], _ once: String, _ key: String, _ client: LoopbackClient,
    mayFail: [Int] = []
  ) throws {
    let answer = try client.send(method, path, body, key: key, idempotencyKey: once)
    guard (200..<300).contains(answer.status) || mayFail.contains(answer.status) else {
      throw Self.refusal(answer, of: path)
    }
  }

  // MARK: Commerce

  /// Who keeps the shop's books, over one connection.
  private struct Door {
    let client: LoopbackClient
    let town: String
    let key: String

    /// - Parameter once: what tells it from other requests, so that it happens once.
    func send(_ request: PracticeRequest, _ once: String) throws {
      let answer = try client.send(
        request.method, request.path, request.body, key: key, idempotencyKey: "\(town)-\(once)")
      guard (200..<300).contains(answer.status) else { throw PracticeShop.refusal(answer, of: request.path) }
      // A list is answered with what became of each of its elements.
      let results = (try? JSONDocument(answer.body).root["results"])?.elements.map { $0["status"]?.string } ?? []
      if results.contains("invalid") || results.contains("conflict") {
        throw PracticeShop.refusal(answer, of: request.path)
      }
    }
  }

  /// How long a forgotten order lies: the next look of the timers finds it.
  private static let forgotten = Duration.seconds(1)

  private func tell(
    _ story: PracticeStory, _ keys: [String: String], _ office: Door, _ report: inout Report
  ) throws {
    for (number, request) in story.stores.enumerated() { try office.send(request, "store-\(number)") }
    try post(story.calls, keys, by: office.client, &report)
    for (number, request) in story.requests.enumerated() { try office.send(request, "story-\(number)") }
    try post(story.contradiction, keys, by: office.client, &report)
    // Its end is a moment from now, so that it is another request each time: it is asked for beforehand.
    if let (id, request) = story.forgotten(until: SystemClock().now + Self.forgotten),
      try office.client.send("GET", "/v1/orders/\(id)", key: office.key).status == 404
    {
      try office.send(request, "forgotten")
    }
  }
}
