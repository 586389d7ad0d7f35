package import Base
package import SQL

enum JobStatement: Int, StatementSet {
  case insert, find, byRequest, countOfKey, next, start, requeue, finish, inState, expire, forget, erase, receipt

  private static let columns = """
    id, parameters, origin, key_id, state, attempts, created_at, finished_at, size, failure, kind, author, receipt
    """

  var sql: String {
    switch self {
    case .insert:
      """
      INSERT INTO job (id, kind, parameters, origin, key_id, author, message_id, state, attempts, created_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued', 0, ?8)
      """
    case .find: "SELECT \(Self.columns) FROM job WHERE id = ?1"
    case .byRequest: "SELECT \(Self.columns) FROM job WHERE author = ?1 AND message_id = ?2"
    case .countOfKey:
      """
      SELECT count(*) FROM job
      WHERE key_id = ?1 AND (state IN ('queued', 'running') OR kind = 'export' AND state = 'done')
      """
    case .next: "SELECT \(Self.columns) FROM job WHERE state = 'queued' ORDER BY created_at, id LIMIT 1"
    case .start: "UPDATE job SET state = 'running', attempts = attempts + 1 WHERE id = ?1 AND state = 'queued'"
    case .requeue: "UPDATE job SET state = 'queued' WHERE id = ?1"
    case .finish:
      "UPDATE job SET state = ?2, finished_at = ?3, size = ?4, failure = ?5 WHERE id = ?1 AND state = 'running'"
    case .inState: "SELECT \(Self.columns) FROM job WHERE state = ?1 ORDER BY created_at, id"
    case .expire: "UPDATE job SET state = 'expired' WHERE id = ?1"
    case .forget:
      """
      DELETE FROM job
      WHERE created_at < ?1 AND (state IN ('failed', 'expired') OR kind <> 'export' AND state = 'done')
      """
    case .erase: "DELETE FROM job WHERE origin = ?1 AND kind = 'export'"
    case .receipt: "UPDATE job SET receipt = ?2 WHERE id = ?1"
    }
  }
}

