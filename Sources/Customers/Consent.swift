package import Base

/// One entry of the consent ledger: that a person allows, or no longer allows, what a purpose stands for.
///
/// ```json
/// {"purpose": "marketing", "channel": "email", "state": "granted", "legalBasis": "consent", "textVersion": "2026-01",
///  "proof": {"form": "checkout", "ip": "192.0.2.7"}, "at": "2026-01-02T03:04:05Z",
///  "expiresAt": "2027-01-02T00:00:00Z"}
/// ```
package struct Consent: Sendable {
  /// What the person said.
  package enum State: String, Sendable, CaseIterable {
    case granted, withdrawn
  }

  /// Why the shop may do it, by article 6(1) of the GDPR.
  package enum Basis: String, Sendable, CaseIterable {
    case consent, contract
    case legalObligation = "legal_obligation"
    case vitalInterests = "vital_interests"
    case publicTask = "public_task"
    case legitimateInterests = "legitimate_interests"
  }

  /// What for: `marketing`, `service`, `analytics`, `personalisation` or a name of the shop's own.
  package var purpose: String
  /// By which channel; none for all of them.
  package var channel: String?
  package var state: State
  package var basis: Basis?
  /// Which version of the text the person saw.
  package var textVersion: String?
  /// What shows it, as a JSON object: the form, the address, the message's id.
  package var proof: [UInt8]?
  /// When he said so; none for the moment of the request.
  package var at: Instant?
  /// When a grant ends by itself; none for a grant that holds until it is withdrawn.
  package var expiresAt: Instant?

  /// A purpose's name stands in tables and rules: 1 to 64 of `a-z`, `0-9`, `-`, `_`, `.`.
  package static let longestPurpose = 64
  /// A text's version is a name or a date.
  package static let longestTextVersion = 100
  /// A proof names where the proof is kept; it is no place for a scanned form.
  package static let longestProof = 4 << 10
  /// A person's changes of one moment: a form has a few, and each is a row at each of his origins, in one transaction.
  package static let mostChanges = 50
  /// A grant that ends does so within ten years: what is meant to last longer has no end.
  package static let longestLife: Duration = .seconds(3650 * 86_400)

  /// Whether a purpose may be called so.
  package static func isPurpose(_ name: String) -> Bool {
    (1...longestPurpose).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
      }
  }

  /// The entry that the log has: what was accepted once is not judged again.
  init?(recorded json: JSON) {
    guard let purpose = json["purpose"]?.string, let state = json["state"]?.string.flatMap(State.init(rawValue:))
    else { return nil }
    self.purpose = purpose
    self.state = state
    channel = json["channel"]?.string
    basis = json["legalBasis"]?.string.flatMap(Basis.init(rawValue:))
    textVersion = json["textVersion"]?.string
    proof = json["proof"].flatMap { $0.kind == .object ? $0.bytes : nil }
    at = json["at"]?.string.flatMap { Instant($0) }
    expiresAt = json["expiresAt"]?.string.flatMap { Instant($0) }
  }

  /// The changes that a request lists.
  ///
  /// - Throws: `invalid` with every field at fault, `tooLarge` for more than `mostChanges`.
  package static func changes(_ list: JSON, now: Instant) throws -> [Consent] {
    guard list.kind == .array, list.count > 0 else {
      throw Failure(.invalid, "changes of consent are a list", faults: [.init("", "is no list of changes")])
    }
    guard list.count <= mostChanges else {
      throw Failure(
        .tooLarge, "a request has at most \(mostChanges) changes of consent",
        faults: [.init("", "has more than \(mostChanges) changes")])
    }
    var faults: [Failure.Fault] = []
    var places: Set<[String]> = []
    var changes: [Consent] = []
    for (index, change) in list.elements.enumerated() {
      let found = Self.faults(of: change, now: now)
      faults += found.map { Failure.Fault("/\(index)\($0.pointer)", $0.reason) }
      guard found.isEmpty, let change = Consent(recorded: change) else { continue }
      if !places.insert([change.purpose, change.channel ?? ""]).inserted {
        faults.append(.init("/\(index)", "is the second of its purpose and channel"))
      }
      changes.append(change)
    }
    guard faults.isEmpty else { throw Failure(.invalid, "a change of consent is wrong", faults: faults) }
    return changes
  }

  private static let fields: Set = [
    "purpose", "channel", "state", "legalBasis", "textVersion", "proof", "at", "expiresAt",
  ]

  private static func faults(of change: JSON, now: Instant) -> [Failure.Fault] {
    guard var reader = try? FieldReader(change, "a change of consent", known: fields) else {
      return [.init("", "is no object")]
    }
    func check(_ name: String, _ reason: String, isRequired: Bool = false, _ isRight: (JSON) -> Bool) {
      guard let value = change.member(name), isRequired || !value.isNull else {
        return reader.check(!isRequired, "/\(name)", "is missing")
      }
      reader.check(isRight(value), "/\(name)", reason)
    }
    check("purpose", "has not 1 to \(longestPurpose) of a-z, 0-9, '-', '_', '.'", isRequired: true) {
      $0.string.map(isPurpose) ?? false
    }
    check("state", "is neither granted nor withdrawn", isRequired: true) {
      $0.string.flatMap(State.init(rawValue:)) != nil
    }
    check("channel", "is none of \(Source.channels.joined(separator: ", "))") {
      $0.string.map(Source.channels.contains) ?? false
    }
    check("legalBasis", "is none of \(Basis.allCases.map { $0.rawValue }.joined(separator: ", "))") {
      $0.string.flatMap(Basis.init(rawValue:)) != nil
    }
    check("textVersion", "has not 1 to \(longestTextVersion) characters, or control characters") {
      $0.string.map { ($0.isPlainText(upTo: longestTextVersion)) } ?? false
    }
    check("proof", "is no object of at most \(longestProof) bytes") {
      $0.kind == .object && $0.range.count <= longestProof
    }
    check("at", "is no time as in RFC 3339, or not yet") { at in
      at.string.flatMap { Instant($0) }.map { $0 <= now } ?? false
    }
    check("expiresAt", "is no time from now to \(longestLife.components.seconds / 86_400) days on") { end in
      end.string.flatMap { Instant($0) }.map { $0 > now && $0 <= now + longestLife } ?? false
    }
    check("expiresAt", "is for a grant") { _ in change["state"]?.string != State.withdrawn.rawValue }
    return reader.faults
  }

  /// The event that a request's changes are.
  ///
  /// - Parameter changes: the list as it came, validated by `changes`.
  package static func event(changes: [UInt8], messageID: String, at: Instant) -> Event {
    var writer = JSONWriter(capacity: changes.count + 16)
    writer.object { writer in
      writer.key("changes")
      writer.raw(changes)
    }
    return .request(.consent, name: nil, body: writer.bytes, messageID: messageID, at: at)
  }
}
