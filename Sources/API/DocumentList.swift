import Base
import Customers
import HTTP
import SQL

/// Documents of one kind that come as a list, thousands at once: each is stored by its key, and a bad one takes none of
/// the good ones with it.
///
/// They go into the log in transactions of a few hundred, one after the other, so that what others write goes between
/// them. What an ended connection leaves half done is done by sending the list again: what is there already is unchanged.
struct DocumentList: Sendable {
  /// A file of 1C has as many in a part; more come in several lists.
  static let most = 10_000
  /// What so many of a kilobyte and a half come to, in bytes.
  static let longest = 16 << 20
  /// Documents in one transaction: about ten milliseconds of the writer's time.
  private static let step = 200

  let services: Services
  let kind: DocumentKind
  /// What tells an item of a wrong one from the others in the answer.
  let label: @Sendable (JSON) -> String?
  let author: String
  let exchange: Exchange

  private struct Item: Sendable {
    var name: String?
    var draft: DocumentDraft?
    var faults: [Failure.Fault] = []
    var status: DocumentSet.Line.Effect?
  }

  /// Stores the documents of a body and answers one result for each.
  func store(_ body: [UInt8]) {
    // Off the loop: so many documents take a while to read.
    services.database.read { _ in
      try read(body)
    } then: { (result: Result<[Item], any Error>) in
      do {
        store(try result.get(), from: 0, sequence: nil)
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
        return Item(name: label(element), faults: faults)
      } catch {
        return Item(name: label(element), faults: [.init("/\(index)", "is wrong")])
      }
    }
  }

  /// Stores the next few from a place on, and then those behind them.
  private func store(_ items: [Item], from start: Int, sequence: Int64?) {
    let chunk = start..<min(start + Self.step, items.count)
    guard !chunk.isEmpty else { return answer(items, sequence) }
    let now = services.clock.now
    let weight = items[chunk].reduce(0) { $0 + ($1.draft?.body.range.count ?? 0) }
    services.database.write(weight: weight) { [services, author] session -> [DocumentStore.Change?] in
      try items[chunk].map { item in
        try item.draft.map {
          try DocumentStore.put($0, author: author, at: now, through: services.intake, in: session)
        }
      }
    } then: { (result: Result<[DocumentStore.Change?], any Error>) in
      do {
        var (items, sequence) = (items, sequence)
        for (index, change) in zip(chunk, try result.get()) {
          guard let change else { continue }
          items[index].status = change.effect
          items[index].draft = nil
          sequence = max(sequence ?? 0, change.document.sequence)
        }
        store(items, from: chunk.upperBound, sequence: sequence)
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }

  private func answer(_ items: [Item], _ sequence: Int64?) {
    var writer = JSONWriter(capacity: 64 * items.count + 256)
    writer.object { writer in
      for effect in [DocumentSet.Line.Effect.created, .changed, .unchanged] {
        writer.field(effect.rawValue, items.count { $0.status == effect })
      }
      writer.field("invalid", items.count { $0.status == nil })
      writer.key("results")
      writer.array { writer in for item in items { write(item, to: &writer) } }
    }
    var response = Response.json(writer.bytes)
    if let sequence { response.set("Throughline-Sequence", "\(sequence)") }
    exchange.respond(response)
  }

  private func write(_ item: Item, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", orNull: item.name)
      writer.field("status", item.status?.rawValue ?? "invalid")
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

extension DocumentStore.Change {
  fileprivate var effect: DocumentSet.Line.Effect {
    switch self {
    case .created: .created
    case .changed: .changed
    case .unchanged: .unchanged
    }
  }
}
