package import Base
package import SQL

/// The consents of a customer, as all of his origins have them.
package struct ConsentLedger: Sendable {
  /// One change of consent, as the table has it.
  package struct Entry: Sendable {
    var purpose: String
    var channel: String
    var at: Int64
    var source: String
    var messageID: String
    var state: String
    var stand: Origin.Number
    var basis: String?
    var textVersion: String?
    var proof: [UInt8]?
    var sequence: Int64
    var expiresAt: Int64?

    fileprivate init(_ row: any Row) {
      purpose = row.text(0)
      channel = row.text(1)
      at = row.integer(2)
      source = row.text(3)
      messageID = row.text(4)
      state = row.text(5)
      stand = row.integer(6)
      basis = row.optionalText(7)
      textVersion = row.optionalText(8)
      proof = row.optionalBytes(9)
      sequence = row.integer(10)
      expiresAt = row.optionalInteger(11)
    }

    fileprivate var isWithdrawn: Bool { state == Consent.State.withdrawn.rawValue }

    fileprivate var place: [String] { [purpose, channel] }

    /// Whether it was said after the other one; of one moment the greater source and message come later.
    fileprivate func isNewer(than other: Entry) -> Bool {
      if at != other.at { return at > other.at }
      let (mine, theirs) = ([source, messageID], [other.source, other.messageID])
      return theirs.lexicographicallyPrecedes(mine) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Writes it as the API shows it.
    ///
    /// - Parameter withSequence: whether its place in the log is told.
    package func write(to writer: inout JSONWriter, withSequence: Bool = true) {
      writer.object { writer in
        writer.field("purpose", purpose)
        writer.field("channel", orNull: channel.isEmpty ? nil : channel)
        writer.field("state", state)
        writer.field("legalBasis", ifPresent: basis)
        writer.field("textVersion", ifPresent: textVersion)
        if let proof {
          writer.key("proof")
          writer.raw(proof)
        }
        writer.field("at", Instant(milliseconds: at).text)
        writer.field("expiresAt", ifPresent: expiresAt.map { Instant(milliseconds: $0).text })
        writer.field("source", source)
        writer.field("messageId", messageID)
        if withSequence { writer.field("sequence", sequence) }
      }
    }
  }

  /// What holds now, for each purpose and channel, in their order.
  ///
  /// Of each origin the newest entry counts, by the time it was said; over origins a withdrawal beats a grant.
  package let current: [Entry]
  /// Every change, the newest first.
  package let history: [Entry]

  /// The consents of the customer that `leader` leads.
  package init(ofCustomer leader: Origin.Number, in session: any Session) throws {
    try self.init(of: OriginStore.origins(ofCustomer: leader, in: session).map { $0.number }, in: session)
  }

  /// The consents of the customer whose origins these are.
  init(of origins: [Origin.Number], in session: any Session) throws {
    let present = Set(origins)
    var current: [[String]: Entry] = [:]
    var told: Set<[String]> = []
    var history: [Entry] = []
    for origin in origins {
      var newest: [[String]: Entry] = [:]
      try session.forEachRow(of: ConsentStatement.ofOrigin, [.integer(origin)]) { row in
        let entry = Entry(row)
        // The yes of somebody who is no longer the same person.
        guard entry.isWithdrawn || present.contains(entry.stand) else { return true }
        if told.insert(entry.place + ["\(entry.sequence)"]).inserted { history.append(entry) }
        if let other = newest[entry.place], !entry.isNewer(than: other) { return true }
        newest[entry.place] = entry
        return true
      }
      current.merge(newest) { one, other in
        if one.isWithdrawn != other.isWithdrawn, Protection.holds("consent.stricter") {
          return one.isWithdrawn ? one : other
        }
        return one.isNewer(than: other) ? one : other
      }
    }
    self.current = current.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { $0.value }
    self.history = history.sorted { one, other in
      if one.isNewer(than: other) { return true }
      return !other.isNewer(than: one) && one.place.lexicographicallyPrecedes(other.place)
    }
  }

  /// When the next change of this customer is said, if it is said now: after everything that its author could see, also
  /// within one millisecond.
  package func moment(_ now: Instant) -> Instant {
    let last = history.reduce(Int64.min) { max($0, $1.at) }
    return last < now.milliseconds ? now : Instant(milliseconds: last + 1)
  }
}
