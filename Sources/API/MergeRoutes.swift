import Base
import Customers
import HTTP
import SQL

/// Merges of customers: by a person, before and after, and taken back.
struct MergeRoutes {
  let services: Services

  private static let path = "/v1/customers/{customer}/merges"
  /// An undo may say of each identifier who keeps it.
  static let longestBody = 64 << 10
  /// Why somebody decides is a sentence or two.
  static let longestReason = 1000

  var list: Endpoint {
    Endpoint(.get, Self.path, Documentation.merges, by: services) { [services] request, _ in
      try .reading(request, services) { _, leader, session in
        var writer = JSONWriter()
        let merges = try Merge.all(ofCustomer: leader, in: session)
        writer.object { writer in
          writer.key("data")
          writer.array { writer in for merge in merges { writer.object { merge.write(to: &$0) } } }
          writer.key("next")
          writer.null()
        }
        return .json(writer.bytes)
      }
    }
  }

  var merge: Endpoint {
    Endpoint(
      .post, Self.path, Documentation.postMerge, options: RouteOptions(maximumBody: Self.longestBody), by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let body = try JSONDocument(request.copyBody()).root
      let (reason, isPreview) = (try Self.reason(of: body), try Self.isPreview(body))
      let country = try services.country(of: request)
      guard let with = body["with"]?.string.flatMap({ CustomerName($0, country: country) }) else {
        throw Failure(
          .invalid, "with names no customer", faults: [.init("/with", "is neither an id nor type:value")])
      }
      let disclosure = try Disclosure.writing(request, services) { name, leader, session in
        guard case .customer(let other) = try Lookup.find(with, in: session) else {
          throw Failure(.invalid, "with names no customer", faults: [.init("/with", "is no customer")])
        }
        let first = try Lookup.stand(name, ofCustomer: leader, in: session)
        let second = try Lookup.stand(with, ofCustomer: other, in: session)
        let event = Event.request(
          .merge, name: nil, body: Self.body(reason, [("with", try Lookup.id(of: second, in: session))]),
          messageID: asked.messageID, at: asked.now)
        return try Self.act(event, at: first, asked, services, isPreview: isPreview, of: [leader, other], session) {
          _ = try Merging(tokens: services.tokens, in: session).merge(first, second, into: &$0)
        }
      }
      return Disclosure(road: disclosure.road) { session in
        // The other one is shown too, and is a customer of his own until then.
        guard case .customer(let other) = try Lookup.find(with, in: session) else {
          return try disclosure.work(session)
        }
        let subject = try Audit.Subject(other, in: session)
        var shown = try disclosure.work(session)
        if !shown.subjects.contains(where: { $0.publicID == subject.publicID }) { shown.subjects.append(subject) }
        return shown
      }
    }
  }

  var undo: Endpoint {
    Endpoint(
      .post, "/v1/merges/{id}/undo", Documentation.undoMerge, options: RouteOptions(maximumBody: Self.longestBody),
      by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let id = request.parameter("id") ?? ""
      let body = try JSONDocument(request.copyBody()).root
      let (reason, isPreview) = (try Self.reason(of: body), try Self.isPreview(body))
      let keep = try Self.keep(body["keep"], country: services.country(of: request))
      return Disclosure(road: .writing(weight: request.bodyCount)) { session in
        guard let merge = try Merge.find(id, in: session) else { throw Failure(.notFound, "there is no such merge") }
        let leader = try Lookup.leader(of: merge.pair.first, in: session)
        let keepers = try keep.map { identifier, keeper in
          (identifier: identifier, keeper: try Self.keeper(keeper, of: identifier, session))
        }
        let event = Event.request(
          .undo, name: nil, body: Self.body(reason, [("merge", id)], keep: body["keep"]?.bytes),
          messageID: asked.messageID, at: asked.now)
        return try Self.shown(leader, merge.pair.second, session) {
          try Self.act(
            event, at: merge.pair.first, asked, services, isPreview: isPreview, of: [leader], session,
            undoing: merge.pair
          ) { try Merging(tokens: services.tokens, in: session).undo(merge, keep: keepers, into: &$0) }
        }
      }
    }
  }

  var reviews: Endpoint {
    Endpoint(.get, "/v1/reviews", Documentation.reviews, by: services) { request, _ in
      let page = try PageQuery(request)
      guard let state = ReviewState(rawValue: request.query("state") ?? ReviewState.open.rawValue) else {
        throw Failure(
          .invalid, "the query's state is none", faults: [.init("/state", "is none of open, merged, apart")])
      }
      return Disclosure(road: .reading(minimum: nil)) { session in
        let rows = try Review.list(state, below: page.cursor.sequence, limit: page.limit + 1, in: session)
        let leaders = Set(rows.prefix(page.limit).flatMap { $0.customers.map { $0.leader } })
        let response = try page.answer(
          rows, at: "/v1/reviews", cursor: { Timeline.Cursor(at: $0.since.milliseconds, sequence: $0.sequence) }
        ) { review, writer in writer.object { review.write(to: &$0) } }
        return Disclosure.Shown(
          response: response, subjects: try leaders.sorted().map { try Audit.Subject($0, in: session) })
      }
    }
  }