/// The table of jobs.
package enum JobStore {
  /// The kind of the jobs that write down a person.
  static let export = "export"
  /// The kind of the jobs that erase a person.
  static let erasure = "erasure"

  /// Who asks for a job, and under which id that counts once.
  package struct Request: Sendable {
    package var parameters: Job.Parameters
    package var keyID: String
    package var author: String
    package var messageID: String
    /// Method and path, within which the message's id counts.
    package var target: String
    package var at: Instant

    package init(
      _ parameters: Job.Parameters, keyID: String, author: String, messageID: String, target: String, at: Instant
    ) {
      self.parameters = parameters
      self.keyID = keyID
      self.author = author
      self.messageID = messageID
      self.target = target
      self.at = at
    }
  }

  /// The id under which a request's job stands: a path may name a person, so it is kept as a hash under the
  /// installation's seed.
  private static func name(_ messageID: String, of target: String, in session: any Session) throws -> String {
    guard let seed = try Setting.existingMessageSeed(in: session) else {
      throw Failure(.internal, "an installation without a seed")
    }
    return Digest.hex(Digest.hmac(Array("\(target)\n\(messageID)".utf8), key: seed))
  }

  /// Queues a job about the person of that origin; the same request again has the same job.
  ///
  /// - Returns: nil where another request came under that id.
  /// - Throws: `limited` where the key has too many.
  package static func create(
    _ request: Request, about origin: Origin.Number, id: String, in session: any Session
  ) throws -> Job? {
    let messageID = try Self.name(request.messageID, of: request.target, in: session)
    if let known = try session.first(
      of: JobStatement.byRequest, .text(request.author), .text(messageID), map: { try Job($0) })
    {
      let people = try [known.origin, origin].map { try OriginStore.leader(of: $0, in: session).number }
      return known.parameters.isSame(as: request.parameters) && people[0] == people[1] ? known : nil
    }
    let count = try session.first(of: JobStatement.countOfKey, .text(request.keyID)) { $0.integer(0) } ?? 0
    guard count < Job.mostOfKey else {
      throw Failure(
        .limited, "this key has \(Job.mostOfKey) jobs that wait, run or have a result; results end after a day",
        retryAfter: .seconds(3600))
    }
    try session.execute(
      JobStatement.insert, .text(id), .text(request.parameters.kind), .utf8(request.parameters.json), .integer(origin),
      .text(request.keyID), .text(request.author), .text(messageID), .integer(request.at.milliseconds))
    return try find(id, in: session)
  }

  /// The erasure that was asked for by that request already, for the same reason, or nil.
  package static func erasure(
    by author: String, _ messageID: String, to target: String, because reason: String, in session: any Session
  ) throws -> Job? {
    let job = try session.first(
      of: JobStatement.byRequest, .text(author), .text(name(messageID, of: target, in: session))
    ) { try Job($0) }
    guard let job, case .erasure(let erasure) = job.parameters, erasure.reason == reason else { return nil }
    return job
  }

  /// Queues a job of the shop's own, about nobody, unless there is one of that id.
  static func queue(
    _ parameters: Job.Parameters, author: String, id: String, at time: Instant, in session: any Session
  ) throws {
    guard try find(id, in: session) == nil else { return }
    try session.execute(
      JobStatement.insert, .text(id), .text(parameters.kind), .utf8(parameters.json), .integer(0), .text(""),
      .text(author), .text(id), .integer(time.milliseconds))
  }

  /// Notes what a job has done, in the transaction that does it.
  static func keep(_ receipt: [UInt8], of job: Job, in session: any Session) throws {
    try session.execute(JobStatement.receipt, .text(job.id), .utf8(receipt))
  }

  /// The job of that id, or nil.
  package static func find(_ id: String, in session: any Session) throws -> Job? {
    try session.first(of: JobStatement.find, .text(id)) { try Job($0) }
  }

  /// The leading origin of the customer whom a job is about now.
  package static func customer(of job: Job, in session: any Session) throws -> Origin.Number {
    try OriginStore.leader(of: job.origin, in: session).number
  }

  /// Takes the job that has waited longest.
  static func start(in session: any Session) throws -> Job? {
    guard let next = try session.first(of: JobStatement.next, map: { try Job($0) }) else { return nil }
    try session.execute(JobStatement.start, .text(next.id))
    return try find(next.id, in: session)
  }

  /// Notes what came of a job.
  ///
  /// - Returns: false where it is no longer wanted.
  static func finish(
    _ job: Job, size: Int?, failure: String?, at time: Instant, in session: any Session
  ) throws -> Bool {
    let state: Job.State = failure == nil ? .done : .failed
    return try session.execute(
      JobStatement.finish, .text(job.id), .text(state.rawValue), .integer(time.milliseconds),
      .integer(size.map { Int64($0) }), .text(failure)) == 1
  }

  /// Begins anew what an end of the program has interrupted; what was begun too often has failed.
  static func resume(at time: Instant, in session: any Session) throws {
    for job in try jobs(.running, in: session) {
      if job.attempts < Job.mostAttempts {
        try session.execute(JobStatement.requeue, .text(job.id))
      } else {
        _ = try finish(
          job, size: nil, failure: "the server ended \(job.attempts) times while it worked on it", at: time, in: session
        )
      }
    }
  }

  /// Ends the results that are over or whose files are gone, and forgets old jobs.
  ///
  /// - Returns: the files that may stay.
  static func sweep(files: Set<String>, at time: Instant, in session: any Session) throws -> Set<String> {
    var kept: Set<String> = []
    for job in try jobs(.done, in: session) {
      guard let file = job.fileName else { continue }
      if let end = job.expiresAt, end > time, files.contains(file) {
        kept.insert(file)
      } else {
        try session.execute(JobStatement.expire, .text(job.id))
      }
    }
    try session.execute(JobStatement.forget, .integer((time - Job.rowLife).milliseconds))
    return kept
  }

  /// Forgets the exports of the person of these origins; the next sweep takes their files away.
  package static func erase(_ origins: [Origin.Number], in session: any Session) throws {
    for origin in origins { try session.execute(JobStatement.erase, .integer(origin)) }
  }

  private static func jobs(_ state: Job.State, in session: any Session) throws -> [Job] {
    try session.rows(of: JobStatement.inState, .text(state.rawValue)) { try Job($0) }
  }
}
