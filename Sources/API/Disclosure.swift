import Base
import Customers
import HTTP
import SQL

/// What a route does that shows or changes personal data, on a snapshot or in the writer's transaction.
///
/// It has no way to answer by itself: the answer goes out when `Services.disclose` has noted whom it shows.
struct Disclosure: Sendable {
  /// An answer, and whom it is about.
  struct Shown: Sendable {
    var response: Response
    var subjects: [Audit.Subject]
  }

  enum Road: Sendable {
    /// On a snapshot, which holds at least that place of the log; what is short may be read on the loop.
    case reading(minimum: Int64?, isShort: Bool = false)
    /// In the next transaction, which writes about so many bytes.
    case writing(weight: Int)
  }

  var road: Road
  var work: @Sendable (any Session) throws -> Shown
  /// What is done when what was written is durable.
  var then: @Sendable () -> Void = {}

  /// What a read shows of the customer whom the path names.
  static func reading(
    _ request: borrowing Request, _ services: Services,
    _ work: @escaping @Sendable (_ name: String, _ leader: Int64, any Session) throws -> Response
  ) throws -> Disclosure {
    let (text, name) = try customer(request, services)
    return Disclosure(road: .reading(minimum: try minimumSequence(request), isShort: true)) { session in
      try shown(name, services, session) { leader in
        Shown(response: try work(text, leader, session), subjects: [try Audit.Subject(leader, in: session)])
      }
    }
  }

  /// What a read shows of the customer to whom the path's name led at a moment of the log.
  ///
  /// Whoever has a part of that customer's origins today is somebody whom the reader was shown.
  static func recalling(
    _ request: borrowing Request, _ services: Services, _ need: Past.Need, asOf moment: AsOf.Name,
    _ work: @escaping @Sendable (Past, _ leader: Int64, any Session) throws -> Response
  ) throws -> Disclosure {
    let (_, name) = try customer(request, services)
    return Disclosure(road: .reading(minimum: try minimumSequence(request))) { session in
      let moment = try AsOf(moment, now: services.clock.now, in: session)
      return try Past.recall(
        name, need, asOf: moment, folds: services.intake.folds, features: services.intake.features,
        migrations: services.database.migrations, in: session
      ) { lookup, past in
        func subjects(_ leader: Int64) throws -> [Audit.Subject] {
          try past.subjects(of: leader).map { try Audit.Subject($0, in: session) }
        }
        switch lookup {
        case .nobody:
          let failure = try Lookup.missing(name, in: session)
          throw failure.code == .gone ? failure : Failure(.notFound, "there was no such customer then")
        case .customer(let leader):
          return Shown(response: try work(past, leader, session), subjects: try subjects(leader))
        case .claimed(let leaders):
          let response = services.problem(Self.claimed(by: try leaders.map { try past.publicID(of: $0) }))
          return Shown(response: response, subjects: try leaders.flatMap(subjects))
        }
      }
    }
  }

  private static func claimed(by ids: [String]) -> Failure {
    Failure(.conflict, "nobody has proved it and several claim it: \(ids.joined(separator: ", "))")
  }

  /// What a write changes and shows of the customer whom the path names.
  static func writing(
    _ request: borrowing Request, _ services: Services,
    _ work: @escaping @Sendable (_ name: CustomerName, _ leader: Int64, any Session) throws -> Response
  ) throws -> Disclosure {
    try acting(request, services) { name, leader, session in
      let subject = try Audit.Subject(leader, in: session)
      return Shown(response: try work(name, leader, session), subjects: [subject])
    }
  }

  /// What a write changes and shows of the customer whom the path names, and of others.
  static func acting(
    _ request: borrowing Request, _ services: Services,
    _ work: @escaping @Sendable (_ name: CustomerName, _ leader: Int64, any Session) throws -> Shown
  ) throws -> Disclosure {
    let (_, name) = try customer(request, services)
    return Disclosure(road: .writing(weight: request.bodyCount)) { session in
      try shown(name, services, session) { try work(name, $0, session) }
    }
  }

  /// What a write changes and shows of the customer whom the path names, and of those whom it comes upon, whose origins
  /// `work` adds to the others.
  static func writing(
    _ request: borrowing Request, _ services: Services,
    _ work:
      @escaping @Sendable (
        _ name: CustomerName, _ leader: Int64, _ others: inout [Int64], any Session
      ) throws -> Response
  ) throws -> Disclosure {
    try acting(request, services) { name, leader, session in
      var subjects = [try Audit.Subject(leader, in: session)]
      var others: [Int64] = []
      let response = try work(name, leader, &others, session)
      for other in others {
        let subject = try Audit.Subject(Lookup.leader(of: other, in: session), in: session)
        if !subjects.contains(where: { $0.publicID == subject.publicID }) { subjects.append(subject) }
      }
      return Shown(response: response, subjects: subjects)
    }
  }

  /// The customer as the path has it, and read.
  static func customer(
    _ request: borrowing Request, _ services: Services
  ) throws -> (text: String, name: CustomerName) {
    let text = request.parameter("customer") ?? ""
    guard let name = CustomerName(text, country: try services.country(of: request)) else {
      throw Failure(
        .notFound, "there is no such customer: a customer is named by an id or as type:value, percent-encoded")
    }
    return (text, name)
  }

