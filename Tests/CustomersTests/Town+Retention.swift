import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// A class of pages.
  static let pages = #"{"name": "pages", "type": "page", "days": 30}"#

  /// A customer with old pages and new ones.
  static func withPages(_ classes: [String] = [pages]) throws -> Town {
    let town = try Town()
    for document in classes { try town.retain(document) }
    try town.send("user_id:u1 card:C1", from: "till")
    for (id, name, days, hours) in [
      ("p1", "Home", 40, 0), ("p2", "Home", 40, 0.5), ("p3", "Sale", 40, 1), ("p4", "Home", 31, 0),
      ("p5", "Home", 1, 0),
    ] as [(String, String, Double, Double)] {
      try town.view(name, hoursAgo: 24 * days - hours, id: id)
    }
    return town
  }

  /// The entries of a kind.
  func entries(_ kind: Event.Kind) throws -> [LogEntry] { try log().filter { $0.event.kind == kind } }

  /// Stores a class of events.
  func retain(_ document: String) throws {
    let draft = try DocumentKind.retention.draft(JSONDocument(Array(document.utf8)).root)
    let now = store.clock.now
    _ = try store.database.write { [intake = store.intake] session in
      try DocumentStore.put(draft, author: "test", at: now, through: intake, in: session)
    }
  }

  /// Makes the old events of a class into summaries, as a run does that was asked for so many days from now.
  @discardableResult
  func sumUp(_ name: String, daysOn: Int64 = 0) throws -> RetentionReceipt {
    while try store.database.write({ try ComputedStore.step(in: $0) }) {}
    let (asked, retention, id) = (
      store.clock.now + .seconds(daysOn * 86_400), store.retention, store.tokens.next("job_")
    )
    var receipt = RetentionReceipt()
    while let page = try store.database.read({ [receipt] in
      try retention.page(name, asked: asked, after: receipt, in: $0)
    }) {
      receipt = try store.database.write { try retention.sumUp(page, name, asked: asked, in: $0) }
    }
    let (done, now) = (receipt, store.clock.now)
    return try store.database.write { try retention.record(done, of: name, job: id, at: now, in: $0) }
  }

  /// A page that somebody looked at, so many hours before the clock's time.
  func view(
    _ name: String, hoursAgo: Double, id: String? = nil, who: String = "user_id:u1", from source: String = "backend"
  ) throws {
    try happens(
      #"{"name": "\#(name)", "properties": {"url": "/\#(name)"}}"#, name, who: who, hoursAgo: hoursAgo, id: id,
      from: source, kind: .page)
  }

  /// The customer's timeline, newest first: kind and name, of a summary what it counts.
  func timeline(_ name: String = "user_id:u1") throws -> [String] {
    let leader = try leader(name)
    return try store.database.read { session in
      try Timeline.page(ofCustomer: leader, limit: 500, in: session).events.map { shown in
        let event = try #require(try EventLog.entry(shown.sequence, in: session)).event
        guard event.kind == .summary, let summary = EventSummary(body: event.body) else {
          return "\(event.kind.rawValue) \(event.name ?? "-")"
        }
        let counts = summary.counts.map { "\(String(decoding: $0.name, as: UTF8.self)) \($0.count)" }
        return "summary \(event.name ?? "-"): \(counts.joined(separator: ", "))"
      }
    }
  }
}
