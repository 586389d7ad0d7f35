import Base
import Customers
import TestKit
import Testing

@testable import Channels

private let end = Instant(milliseconds: 1_767_225_600_000)

private func calls(scale: Int, seed: UInt64 = 1) -> [PracticeTown.Call] {
  var town = PracticeTown(scale: scale, seed: seed, until: end)
  var calls: [PracticeTown.Call] = []
  while case let next = town.next(), !next.isEmpty { calls += next }
  return calls
}

/// Each event of a town with its source, as the intake will read it.
private func events(scale: Int, seed: UInt64 = 1) throws -> [(source: String, event: Event)] {
  let tokens = TokenSource(clock: TurnedClock(), randomness: SeededRandomness(seed: 1))
  return try calls(scale: scale, seed: seed).flatMap { call in
    let items = try SegmentCall.batch.items(
      of: JSONDocument(call.body).root, receivedAt: call.receivedAt, tokens: tokens)
    #expect(items.count == call.count)
    return items.compactMap { (item) -> (source: String, event: Event)? in
      guard case .event(let event) = item else {
        Issue.record("refused: \(item)")
        return nil
      }
      return (call.source, event)
    }
  }
}

@Suite struct PracticeTownTests {
  @Test func `a town is the same for the same scale, seed and end, and another for another`() {
    let one = calls(scale: 30)
    let again = calls(scale: 30)
    #expect(one.map { $0.body } == again.map { $0.body } && one.map { $0.receivedAt } == again.map { $0.receivedAt })
    for other in [calls(scale: 30, seed: 2), calls(scale: 31)] {
      #expect(Set(one.map { $0.body }).isDisjoint(with: other.map { $0.body }))
    }
  }

  @Test func `calls come in order, within a year, and each event is understood`() throws {
    let received = calls(scale: 100).map { $0.receivedAt }
    #expect(received == received.sorted() && received.allSatisfy { $0 <= end && $0 > end - .seconds(366 * 86_400) })
    let events = try events(scale: 100)
    #expect(events.allSatisfy { $0.event.at <= $0.event.receivedAt && $0.event.originalAt == $0.event.at })
    let names = try PracticeTown.sources(.few).map { $0.name }
    #expect(Set(events.map { $0.source }) == Set(names))
  }

  @Test func `everybody does something, nobody too much, and some of it comes late or twice`() throws {
    let events = try events(scale: 200)
    var messages: [String: Set<String>] = [:]
    for (_, event) in events {
      messages[event.messageID.split(separator: "-").prefix(2).joined(separator: "-"), default: []]
        .insert(event.messageID)
    }
    #expect(messages.count == 200)
    #expect(messages.values.allSatisfy { PracticeTown.events.contains($0.count) })
    let twice = events.count - messages.values.reduce(0) { $0 + $1.count }
    #expect((1...events.count / 50).contains(twice))
    let late = events.filter { $0.source == PracticeTown.till && $0.event.receivedAt > $0.event.at + .seconds(3700) }
    #expect(late.count > events.count / 200)
  }

  @Test func `families share a telephone, and what people are called is written in two scripts`() {
    let people = (0..<300).map { PracticePerson($0, of: "t", seed: 1) }
    let phones = Dictionary(grouping: people) { $0.phone }.values
    #expect(phones.contains { $0.count == 3 } && phones.contains { $0.count == 1 } && !phones.contains { $0.count > 3 })
    for family in phones where family.count > 1 { #expect(Set(family.map { $0.city }).count == 1) }
    #expect(people.contains { $0.isRussian } && people.contains { !$0.isRussian })
    #expect(people.allSatisfy { Identifier(.phone, $0.phone) != nil && Identifier(.email, $0.email) != nil })
    #expect(Set(people.map { $0.email }).count == 300)
  }

  @Test func `at all doors every call is understood, the till's as receipts, and nothing is said twice in two ways`()
    throws
  {
    var town = PracticeTown(scale: 150, seed: 1, until: end, doors: .all)
    let sources = try PracticeTown.sources(.all)
    let channels = Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0.channel) })
    var said: [String: [UInt8]] = [:]
    var (came, names) = ([:] as [String: Int], Set<String>())
    while case let calls = town.next(), !calls.isEmpty {
      for call in calls {
        let items = try items(of: call)
        #expect(items.count == call.count)
        for item in items {
          guard case .event(let event) = item else {
            Issue.record("refused: \(item)")
            continue
          }
          came[channels[call.source] ?? "", default: 0] += 1
          names.insert(event.name ?? "")
          #expect(said["\(call.source) \(event.messageID)", default: event.body] == event.body)
          #expect(event.at == event.originalAt && event.at <= end)
          said["\(call.source) \(event.messageID)"] = event.body
        }
      }
    }
    #expect(Set(came.keys) == ["web", "app", "site", "store", "phone", "chat", "email", "sms"])
    #expect(came.values.allSatisfy { $0 > 20 }, "\(came)")
    #expect(names.isSuperset(of: ["Order Completed", "Order Refunded", "Message Received", "SMS Received"]))
    #expect(sources.filter { $0.kind == .till }.map { $0.channel } == ["store"])
  }

  private func items(of call: PracticeTown.Call) throws -> [Inbound] {
    if call.path == "/v1/batch" {
      let tokens = TokenSource(clock: TurnedClock(), randomness: SeededRandomness(seed: 1))
      return try SegmentCall.batch.items(of: JSONDocument(call.body).root, receivedAt: end, tokens: tokens)
    }
    #expect(call.path == "/hooks/\(call.source)")
    let items = try TillChannel().receive(Delivery(body: call.body, receivedAt: end)).items
    for case .event(let event) in items {
      #expect(try JSONDocument(event.body).root["properties"]?["defects"] == nil, "the practice till adds up")
    }
    return items
  }

  @Test func `registered people of one telephone know of each other`() {
    let customers = Array(PracticeTown.customers(scale: 300, seed: 1))
    let related = customers.filter { $0.relative != nil }
    #expect((200..<250).contains(customers.count) && (20..<100).contains(related.count))
    for customer in related {
      let other = customers.first { $0.userID == customer.relative }
      #expect(other.map { $0.number > customer.number && $0.number < customer.number + PracticeTown.family } == true)
    }
  }

  @Test func `a word is mistyped by two letters that change places`() {
    var chance = PracticeChance(3)
    for word in ["anna@example.com", "Пётр", "abc"] {
      let typed = PracticeNames.mistyped(word, &chance)
      #expect(typed.sorted() == word.sorted() && typed.first == word.first)
    }
    #expect(PracticeNames.mistyped("ab", &chance) == "ab")
  }

  @Test(arguments: UInt64(1)...20)
  func `a queue gives back in order what came in any`(seed: UInt64) {
    var chance = PracticeChance(seed)
    let numbers = (0..<Int(seed) * 5).map { _ in Int.random(in: 0..<50, using: &chance) }
    var queue = PracticeQueue<Int> { $0 < $1 }
    for number in numbers { queue.insert(number) }
    var told: [Int] = []
    while let first = queue.first {
      #expect(queue.popFirst() == first)
      told.append(first)
    }
    #expect(told == numbers.sorted() && queue.popFirst() == nil)
  }
}
