package import Base
package import SQL
import Synchronization

/// The one road into the log: dedupe, recognise, decide, append the event with its outcome, fold.
///
/// All of it happens in one transaction, and the answer comes after its commit is durable.
package final class Intake: Sendable {
  /// What came of one event.
  package enum Answer: Sendable {
    /// It is in the log; `customer` is the id of the one it stands with.
    case accepted(sequence: Int64, customer: String?, result: Outcome.Result)
    /// It was in the log already, as `sequence`.
    case duplicate(sequence: Int64, customer: String?, result: Outcome.Result)
    /// Another body stands in the log under its id; both are on the work list.
    case conflict(sequence: Int64)

    /// Where it stands in the log; for a conflict, where the other one does.
    package var sequence: Int64 {
      switch self {
      case .accepted(let sequence, _, _), .duplicate(let sequence, _, _), .conflict(let sequence): sequence
      }
    }
  }

  /// What came of one request.
  package struct Answers: Sendable {
    package var answers: [Answer]
    /// The log's newest place after it.
    package var sequence: Int64
  }

  /// What an adapter had to refuse of an authenticated source: kept for the one who mends it.
  package struct Refusal: Sendable {
    package var messageID: String?
    package var reason: String
    package var body: [UInt8]
    package var receivedAt: Instant

    package init(messageID: String?, reason: String, body: [UInt8], receivedAt: Instant) {
      self.messageID = messageID
      self.reason = reason
      self.body = body
      self.receivedAt = receivedAt
    }
  }

  private let database: Database
  /// Every fold but that of the messages.
  package let folds: [any Fold]
  /// What decides beside recognition.
  package let features: [any Feature]
  private let messages: MessageFold
  /// By name, as the writer read them last; emptied when a transaction fails, because its versions never were.
  private let knownSources = KnownSources()
  let tokens: TokenSource

  /// A road to the log of `database`, to be added up by `folds`, those of `features` among them.
  package init(
    database: Database, folds: [any Fold], messages: MessageFold, tokens: TokenSource, features: [any Feature] = []
  ) {
    self.database = database
    self.features = features
    // A message takes its place before anything is decided about it, so its fold is not asked again.
    self.folds = folds.filter { !($0 is MessageFold) }
    self.messages = messages
    self.tokens = tokens
  }

  /// Takes what a source sent and answers one answer per event when all of it is durable.
  ///
  /// - Parameter done: fails with `SQLFailure` when nothing of it could be kept, and with a `Failure` of the code
  ///   `unauthorized` when there is no such source.
  package func submit(
    _ events: [Event], refused: [Refusal] = [], from sourceName: String,
    then done: @escaping @Sendable (Result<Answers, any Error>) -> Void
  ) {
    let weight =
      events.reduce(0) { $0 + $1.body.count + ($1.envelope?.count ?? 0) } + refused.reduce(0) { $0 + $1.body.count }
    database.write(weight: weight) { [self] session in
      guard let source = try source(sourceName, in: session) else {
        throw Failure(.unauthorized, "the key's source is no longer there")
      }
      for refusal in refused { try DeadLetter.keep(refusal, from: source.name, conflictsWith: nil, in: session) }
      var transaction = Transaction(source: source, sequence: try EventLog.last(in: session), tokens: tokens)
      let answers = try events.map { try take($0, in: &transaction, session) }
      return Answers(answers: answers, sequence: transaction.sequence)
    } then: { [knownSources] result in
      if case .failure = result { knownSources.empty() }
      done(result)
    }
  }

  private struct Transaction {
    let source: Source
    var sequence: Int64
    let numbers: OriginNumbers

    init(source: Source, sequence: Int64, tokens: TokenSource) {
      self.source = source
      self.sequence = sequence
      numbers = OriginNumbers(tokens: tokens)
    }
  }

  private func take(_ event: Event, in transaction: inout Transaction, _ session: any Session) throws -> Answer {
    let source = transaction.source
    let sequence = transaction.sequence + 1
    // One step into the index where most messages are new, instead of a look and a step.
    guard
      try messages.insert(source.name, event.messageID, at: sequence, in: session) || !Protection.holds("intake.once")
    else {
      return try again(event, source, session)
    }
    var proved = event
    if let token = event.token { proved.mentions += try token.proofs(among: event.mentions, in: session) }
    var (outcome, customer) = try Recognition.decide(
      proved, from: source, numbers: transaction.numbers, in: session)
    outcome.consent = try ConsentRuling(of: event, outcome, from: source.name, in: session)
    try append(
      LogEntry(sequence: sequence, source: source.name, channel: source.channel, event: event, outcome: outcome),
      in: session)
    transaction.sequence = sequence
    return .accepted(
      sequence: sequence, customer: try self.customer(outcome, customer, for: source, in: session),
      result: outcome.result)
  }

  /// The same message again has the same answer.
  ///
  /// Another body under its id is a conflict, and nothing of it counts. Of what was erased nobody can tell what it said.
  private func again(_ event: Event, _ source: Source, _ session: any Session) throws -> Answer {
    guard let known = try messages.find(source.name, event.messageID, in: session),
      let (outcome, isSame) = try compare(event, with: known, session)
    else {
      throw Failure(.internal, "the log is damaged", cause: "a message without event", hint: "throughline verify")
    }
    if outcome.result == .erased { return .duplicate(sequence: known, customer: nil, result: .erased) }
    if isSame {
      return .duplicate(
        sequence: known, customer: try customer(outcome, nil, for: source, in: session), result: outcome.result)
    }
    let refusal = Refusal(
      messageID: event.messageID, reason: "another body stands under this messageId", body: event.body,
      receivedAt: event.receivedAt)
    try DeadLetter.keep(refusal, from: source.name, conflictsWith: known, in: session)
    return .conflict(sequence: known)
  }

  /// What came of the message at a place, which may be part of a summary now, and whether the event says the same; nil
  /// where there was none.
  private func compare(
    _ event: Event, with sequence: Int64, _ session: any Session
  ) throws -> (outcome: Outcome, isSame: Bool)? {
    if let entry = try EventLog.entry(sequence, in: session), entry.event.kind != .summary {
      return (entry.outcome, entry.outcome.isRedacted || event.isSame(as: entry.event))
    }
    guard let summed = try SummedEvent.find(sequence, in: session) else { return nil }
    let isErased = try Erasure.isErased(summed.origin, in: session)
    return (
      Outcome(isErased ? .erased : summed.result, origin: summed.origin),
      summed.said.map { $0 == messages.digest(event) } ?? true
    )
  }

  private func append(_ entry: LogEntry, in session: any Session) throws {
    var entry = entry
    for feature in features { try feature.decide(&entry, in: session) }
    try EventLog.append(entry, in: session)
    CrashPoint.pass("intake.beforeFold")
    for fold in folds where Protection.holds("intake.folds") || !(fold is ConsentFold) {
      try fold.apply(entry, in: session)
    }
  }

  /// The sources that this transaction has read already.
  private enum Read: TransactionKey { typealias Value = [String: Source] }

  /// The source as its newest document has it; it is read again only where its version has changed.
  private func source(_ name: String, in session: any Session) throws -> Source? {
    if let source = session.memory[Read.self]?[name] { return source }
    let version = try session.first(
      of: DocumentStatement.version, .text(Source.documentKind), .text(name)
    ) { $0.integer(0) }
    if knownSources[name]?.version != version { knownSources[name] = try DocumentFold.source(name, in: session) }
    session.memory[Read.self, default: [:]][name] = knownSources[name]
    return knownSources[name]
  }

  /// The id of the customer whom the event stands with, where recognition could tell it or else by a look.
  ///
  /// An anonymous source is not told whom it spoke of.
  private func customer(
    _ outcome: Outcome, _ told: String?, for source: Source, in session: any Session
  ) throws -> String? {
    guard source.trust == .verified, let origin = outcome.origin else { return nil }
    if let told { return told }
    return try session.first(of: ProfileStatement.publicID, .integer(origin)) { $0.text(0) }
  }

  // MARK: Requests

  /// Records what a request asks for as an event of its own kind, unless its message is in the log already.
  ///
  /// The same message again is a duplicate, whatever was decided since; the same id with another body is a conflict, and
  /// nothing of it counts. An Idempotency-Key holds for one path: the same id for another kind, name or customer is
  /// another message. Nothing is written before `decide` has returned.
  ///
  /// - Parameters:
  ///   - event: what is asked, by `Event.request`.
  ///   - origin: where it stands: the origin that the request names; none for what is about the shop itself.
  ///   - author: the source, for example `api:ann`.
  ///   - decide: completes the outcome of a message that is new; what it throws refuses the request.
  package func record(
    _ event: Event, at origin: Origin.Number?, author: String, in session: any Session,
    decide: (inout Outcome) throws -> Void = { _ in }
  ) throws -> Answer {
    if let known = try messages.find(author, event.messageID, in: session), Protection.holds("request.once") {
      guard let entry = try EventLog.entry(known, in: session) else {
        throw Failure(.internal, "the log is damaged", cause: "a message without event", hint: "throughline verify")
      }
      let isOfOnePath =
        try event.kind == entry.event.kind && event.name == entry.event.name
        && leader(of: origin, in: session)?.number == leader(of: entry.outcome.origin, in: session)?.number
      guard isOfOnePath else {
        guard let elsewhere = event.elsewhere(at: origin) else { return .conflict(sequence: known) }
        return try record(elsewhere, at: origin, author: author, in: session, decide: decide)
      }
      guard event.isSame(as: entry.event) else { return .conflict(sequence: known) }
      return .duplicate(
        sequence: known, customer: try leader(of: origin, in: session)?.publicID, result: entry.outcome.result)
    }
    var outcome = Outcome(.matched, origin: origin)
    try decide(&outcome)
    let sequence = try EventLog.last(in: session) + 1
    _ = try messages.insert(author, event.messageID, at: sequence, in: session)
    try append(
      LogEntry(sequence: sequence, source: author, channel: Self.requestChannel, event: event, outcome: outcome),
      in: session)
    return .accepted(
      sequence: sequence, customer: try leader(of: origin, in: session)?.publicID, result: outcome.result)
  }

  /// What stands for the channel of whatever came by a request.
  static let requestChannel = "api"

  private func leader(of origin: Origin.Number?, in session: any Session) throws -> Origin? {
    try origin.map { try OriginStore.leader(of: $0, in: session) }
  }

  // MARK: Documents

  /// Stores a new version of a document and answers its place in the log when it is durable.
  ///
  /// - Parameters:
  ///   - kind: what it is, for example `source`.
  ///   - id: which one of its kind.
  ///   - body: the document as JSON, validated by the caller.
  ///   - author: the source of the change, for example `api:ann` or `cli`.
  ///   - create: whether it is refused with `conflict` when there is one already.
  ///   - decide: completes the outcome.
  package func store(
    kind: String, id: String, body: [UInt8], author: String, at: Instant, create: Bool, in session: any Session,
    decide: (inout Outcome) throws -> Void = { _ in }
  ) throws -> Int64 {
    if create {
      let version = try session.first(of: DocumentStatement.version, .text(kind), .text(id)) { $0.integer(0) } ?? 0
      guard version == 0 else { throw Failure(.conflict, "there is a \(kind) of that name already") }
    }
    session.memory[Read.self] = nil
    Rules.forget(in: session)
    var outcome = Outcome(.matched, origin: nil)
    try decide(&outcome)
    let event = DocumentFold.event(kind: kind, id: id, body: body, messageID: tokens.next("doc_"), at: at)
    let sequence = try EventLog.last(in: session) + 1
    _ = try messages.insert(author, event.messageID, at: sequence, in: session)
    try append(
      LogEntry(sequence: sequence, source: author, channel: Self.requestChannel, event: event, outcome: outcome),
      in: session)
    return sequence
  }
}

/// Sources that need not be read again as long as their versions stay.
private final class KnownSources: Sendable {
  private let sources = Mutex<[String: Source]>([:])

  subscript(_ name: String) -> Source? {
    get { sources.withLock { $0[name] } }
    set { sources.withLock { $0[name] = newValue } }
  }

  func empty() { sources.withLock { $0 = [:] } }
}
