import Base
import SQL

/// The reading of what is wrong with one customer; nothing is read that no code asks for.
struct QualityReading {
  /// When he is looked at.
  enum Moment {
    case now(Instant)
    /// As the log had him, whose events stand in another session.
    case then(AsOf, log: any Session)

    var time: Instant {
      switch self {
      case .now(let time): time
      case .then(let moment, _): moment.time
      }
    }
  }

  private let leader: Origin.Number
  private let moment: Moment
  private let session: any Session
  var traits: TraitSet?
  var names: IdentifierSet?
  /// The rows of the fold, once they are read.
  private var rows: [Row]?

  private struct Row {
    var code: String
    var subject: String
    var at: Int64
    var messageID: String
  }

  init(_ leader: Origin.Number, _ moment: Moment, in session: any Session) {
    (self.leader, self.moment, self.session) = (leader, moment, session)
  }

  mutating func defects(_ codes: Set<Quality.Code>) throws -> [Quality.Defect] {
    var defects: [Quality.Defect] = []
    for code in Quality.Code.allCases where codes.contains(code) {
      switch code {
      case .invalidPhone: defects += try unusable(.phone, "the phone number that %s gave cannot be dialled")
      case .invalidEmail: defects += try unusable(.email, "the address of mail that %s gave reaches nobody")
      case .bouncedAddress: defects += try bounces()
      case .likelyDuplicate: defects += try duplicates()
      case .stale: defects += try staleness()
      case .noContact: defects += try isReachable() ? [] : [.init(code: .noContact, detail: Self.noContact)]
      }
    }
    return defects
  }

  private static let noContact = "neither an address of mail, nor a phone number, nor a messenger is known"

  // MARK: What is read

  private mutating func allTraits() throws -> TraitSet {
    if let traits { return traits }
    let read = try TraitSet(of: origins(), in: session)
    traits = read
    return read
  }

  private mutating func allNames() throws -> IdentifierSet {
    if let names { return names }
    let read = try IdentifierSet(of: origins(), in: session)
    names = read
    return read
  }

