package import Base

/// Where somebody stopped, so that he goes on there at any other door: a small document under a key, such as a
/// half-filled form, a lesson, the second of a film.
package struct ResumeState: Sendable {
  /// A key stands in a path: 1 to 64 of `A-Z`, `a-z`, `0-9`, `-`, `_`, `.`, `:`.
  package static let longestKey = 64
  /// A document is written every few seconds and kept in the log: 16 KiB hold a long form, and no film.
  package static let longestValue = 16 << 10
  /// A customer has 50 of them: what a person can have begun, and few enough to list.
  package static let mostKeys = 50
  /// A device's name is told to people.
  package static let longestDevice = 100
  /// What has no end of its own ends 30 days after it was written: what nobody came back to in a month, nobody misses.
  package static let usualLife: Duration = .seconds(30 * 86_400)
  /// The latest end is a year after the writing, so that everything ends.
  package static let longestLife: Duration = .seconds(365 * 86_400)

  package var key: String
  /// Any JSON.
  package var value: [UInt8]
  /// The place in the log of its writing: grows with each, and belongs to this document alone.
  package var version: Int64
  package var device: String?
  package var at: Instant
  package var expiresAt: Instant

  /// Whether a state may be called so.
  package static func isKey(_ key: String) -> Bool {
    (1...longestKey).contains(key.utf8.count)
      && key.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-_.:".utf8.contains(byte)
        }
      }
  }

  /// Writes it as the API shows it.
  ///
  /// - Parameter withVersion: whether its place in the log is told.
  package func write(to writer: inout JSONWriter, withVersion: Bool = true) {
    writer.object { writer in
      writer.field("key", key)
      writer.key("value")
      writer.raw(value)
      if withVersion { writer.field("version", version) }
      writer.field("device", orNull: device)
      writer.field("at", at.text)
      writer.field("expiresAt", expiresAt.text)
    }
  }

  // MARK: Requests

  private static let fields: Set = ["value", "device", "at", "expiresAt"]

  /// When what a request writes was so: its own time, or none for the moment of the request.
  ///
  /// - Throws: `invalid` with every field at fault, `tooLarge` where the value is.
  package static func check(_ body: JSON, now: Instant) throws -> Instant? {
    var reader = try FieldReader(body, "a state", known: fields)
    reader.check(body["value"] != nil, "/value", "is missing")
    _ = reader.text("device", upTo: longestDevice)
    let at = reader.given("at")?.string.flatMap { Instant($0) }
    if reader.given("at") != nil, at.map({ $0 > now }) ?? true {
      reader.fault("/at", "is no time as in RFC 3339, or not yet")
    }
    if let end = reader.given("expiresAt") {
      let end = end.string.flatMap { Instant($0) }
      if end.map({ $0 <= now || $0 > now + longestLife }) ?? true {
        reader.fault("/expiresAt", "is no time from now to \(longestLife.components.seconds / 86_400) days on")
      }
    }
    try reader.finish()
    if let value = body["value"], value.range.count > longestValue {
      throw Failure(
        .tooLarge, "a state has at most \(longestValue) bytes",
        faults: [.init("/value", "has more than \(longestValue) bytes")])
    }
    return at
  }

  /// The event that writes a state: the body as it came, validated by `check`.
  package static func writing(_ key: String, body: [UInt8], messageID: String, at: Instant) -> Event {
    .request(.state, name: key, body: body, messageID: messageID, at: at)
  }

  /// The event that deletes a state.
  package static func deleting(_ key: String, messageID: String, at: Instant) -> Event {
    .request(.state, name: key, body: Array(#"{"deleted":true}"#.utf8), messageID: messageID, at: at)
  }
}