  /// Who several claim to be is told to the reader, so each of them is somebody whom he was shown.
  private static func shown(
    _ name: CustomerName, _ services: Services, _ session: any Session, _ work: (Int64) throws -> Shown
  ) throws -> Shown {
    switch try Lookup.find(name, in: session) {
    case .nobody: throw try Lookup.missing(name, in: session)
    case .customer(let leader):
      return try work(leader)
    case .claimed(let leaders):
      let failure = Self.claimed(by: try leaders.map { try Profile.publicID(of: $0, in: session) })
      return Shown(
        response: services.problem(failure), subjects: try leaders.map { try Audit.Subject($0, in: session) })
    }
  }

  /// The place in the log that the answer must hold, from the query.
  static func minimumSequence(_ request: borrowing Request) throws -> Int64? {
    guard let text = request.query("minSequence") else { return nil }
    guard let minimum = Int64(text), minimum >= 0 else {
      throw Failure(
        .invalid, "minSequence is no place in the log", faults: [.init("/minSequence", "is no whole number")])
    }
    return minimum
  }
}

extension Services {
  /// Where a telephone number of the request is dialled that names no country: the query's `country`, else ours.
  func country(of request: borrowing Request) throws -> String? {
    guard let named = request.query("country") else { return country }
    guard PhoneNumber.isRegion(named) else {
      throw Failure(
        .invalid, "country is two letters of ISO 3166-1", faults: [.init("/country", "is no country's two letters")])
    }
    return named
  }

  /// Authenticates the caller, does what `prepare` makes of his request, notes whom the answer shows, and answers.
  ///
  /// A person's read leaves a row that is durable before the answer; a machine's is counted and waits for nothing.
  func disclose(
    _ request: borrowing Request, _ exchange: Exchange, action: String, to audience: Caller.Audience,
    _ prepare: (borrowing Request, Caller) throws -> Disclosure
  ) {
    do {
      let caller = try Caller(request, self, to: audience)
      // A customer's page shares the route, but a key is for servers and people: no page reads with it.
      if !caller.isPerson { exchange.keepFromOtherOrigins() }
      let reader = caller.reader
      let read = Audit.Read(by: reader, action: action, reason: try reason(request), at: clock.now)
      if reader.isMachine { try reads.checkRoom() }
      let disclosure = try prepare(request, caller)
      switch disclosure.road {
      case .reading(let minimum, let isShort):
        self.read(exchange, minimum: minimum, isShort: isShort, disclosure.work) { show($0, of: read, exchange) }
      case .writing(let weight):
        database.write(weight: weight) { session in
          let shown = try disclosure.work(session)
          if !reader.isMachine { try Audit.note(read, of: shown.subjects, in: session) }
          return shown
        } then: { (result: Result<Disclosure.Shown, any Error>) in
          answer(exchange) {
            let shown = try result.get()
            if reader.isMachine { reads.count(read, of: shown.subjects) }
            disclosure.then()
            return Self.private(shown.response)
          }
        }
      }
    } catch {
      exchange.respond(problem(error))
    }
  }

  /// Answers what was read when the audit has it.
  private func show(_ shown: Disclosure.Shown, of read: Audit.Read, _ exchange: Exchange) {
    let response = Self.private(shown.response)
    if shown.subjects.isEmpty { return exchange.respond(response) }
    if read.reader.isMachine {
      reads.count(read, of: shown.subjects)
      return exchange.respond(response)
    }
    database.write(weight: Self.auditWeight * shown.subjects.count) { session in
      try Audit.note(read, of: shown.subjects, in: session)
    } then: { (result: Result<Void, any Error>) in
      answer(exchange) {
        try result.get()
        return response
      }
    }
  }

  /// Notes that a customer is shown, and goes on when the audit has it.
  func note(
    _ read: Audit.Read, of subject: Audit.Subject, _ exchange: Exchange, then go: @escaping @Sendable () -> Void
  ) {
    if read.reader.isMachine {
      reads.count(read, of: [subject])
      return go()
    }
    database.write(weight: Self.auditWeight) { session in
      try Audit.note(read, of: [subject], in: session)
    } then: { (result: Result<Void, any Error>) in
      do {
        try result.get()
        go()
      } catch {
        exchange.respond(problem(error))
      }
    }
  }

  /// About what a row of the audit takes, with its places in the indexes.
  private static let auditWeight = 400

  private static func `private`(_ response: Response) -> Response {
    var response = response
    response.set("Cache-Control", "no-store")
    return response
  }

  /// What for the request is made, as its header says.
  func reason(_ request: borrowing Request) throws -> String? {
    guard let reason = request.header("Throughline-Reason"), !reason.isEmpty else { return nil }
    guard reason.unicodeScalars.count <= Audit.longestReason else {
      throw Failure(.invalid, "Throughline-Reason has more than \(Audit.longestReason) characters")
    }
    return reason
  }
}
