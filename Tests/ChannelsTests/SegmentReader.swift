import Base
import Channels
import Customers
import TestKit
import Testing

let clock = TurnedClock()
let tokens = TokenSource(clock: clock, randomness: SeededRandomness(seed: 3))

func read(_ text: String, _ call: SegmentCall = .batch) throws -> [SegmentCall.Item] {
  try call.items(of: JSONDocument(Array(text.utf8)).root, receivedAt: clock.now, tokens: tokens)
}

extension SegmentCall.Item {
  var event: Event? { if case .event(let event) = self { event } else { nil } }
  var faults: [Failure.Fault] { if case .refused(_, let faults, _) = self { faults } else { [] } }
  var keptBody: [UInt8]? { if case .refused(_, _, let body) = self { body } else { nil } }
}

/// The event that a single call carries.
func event(_ text: String, _ kind: Event.Kind = .track) throws -> Event {
  let item = try read(text, .single(kind))[0]
  return try #require(item.event, "\(item.faults)")
}

func who(_ event: Event) -> [String] {
  event.mentions.map { "\($0.identifier.type.name):\($0.identifier.value)" }
}

func traits(_ event: Event) -> [String] {
  event.traits.map { "\($0.place.name)=\(String(decoding: $0.value, as: UTF8.self))" }
}
