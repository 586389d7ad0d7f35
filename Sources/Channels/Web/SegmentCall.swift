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
  /// What comes once for a whole batch is at most as long as an event, and as long as a request when it is kept with each.
  ///
  /// Else a small request would fill the disk.
  package static let longestEnvelope = 32 << 10
  /// An event names at most 20 ids beside its own: nobody has more, and each opens a place.
  package static let mostExternalIDs = 20
  /// An event states at most 64 preferences: no shop asks for more purposes, and each that changes is a row for good.
  package static let mostPreferences = 64
  /// A message's id has at most 100 characters.
  package static let longestMessageID = 100

  /// One event of a call, understood or refused.
  package typealias Item = Inbound

  /// Reads the events of a call.
  ///
  /// A bad one takes no good one with it.
  ///
  /// - Parameter country: two letters of ISO 3166-1: where national telephone numbers are dialled when an event has no
  ///   address that says so.
  /// - Throws: `invalid` where the call as a whole is none, `tooLarge` where it has too many events.
  package func items(
    of body: JSON, receivedAt: Instant, country: String? = nil, tokens: TokenSource
  ) throws -> [Item] {
    guard body.kind == .object else {
      throw Failure(.invalid, "the body is no object", faults: [.init("", "is no object")])
    }
    switch self {
    case .single(let kind):
      return [SegmentItem(body, country: country).read(kind, receivedAt: receivedAt, tokens: tokens)]
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
      let envelope = try Self.envelope(of: body, events: list.count)
      return list.elements.map { item in
        SegmentItem(item, batch: body, envelope: envelope, country: country, isImport: self == .historicalBatch)
          .read(nil, receivedAt: receivedAt, tokens: tokens)
      }
    }
  }

  /// What came once for the batch and holds for each of its events too.
  private static func envelope(of batch: JSON, events: Int) throws -> [UInt8]? {
    guard batch["context"] != nil || batch["integrations"] != nil else { return nil }
    var writer = JSONWriter()
    writer.object { writer in
      for name in ["context", "integrations"] {
        guard let value = batch.member(name) else { continue }
        writer.key(name)
        if name == "context" { writer.raw(value.withoutEvidence()) } else { writer.raw(value) }
      }
    }
    guard writer.bytes.count <= longestEnvelope, writer.bytes.count * events <= longestRequest else {
      throw Failure(
        .tooLarge, "the batch's context is too long for \(events) events", faults: [.init("/context", "is too long")])
    }
    return writer.bytes
  }
}
