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
