import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

/// A shop that sells: documents by their JSON, customers by what they say of themselves, events by what sources send.
struct Shop {
  let store: TestStore

  init(_ directory: TemporaryDirectory = TemporaryDirectory(), chance: UInt64 = 1) throws {
    store = try TestStore(directory, chance: chance, hasCommerce: true)
    guard try store.database.read({ try DocumentFold.source("site", in: $0) }) == nil else { return }
    for name in ["site", "till"] {
      try store.add(Source(name: name, channel: name == "site" ? "web" : "store", trust: .verified))
    }
  }

  static let kinds = Commerce.documentKinds

  /// Stores a document, and answers what that came to.
  @discardableResult
  func put(_ kind: String, _ json: String) throws -> DocumentStore.Change {
    let kind = try #require(Self.kinds.first { $0.name == kind })
    let draft = try kind.draft(JSONDocument(Array(json.utf8)).root)
    let (now, intake) = (store.clock.now, store.intake)
    return try store.database.write { session in
      try DocumentStore.put(draft, author: "test", at: now, through: intake, in: session)
    }
  }

  /// Sends an event of a source that names a user.
  @discardableResult
  func send(
    _ body: String, of user: String? = nil, from source: String = "site", kind: Event.Kind = .track,
    name: String? = nil, at: Instant? = nil, id: String? = nil
  ) throws -> Int64 {
    let root = try JSONDocument(Array(body.utf8)).root
    let mentions = (user ?? "nobody").isEmpty ? [] : [Identifier(.userID, user ?? "nobody")].compactMap { $0 }
    let traits = root["traits"]?.members.map { name, value in
      Event.Trait(Event.TraitPlace(name: name, parent: "/traits", member: name), value: value.bytes)
    }
    let event = Event(
      kind: kind, name: name, messageID: id ?? store.tokens.next("msg_"), at: at ?? store.clock.now, originalAt: nil,
      sentAt: nil, receivedAt: store.clock.now, body: Array(body.utf8), envelope: nil,
      mentions: mentions.map { Event.Mention($0, isProved: false) }, traits: traits ?? [])
    return try store.send([event], from: source).answers[0].sequence
  }

  /// The leading origin of a user's customer.
  func leader(_ user: String) throws -> Origin.Number {
    try store.database.read { session in
      let name = try #require(CustomerName("user_id:\(user)", country: nil))
      guard case .customer(let leader) = try Lookup.find(name, in: session) else {
        throw Failure(.notFound, "nobody is \(user)")
      }
      return leader
    }
  }

  func quote(_ lines: [(sku: String, quantity: Quantity)], _ context: PricingContext) throws -> Quote {
    try store.database.read { try Pricing.quote(lines: lines, context: context, in: $0) }
  }

  func context(_ currency: String = "RUB", of customer: Origin.Number? = nil, coupons: [String] = []) throws
    -> PricingContext
  {
    PricingContext(
      currency: try #require(Currency(currency)), customer: customer, coupons: coupons, now: store.clock.now)
  }

  /// Records a request about nobody's or a customer's things, decided by `decide`.
  @discardableResult
  func request(
    _ name: String, _ kind: Event.Kind = .order, at origin: Origin.Number? = nil, id: String? = nil,
    decide: @escaping @Sendable (inout Outcome, any Session) throws -> Void
  ) throws -> Int64 {
    let event = Event.request(
      kind, name: name, body: Array("{}".utf8), messageID: id ?? store.tokens.next("req_"), at: store.clock.now)
    let intake = store.intake
    return try store.database.write { session in
      try intake.record(event, at: origin, author: "api:test", in: session) { try decide(&$0, session) }.sequence
    }
  }

  /// What neither verify nor replay may find.
  func findings() throws -> [String] {
    try (store.verify() + store.replay()).map { "\($0)" }
  }
}
