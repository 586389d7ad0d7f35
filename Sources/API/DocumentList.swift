import Base
import Customers
import HTTP
import SQL

/// Documents of one kind that come as a list, thousands at once: each is stored by its key, and a bad one takes none of
/// the good ones with it.
///
/// They go into the log in transactions of a few hundred, one after the other, so that what others write goes between
/// them. What a stopped server leaves half done is done by sending the list again: what is there already is unchanged, and
/// under the same Idempotency-Key the list goes on where it was.
struct DocumentList: Sendable {
  /// A file of 1C has as many in a part; more come in several lists.
  static let most = 10_000
  /// What so many of a kilobyte and a half come to, in bytes.
  static let longest = 16 << 20
  /// Documents in one transaction: about ten milliseconds of the writer's time.
  static let step = 200

  private let services: Services
  private let kind: DocumentKind
  /// The member that tells a wrong document from the others in the answer.
  private let label: String
  private let key: AccessKey
  private let idempotencyKey: String?
  private let target: String
  private let now: Instant
  private let exchange: Exchange

  /// - Throws: `invalid` where the Idempotency-Key is none.
  init(
    of kind: DocumentKind, label: String, _ request: borrowing Request, by key: AccessKey, _ services: Services,
    _ exchange: Exchange
  ) throws {
    (self.services, self.kind, self.label, self.key, self.exchange) = (services, kind, label, key, exchange)
    idempotencyKey = try CustomerRequest.idempotencyKey(request)
    target = "\(request.method.name) \(request.path)"
    now = services.clock.now
  }

  /// The route that stores a list of a kind.
  static func endpoint(
    _ path: String, _ kind: DocumentKind, label: String, _ operation: Operation, _ services: Services
  ) -> Endpoint {
    Endpoint(.put, path, operation, options: RouteOptions(maximumBody: longest)) { request, exchange in
      services.authorising(kind.writers, request, exchange) { key in
        try DocumentList(of: kind, label: label, request, by: key, services, exchange).store(request.copyBody())
      }
    }
  }

  private struct Item: Sendable {
    var name: String?
    var draft: DocumentDraft?
    var faults: [Failure.Fault] = []
  }

  /// What becomes of an item, with the letter under which a kept request has it.
  private enum Outcome: Character, CaseIterable {
    case created = "c"
    case changed = "d"
    case unchanged = "u"
    case invalid = "i"

    var word: String { "\(self)" }

    init(_ change: DocumentStore.Change) {
      switch change {
      case .created: self = .created
      case .changed: self = .changed
      case .unchanged: self = .unchanged
      }
    }
  }

  /// How far the list is: the outcomes of its first items, and the place in the log that holds them.
  private struct Progress: Sendable {
    var outcomes: [Outcome] = []
    var sequence: Int64 = 0
  }

  /// Another list came under the Idempotency-Key.
  private struct Other: Error {}

  /// Stores the documents of a body and answers one result for each.
  func store(_ body: [UInt8]) {
    // Off the loop: so many documents take a while to read.
    services.database.read { _ in
      let kept = idempotencyKey.map { KeptRequest(by: key.id, $0, target, body: body, at: now) }
      return (try read(body), kept)
    } then: { (result: Result<([Item], KeptRequest?), any Error>) in
      do {
        let (items, kept) = try result.get()
        store(items, after: Progress(), kept)
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  private func read(_ body: [UInt8]) throws -> [Item] {
    let root = try JSONDocument(body).root
    guard root.kind == .array else {
      throw Failure(.invalid, "the body is a list", faults: [.init("", "is no list of documents")])
    }
    guard root.count <= Self.most else {
      let reason = "has more than \(Self.most) documents"
      throw Failure(.tooLarge, "the list \(reason)", faults: [.init("", reason)])
    }
    return root.elements.enumerated().map { index, element in
      do {
        let draft = try kind.draft(element)
        return Item(name: draft.id, draft: draft)
      } catch let failure as Failure where !failure.faults.isEmpty {
        let faults = failure.faults.map { Failure.Fault("/\(index)\($0.pointer)", $0.reason) }
        return Item(name: element.member(label)?.string, faults: faults)
      } catch {
        return Item(name: element.member(label)?.string, faults: [.init("/\(index)", "is wrong")])
      }
    }
  }

  /// Stores the next few, and then those behind them.
  private func store(_ items: [Item], after progress: Progress, _ kept: KeptRequest?) {
    let chunk = items.dropFirst(progress.outcomes.count).prefix(Self.step)
    let weight = chunk.reduce(0) { $0 + ($1.draft?.body.range.count ?? 0) }
    services.database.write(weight: weight) { session in
      try store(chunk, after: progress, kept, in: session)
    } then: { (result: Result<Progress, any Error>) in
      do {
        let progress = try result.get()
        if progress.outcomes.count < items.count { return store(items, after: progress, kept) }
        answer(items, progress)
      } catch is Other {
        exchange.respond(CustomerRequest.taken)
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  /// Stores a few in their transaction, unless the same request came as far before.
  private func store(
    _ chunk: ArraySlice<Item>, after progress: Progress, _ kept: KeptRequest?, in session: any Session
  ) throws -> Progress {
    switch try kept?.known(in: session) {
    case .other: throw Other()
    case .same(let letters, let sequence) where letters.count > progress.outcomes.count || chunk.isEmpty:
      return Progress(outcomes: letters.compactMap { Outcome(rawValue: $0) }, sequence: sequence)
    case .same, nil: break
    }
    var progress = progress
    let (author, now) = (Event.requestSource + key.name, services.clock.now)
    for item in chunk {
      guard let draft = item.draft else {
        progress.outcomes.append(.invalid)
        continue
      }
      let change = try DocumentStore.put(draft, author: author, at: now, through: services.intake, in: session)
      progress.outcomes.append(Outcome(change))
      progress.sequence = max(progress.sequence, change.document.sequence)
    }
    // What changes nothing stands where the log ends.
    if progress.sequence == 0 { progress.sequence = try EventLog.last(in: session) }
    try kept?.keep(made: String(progress.outcomes.map { $0.rawValue }), sequence: progress.sequence, in: session)
    return progress
  }

  private func answer(_ items: [Item], _ progress: Progress) {
    var writer = JSONWriter(capacity: 64 * items.count + 256)
    writer.object { writer in
      for outcome in Outcome.allCases {
        writer.field(outcome.word, progress.outcomes.count { $0 == outcome })
      }
      writer.key("results")
      writer.array { writer in
        for (item, outcome) in zip(items, progress.outcomes) { write(item, outcome, to: &writer) }
      }
    }
    var response = Response.json(writer.bytes)
    response.set("Throughline-Sequence", "\(progress.sequence)")
    exchange.respond(response)
  }

  private func write(_ item: Item, _ outcome: Outcome, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", orNull: item.name)
      writer.field("status", outcome.word)
      guard !item.faults.isEmpty else { return }
      writer.key("errors")
      writer.array { writer in
        for fault in item.faults {
          writer.object { writer in
            writer.field("pointer", fault.pointer)
            writer.field("reason", fault.reason)
          }
        }
      }
    }
  }
}
