import Base
import Commerce
import Customers
import HTTP

/// The body of a request about points.
struct LoyaltyRequest: Sendable {
  private let body: JSON
  /// A reason is what an agent types.
  private static let longestReason = 1000

  init(_ request: borrowing Request, fields: Set<String>) throws {
    let bytes = request.copyBody()
    body = try JSONDocument(bytes.isEmpty ? Array("{}".utf8) : bytes).root
    try FieldReader(body, "the request", known: fields).finish()
  }

  func has(_ name: String) -> Bool { body.member(name).map { !$0.isNull } ?? false }

  private static func wrong(_ pointer: String, _ reason: String) -> Failure {
    Failure(.invalid, "the request is wrong", faults: [.init(pointer, reason)])
  }

  func points(from least: Int64 = 1) throws -> Int64 {
    guard let points = body["points"]?.integer, (least...Loyalty.mostPoints).contains(points),
      points != 0 || least == 0
    else {
      throw Self.wrong("/points", "is no whole number from \(least) to \(Loyalty.mostPoints)")
    }
    return points
  }

  func until(_ now: Instant) throws -> Instant {
    guard has("until") else { return now + Loyalty.usualHold }
    guard let until = body["until"]?.string.flatMap({ Instant($0) }), until > now, until <= now + Loyalty.longestHold
    else {
      throw Self.wrong("/until", "is no time from now to \(Loyalty.longestHold.components.seconds / 86_400) days on")
    }
    return until
  }

  func receipt() throws -> Money? {
    guard has("receipt") else { return nil }
    guard let receipt = body["receipt"].flatMap({ Money($0) }), receipt.amount >= 0 else {
      throw Self.wrong("/receipt", "is no amount of money")
    }
    return receipt
  }

  func order() throws -> String? {
    guard has("order") else { return nil }
    guard let order = body["order"]?.string, order.isPlainText(upTo: Sale.longestID) else {
      throw Self.wrong("/order", "has not 1 to \(Sale.longestID) characters, or control characters")
    }
    return order
  }

  func checkReason() throws {
    guard body["reason"]?.string?.isPlainText(upTo: Self.longestReason) == true else {
      throw Self.wrong("/reason", "has not 1 to \(Self.longestReason) characters, or control characters")
    }
  }

  func customer(_ name: String, country: String?) throws -> CustomerName {
    guard let named = body.member(name)?.string.flatMap({ CustomerName($0, country: country) }) else {
      throw Self.wrong("/\(name)", "is neither an id nor type:value")
    }
    return named
  }

  /// The event that records it, with what it is about beside what it says, one member perhaps left out.
  func event(
    _ name: String, _ asked: CustomerRequest, about id: String? = nil, without hidden: String? = nil
  ) -> Event {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("about", ifPresent: id)
      for (key, value) in body.members where key != hidden { writer.field(key, value) }
    }
    return .request(.points, name: name, body: writer.bytes, messageID: asked.messageID, at: asked.now)
  }
}