  var decide: Endpoint {
    Endpoint(
      .post, "/v1/reviews/{id}", Documentation.decideReview, options: RouteOptions(maximumBody: Self.longestBody),
      by: services
    ) { [services] request, key in
      let asked = try CustomerRequest(request, by: key, services)
      let id = request.parameter("id") ?? ""
      let body = try JSONDocument(request.copyBody()).root
      let (reason, isPreview) = (try Self.reason(of: body), try Self.isPreview(body))
      let decisions: [String: ReviewState] = ["merge": .merged, "apart": .apart]
      guard let state = body["decision"]?.string.flatMap({ decisions[$0] }) else {
        throw Failure(.invalid, "a decision is needed", faults: [.init("/decision", "is neither merge nor apart")])
      }
      return Disclosure(road: .writing(weight: request.bodyCount)) { session in
        guard let review = try Review.find(id, in: session) else { throw Failure(.notFound, "there is no such review") }
        let event = Event.request(
          .review, name: nil, body: Self.body(reason, [("review", id), ("decision", state.rawValue)]),
          messageID: asked.messageID, at: asked.now)
        let customers = review.customers.map { $0.leader }
        return try Self.shown(customers[0], customers[1], session) {
          try Self.act(event, at: review.pair.first, asked, services, isPreview: isPreview, of: customers, session) {
            _ = try Merging(tokens: services.tokens, in: session).decide(review, state, into: &$0)
          }
        }
      }
    }
  }

  // MARK: What they share

  /// Records the act and answers who was who before it and is after it; a preview does the same and takes it back.
  private static func act(
    _ event: Event, at origin: Int64, _ asked: CustomerRequest, _ services: Services, isPreview: Bool,
    of customers: [Int64], _ session: any Session, undoing pair: Outcome.Pair? = nil,
    _ decide: @escaping (inout Outcome) throws -> Void
  ) throws -> Response {
    func pictures(of leaders: [Int64]) throws -> [[UInt8]] {
      var told: Set<Int64> = []
      return try leaders.filter { told.insert($0).inserted }.map {
        try Profile.json(ofCustomer: $0, events: 0, now: asked.now, in: session)
      }
    }
    func work() throws -> Response {
      let before = try pictures(of: customers)
      let taken = try services.intake.record(event, at: origin, author: asked.author, in: session, decide: decide)
      return try asked.answer(taken) {
        let ends = pair.map { [$0.first, $0.second] } ?? customers
        let after = try pictures(of: ends.map { try Lookup.leader(of: $0, in: session) })
        let merge = try merge(of: taken, in: session)
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
    }
    guard isPreview else { return try work() }
    return try session.tentatively(work)
  }

  /// The merge that a recorded act made or took back.
  private static func merge(of taken: Intake.Answer, in session: any Session) throws -> Merge? {
    guard let outcome = try EventLog.entry(taken.sequence, in: session)?.outcome,
      let id = outcome.ties.compactMap({ $0.merge }).first ?? outcome.undone.first
    else { return nil }
    return try Merge.find(id, in: session)
  }

  private static func shown(
    _ first: Int64, _ second: Int64, _ session: any Session, _ work: () throws -> Response
  ) throws -> Disclosure.Shown {
    let leaders = try Set([first, second].map { try Lookup.leader(of: $0, in: session) })
    let subjects = try leaders.sorted().map { try Audit.Subject($0, in: session) }
    return Disclosure.Shown(response: try work(), subjects: subjects)
  }

  private static func reason(of body: JSON) throws -> String {
    guard let reason = body["reason"]?.string, (1...longestReason).contains(reason.unicodeScalars.count) else {
      throw Failure(
        .invalid, "a reason is needed", faults: [.init("/reason", "is no text of 1 to \(longestReason) characters")])
    }
    return reason
  }

  private static func isPreview(_ body: JSON) throws -> Bool {
    guard let dryRun = body["dryRun"] else { return false }
    guard let isPreview = dryRun.bool else {
      throw Failure(.invalid, "dryRun is true or false", faults: [.init("/dryRun", "is neither true nor false")])
    }
    return isPreview
  }

  private static func body(_ reason: String, _ fields: [(String, String)], keep: [UInt8]? = nil) -> [UInt8] {
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

  private static func keep(_ json: JSON?, country: String?) throws -> [(Identifier, String)] {
    guard let json else { return [] }
    guard json.kind == .object else {
      throw Failure(.invalid, "keep is an object", faults: [.init("/keep", "is no object")])
    }
    return try json.members.map { name, keeper in
      let pointer = "/keep/\(JSON.pointerToken(name))"
      guard case .identifier(let identifier)? = CustomerName(name, country: country) else {
        throw Failure(.invalid, "keep names no identifier", faults: [.init(pointer, "is no type:value")])
      }
      guard let text = keeper.string else {
        throw Failure(.invalid, "keep says nobody", faults: [.init(pointer, "is neither a customer's id nor shared")])
      }
      return (identifier, text)
    }
  }

  private static func keeper(_ text: String, of identifier: Identifier, _ session: any Session) throws -> Merging.Keeper
  {
    if text == "shared" { return .shared }
    guard case .id? = CustomerName(text), let origin = try Lookup.origin(ofID: text, in: session) else {
      let pointer = "/keep/\(JSON.pointerToken("\(identifier.type.name):\(identifier.value)"))"
      throw Failure(.invalid, "keep says nobody", faults: [.init(pointer, "is neither a customer's id nor shared")])
    }
    return .side(of: origin)
  }
}
