import Base
import Customers
import HTTP
import SQL

/// What a person asks about who is who: a merge, its undo, the decision of a doubt; with the reason, and whether it is
/// only to be looked at.
struct ActRequest: Sendable {
  /// An undo may say of each identifier who keeps it.
  static let longestBody = 64 << 10
  /// Why somebody decides is a sentence or two.
  static let longestReason = 1000

  let asked: CustomerRequest
  let body: JSON
  private let reason: String
  private let isPreview: Bool
  private let services: Services

  /// - Throws: `invalid` where no reason is given.
  init(_ request: borrowing Request, by key: AccessKey, _ services: Services) throws {
    self.services = services
    asked = try CustomerRequest(request, by: key, services)
    body = try JSONDocument(request.copyBody()).root
    guard let reason = body["reason"]?.string, (1...Self.longestReason).contains(reason.unicodeScalars.count) else {
      throw Failure(
        .invalid, "a reason is needed",
        faults: [.init("/reason", "is no text of 1 to \(Self.longestReason) characters")])
    }
    self.reason = reason
    guard body["dryRun"] == nil || body["dryRun"]?.bool != nil else {
      throw Failure(.invalid, "dryRun is true or false", faults: [.init("/dryRun", "is neither true nor false")])
    }
    isPreview = body["dryRun"]?.bool ?? false
  }

  /// Records the act and answers who was who before it and is after it; a preview does the same and takes it back.
  ///
  /// - Parameters:
  ///   - fields: what the act is about, as its event tells it.
  ///   - places: the two origins that it brings together or parts; it stands at the first.
  ///   - decide: completes the outcome.
  func perform(
    _ kind: Event.Kind, _ fields: [(String, String)], keep: JSON? = nil, of places: [Int64], in session: any Session,
    decide: @escaping (Merging, inout Outcome) throws -> Void
  ) throws -> Disclosure.Shown {
    let event = Event.request(
      kind, name: nil, body: eventBody(fields, keep: keep), messageID: asked.messageID, at: asked.now)
    let merging = Merging(tokens: services.tokens, in: session)
    func work() throws -> Response {
      let before = try pictures(of: places, session)
      let taken = try services.intake.record(event, at: places.first, author: asked.author, in: session) {
        try decide(merging, &$0)
      }
      return try asked.answer(taken) {
        try answer(Self.merge(of: taken, in: session), before, pictures(of: places, session))
      }
    }
    let subjects = try leaders(of: places, session).map { try Audit.Subject($0, in: session) }
    var response = isPreview ? try session.tentatively(work) : try work()
    // The place that a preview had for a moment is another entry's soon.
    if isPreview { response.remove("Throughline-Sequence") }
    return Disclosure.Shown(response: response, subjects: subjects)
  }

  private func leaders(of places: [Int64], _ session: any Session) throws -> [Int64] {
    var leaders: [Int64] = []
    for leader in try places.map({ try Lookup.leader(of: $0, in: session) }) where !leaders.contains(leader) {
      leaders.append(leader)
    }
    return leaders
  }

  private func pictures(of places: [Int64], _ session: any Session) throws -> [[UInt8]] {
    try leaders(of: places, session).map {
      try Profile.json(ofCustomer: $0, events: 0, features: services.intake.features, in: session)
    }
  }

  private func answer(_ merge: Merge?, _ before: [[UInt8]], _ after: [[UInt8]]) -> Response {
    var writer = JSONWriter(capacity: 16 << 10)
    writer.object { writer in
      merge?.write(to: &writer)
      writer.field("dryRun", isPreview)
      writer.key("diff")
      writer.object { writer in
        for (name, pictures) in [("before", before), ("after", after)] {
          writer.key(name)
          writer.array { for picture in pictures { $0.raw(picture) } }
        }
      }
    }
    return .json(writer.bytes)
  }

  /// The merge that a recorded act made or took back.
  private static func merge(of taken: Intake.Answer, in session: any Session) throws -> Merge? {
    guard let outcome = try EventLog.entry(taken.sequence, in: session)?.outcome,
      let id = outcome.ties.compactMap({ $0.merge }).first ?? outcome.undone.first
    else { return nil }
    return try Merge.find(id, in: session)
  }

  private func eventBody(_ fields: [(String, String)], keep: JSON?) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      for (name, value) in fields { writer.field(name, value) }
      if let keep {
        writer.key("keep")
        writer.raw(keep)
      }
      writer.field("reason", reason)
    }
    return writer.bytes
  }
}
