import Base

/// What mail services say became of a message, by the names of Segment's spec of e-mail events.
enum MailEvent {
  /// The receiving server refused it.
  static let bounced = "Email Bounced"
  /// It reached somebody.
  static let reached = ["Email Delivered", "Email Opened", "Email Link Clicked"]

  static func isBounce(_ event: Event) -> Bool { event.kind == .track && event.name == bounced }

  /// The address that the message was for, in its one spelling: the spec's `context.traits.email`, or
  /// `properties.email` as many services send it; nil where neither is an address.
  static func address(_ body: [UInt8], _ envelope: [UInt8]?) -> String? {
    let body = try? JSONDocument(body).root
    let beside = envelope.flatMap { try? JSONDocument($0).root }
    let told = [
      body?["context"]?["traits"]?["email"], body?["properties"]?["email"], beside?["context"]?["traits"]?["email"],
    ]
    return told.lazy.compactMap { $0?.string.flatMap { EmailAddress($0)?.text } }.first
  }
}
