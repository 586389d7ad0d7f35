import Base
import Channels
import Customers
import Testing

/// What every adapter owes, whatever its sender speaks: one call in the tests of each.
enum ChannelConformance {
  private static let received = Instant(milliseconds: 1_767_400_000_000)

  /// Holds an adapter to a delivery of its sender that is good from the first item to the last.
  static func check(_ channel: any Channel, _ body: String) throws {
    let events = try events(channel, Delivery(body: Array(body.utf8), receivedAt: received))
    #expect(!events.isEmpty)
    for event in events {
      #expect(event.kind.isSegments && event.at <= event.receivedAt && event.receivedAt == received)
      #expect((1...SegmentCall.longestMessageID).contains(event.messageID.unicodeScalars.count))
      #expect(!event.mentions.isEmpty, "an event of nobody has no place")
      #expect(throws: Never.self) { try JSONDocument(event.body) }
    }
    // A retry is the same message and says the same, also where a setting has changed since.
    let again = try self.events(
      channel, Delivery(body: Array(body.utf8), receivedAt: received + .seconds(100_000), country: "RU"))
    #expect(
      again.map { $0.messageID } == events.map { $0.messageID } && again.map { $0.body } == events.map { $0.body })
    #expect(again.map { $0.at } == events.map { $0.at })
    try checkRubbish(channel, Array(body.utf8))
  }

  private static func events(_ channel: any Channel, _ delivery: Delivery) throws -> [Event] {
    try channel.receive(delivery).items.map { item in try #require(item.event, "\(item.faults)") }
  }

  /// Whatever comes, it is read or refused in words, and what is kept of it is no longer than it was.
  private static func checkRubbish(_ channel: any Channel, _ body: [UInt8]) throws {
    var generator = SplitMix64(seed: 7)
    let cut = stride(from: 0, to: body.count, by: 7).map { Array(body[..<$0]) }
    let mixed = (0..<500).map { _ in
      var bytes = body
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
      }
      return bytes
    }
    for bytes in cut + mixed + ["", "null", "[null]", "{}", "[[]]", "\u{0}"].map({ Array($0.utf8) }) {
      do {
        for item in try channel.receive(Delivery(body: bytes, receivedAt: received)).items {
          guard case .refused(_, let faults, let kept) = item else { continue }
          #expect(!faults.isEmpty && kept.count <= bytes.count + 1)
        }
      } catch let failure as Failure {
        #expect([.invalid, .tooLarge].contains(failure.code) && !failure.faults.isEmpty)
      } catch {
        #expect(error is JSONFailure)
      }
      // A byte that is no text becomes U+FFFD, which has three.
      #expect(channel.redacted(bytes).count <= 3 * bytes.count)
    }
  }
}