  private func origins() throws -> [Origin.Number] {
    try OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }
  }

  private mutating func rows(_ code: Quality.Code) throws -> [Row] {
    if rows == nil {
      rows = try session.rows(of: QualityStatement.ofCustomer, .integer(leader)) { row in
        Row(code: row.text(0), subject: row.text(1), at: row.integer(2), messageID: row.text(3))
      }
    }
    return (rows ?? []).filter { $0.code == code.rawValue }
  }

  // MARK: What cannot be used

  /// Whether the value that holds is one that its source said in an event with this defect.
  private mutating func isUnusable(_ contact: ContactTrait) throws -> TraitSet.Value? {
    let rows = try rows(contact.defect)
    if rows.isEmpty { return nil }
    guard let value = try allTraits().current(contact.rawValue) else { return nil }
    let isBad = rows.contains { row in
      row.subject.utf8.elementsEqual(value.source.utf8) && row.messageID.utf8.elementsEqual(value.messageID.utf8)
    }
    return isBad ? value : nil
  }

  private mutating func unusable(_ contact: ContactTrait, _ detail: String) throws -> [Quality.Defect] {
    guard let value = try isUnusable(contact) else { return [] }
    return [.init(code: contact.defect, detail: detail.replacing("%s", with: value.source))]
  }

  // MARK: Mail that bounced

  private mutating func bounces() throws -> [Quality.Defect] {
    let rows = try rows(.bouncedAddress)
    if rows.isEmpty { return [] }
    let email = try allTraits().current(ContactTrait.email.rawValue)
    let told = email.flatMap { try? JSONDocument($0.value).root.string }.flatMap { EmailAddress($0)?.text }
    let addresses = try told.map { [$0] } ?? allEmails()
    var newest: [String: Int64] = [:]
    for row in rows {
      let isHis =
        row.subject.isEmpty ? !addresses.isEmpty && row.at >= email?.at ?? row.at : addresses.contains(row.subject)
      if isHis { newest[row.subject] = max(row.at, newest[row.subject] ?? row.at) }
    }
    guard let first = newest.values.min() else { return [] }
    for mail in try arrivals(since: first) {
      for (address, at) in newest where mail.at >= at {
        if address.isEmpty || mail.address == nil || mail.address == address { newest[address] = nil }
      }
    }
    return newest.sorted { $0.key < $1.key }.map { address, at in
      let to = address.isEmpty ? "" : " to \(address)"
      return .init(code: .bouncedAddress, detail: "mail\(to) bounced on \(Self.day(at))")
    }
  }

  private mutating func allEmails() throws -> [String] {
    let names = try allNames()
    let own = names.places.map { $0.origin.identifier }.filter { $0.type == .email }.map { $0.value }
    return own + names.claims.filter { $0.type == IdentifierType.email.name }.map { $0.value }
  }

  /// The mail that reached him, by what services said.
  private func arrivals(since first: Int64) throws -> [(at: Int64, address: String?)] {
    func read(_ row: any SQL.Row) -> (at: Int64, address: String?) {
      (row.integer(0), MailEvent.address(row.bytes(1), row.optionalBytes(2)))
    }
    switch moment {
    case .now:
      return try session.rows(of: QualityStatement.mail, .integer(leader), .integer(first)) { read($0) }
    case .then(let moment, let log):
      return try origins().flatMap { origin in
        try log.rows(
          of: QualityStatement.mailUpTo, .integer(origin), .integer(first), .integer(moment.sequence)
        ) { read($0) }
      }
    }
  }

  // MARK: Whom he may be, and whether he is there

  private mutating func duplicates() throws -> [Quality.Defect] {
    // Of others the past is not put together.
    guard case .now = moment else { return [] }
    let traits = try allTraits()
    guard TwinKey.name(of: traits) != nil else { return [] }
    let found = try LikelyDuplicates(of: leader, traits, allNames(), in: session).found
    return found.map { duplicate in
      .init(
        code: .likelyDuplicate, detail: "\(duplicate.publicID) has the same name and \(duplicate.sign)",
        customer: duplicate.publicID)
    }
  }

  private mutating func isKnown() throws -> Bool {
    try names?.isKnown ?? OriginStore.leader(of: leader, in: session).isKnown
  }

  private mutating func staleness() throws -> [Quality.Defect] {
    guard try isKnown(), let last = try activity(),
      Instant(milliseconds: last) + Quality.mostSilence < moment.time
    else { return [] }
    return [.init(code: .stale, detail: "nothing has happened since \(Self.day(last))")]
  }

  /// When the last event was.
  private func activity() throws -> Int64? {
    switch moment {
    case .now:
      return try session.first(of: QualityStatement.activity, .integer(leader)) { $0.optionalInteger(0) } ?? nil
    case .then(let moment, let log):
      return try origins().compactMap { origin in
        try log.first(of: QualityStatement.activityUpTo, .integer(origin), .integer(moment.sequence)) { $0.integer(0) }
      }.max()
    }
  }

  /// The identifiers by which somebody is reached.
  private static let contacts: Set<String> = Set(
    [IdentifierType.email, .phone, .telegram, .whatsApp, .viber].map { $0.name })

  /// Whether there is a way to him, or nobody knows who he is.
  private mutating func isReachable() throws -> Bool {
    guard try isKnown() else { return true }
    let names = try allNames()
    if names.places.contains(where: { Self.contacts.contains($0.origin.identifier.type.name) }) { return true }
    if names.claims.contains(where: { Self.contacts.contains($0.type) }) { return true }
    // What an agent typed is a trait alone.
    for contact in ContactTrait.allCases {
      guard let value = try allTraits().current(contact.rawValue), let told = try? JSONDocument(value.value).root,
        ContactTrait.isGiven(told)
      else { continue }
      if try isUnusable(contact) == nil { return true }
    }
    return false
  }

  /// The day in Universal Time, as ISO 8601 writes it.
  private static func day(_ at: Int64) -> Substring { Instant(milliseconds: at).text.prefix(10) }
}
