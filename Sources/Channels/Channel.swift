package import Base
package import Customers

/// An adapter: what reads one kind of sender, in the words that the sender has.
///
/// A source whose document names its kind posts to `/hooks/{source}`. Whoever asks has been let in as the source by
/// then. What a delivery says is told as events with identifiers, and with what it proves by itself, such as a
/// signature; what the source's document lets it prove is decided later.
package protocol Channel: Sendable {
  /// Reads a delivery; a bad item takes no good one with it.
  ///
  /// - Throws: `invalid` where the delivery as a whole is none, `tooLarge` where it has too many items; `JSONFailure`
  ///   where it is JSON and cannot be read.
  func receive(_ delivery: Delivery) throws -> Reception

  /// What may be kept of a delivery that cannot be read, for the one who mends the sender.
  func redacted(_ body: [UInt8]) -> [UInt8]
}

/// What came in one request.
package struct Delivery: Sendable {
  package var headers: [(name: String, value: String)]
  package var query: [(name: String, value: String)]
  package var body: [UInt8]
  package var receivedAt: Instant
  /// Two letters of ISO 3166-1: where telephone numbers are dialled that name no country.
  package var country: String?

  package init(
    headers: [(name: String, value: String)] = [], query: [(name: String, value: String)] = [], body: [UInt8],
    receivedAt: Instant, country: String? = nil
  ) {
    self.headers = headers
    self.query = query
    self.body = body
    self.receivedAt = receivedAt
    self.country = country
  }
}

/// One event, understood or refused with what is wrong, which points from the item.
package enum Inbound: Sendable {
  case event(Event)
  case refused(messageID: String?, faults: [Failure.Fault], body: [UInt8])
}

/// What a delivery said.
package struct Reception: Sendable {
  package var items: [Inbound]
  /// The JSON Pointer (RFC 6901) to the list of items; nil where there is one item and it is the body.
  package var list: String?
  /// The field by which an item counts once, and what is said of a second body under its value.
  package var taken: Failure.Fault

  package init(items: [Inbound], list: String?, taken: Failure.Fault) {
    self.items = items
    self.list = list
    self.taken = taken
  }
}
