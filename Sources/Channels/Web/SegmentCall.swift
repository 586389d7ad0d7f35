package import Base
package import Customers

/// Segment's tracking API (segment.com/docs/connections/spec) as its and RudderStack's SDKs speak it.
package enum SegmentCall: Sendable, Hashable {
  /// One event of the kind that the path names.
  case single(Event.Kind)
  /// A list of events, each of the kind that it names.
  case batch
  /// A batch of old events, whose times stand as they are.
  case historicalBatch

  /// One event is at most 32 KiB of JSON, as with Segment.
  package static let longestEvent = 32 << 10
  /// A batch has at most 2,500 events, as with Segment.
  package static let mostEvents = 2500
  /// A request is at most 4 MB, as with RudderStack (Segment: 500 KB), packed or not.
  package static let longestRequest = 4 << 20
  /// A message's id has at most 100 characters.
  package static let longestMessageID = 100

  /// One event of a call, understood or refused.
  package enum Item: Sendable {
    case event(Event)
    case refused(messageID: String?, faults: [Failure.Fault], body: [UInt8])
  }

  /// Reads the events of a call.
  ///
  /// A bad one takes no good one with it.
  ///
  /// - Throws: `invalid` where the call as a whole is none, `tooLarge` where it has too many events.
  package func items(of body: JSON, receivedAt: Instant, tokens: TokenSource) throws -> [Item] {
    guard body.kind == .object else {
      throw Failure(.invalid, "the body is no object", faults: [.init("", "is no object")])
    }
    switch self {
    case .single(let kind):
      return [SegmentItem(body, batch: nil, isImport: false).read(kind, receivedAt: receivedAt, tokens: tokens)]
    case .batch, .historicalBatch:
      guard let list = body["batch"], list.kind == .array else {
        throw Failure(.invalid, "a batch is an object with a list", faults: [.init("/batch", "is missing or no list")])
      }
      guard list.count > 0 else {
        throw Failure(.invalid, "the batch is empty", faults: [.init("/batch", "has no events")])
      }
      guard list.count <= Self.mostEvents else {
        throw Failure(
          .tooLarge, "a batch has at most \(Self.mostEvents) events",
          faults: [.init("/batch", "has \(list.count) events")])
      }
      return list.elements.map { item in
        SegmentItem(item, batch: body, isImport: self == .historicalBatch)
          .read(nil, receivedAt: receivedAt, tokens: tokens)
      }
    }
  }
}
