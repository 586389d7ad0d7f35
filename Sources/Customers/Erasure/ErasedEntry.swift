import Base

/// How entries of the log are rewritten when a person is erased.
struct ErasedEntry {
  let reach: ErasureReach
  let names: NamesOfPerson
  let messages: MessageFold

  private func isHis(_ origin: Origin.Number) -> Bool { reach.origins.contains(origin) }

  /// An entry that stands with him: when it was stays, and what the books need.
  func erased(_ entry: LogEntry) -> LogEntry {
    if entry.outcome.result == .erased { return redacted(entry) ?? entry }
    var entry = entry
    let old = entry.outcome
    var outcome = structure(of: old)
    outcome.result = .erased
    outcome.traits = []
    // What was timed for him ends there, whoever set it before.
    outcome.ended += outcome.timers.map { $0.key }
    outcome.timers = []
    // A place of somebody else stays where it was opened, but what it is called stands with the erasure.
    outcome.opened = old.opened.map { $0.erased }
    outcome.rulings = nameless(old.rulings, openedBy: old)
    outcome.consent = old.consent
    outcome.consent.covers.removeAll(where: isHis)
    let keepsConsents = !outcome.consent.covers.isEmpty
    if !keepsConsents { outcome.consent = ConsentRuling() }
    entry.outcome = outcome
    let event = entry.event
    entry.event.name = event.kind == .track ? event.name.flatMap { names.mentioned(in: $0) ? nil : $0 } : nil
    entry.event.messageID = ErasedName.message(messages.key(entry.source, event.messageID))
    if let origin = old.origin { entry.source = PersonToken.erased(author: entry.source, at: origin) }
    (entry.event.originalAt, entry.event.sentAt, entry.event.envelope) = (nil, nil, nil)
    entry.event.body = ErasedBody.body(of: event, keepsConsents: keepsConsents, without: names)
    entry.event.traits = []
    return entry
  }

  /// An entry that stands with somebody else or with nobody, without him; nil where nothing of him is in it.
  ///
  /// - Parameter things: what things of his are called that it may name.
  func redacted(_ entry: LogEntry, things: Set<String> = []) -> LogEntry? {
    var entry = entry
    let old = entry.outcome
    entry.outcome = structure(of: old)
    entry.outcome.consent.covers.removeAll(where: isHis)
    let named = old.rulings.filter { $0.origin.map(isHis) ?? false }.map { $0.mention.identifier }
    let isAct = [.merge, .undo, .review, .identifier].contains(entry.event.kind)
    let wasAct =
      old.undone != entry.outcome.undone || old.decisions.count != entry.outcome.decisions.count
      || old.separations.count != entry.outcome.separations.count
    if isAct, wasAct || !named.isEmpty || old.ties.contains(where: { $0.merge.map(reach.merges.contains) ?? false }) {
      // What a person wrote about the two of them, or about a name.
      entry.event.body = Array("{}".utf8)
      entry.outcome.isRedacted = true
    } else if !named.isEmpty {
      redact(&entry, NamesOfPerson(named))
    }
    if !things.isEmpty { redact(&entry, NamesOfPerson(ofThings: things)) }
    return entry.outcome.json == old.json ? nil : entry
  }

  private func redact(_ entry: inout LogEntry, _ names: NamesOfPerson) {
    let (body, envelope) = (names.redacted(entry.event.body), entry.event.envelope.flatMap { names.redacted($0) })
    let isNamed = entry.event.name.map { names.mentioned(in: $0) } ?? false
    if body == nil, envelope == nil, !isNamed { return }
    if isNamed { entry.event.name = nil }
    entry.event.body = body ?? entry.event.body
    entry.event.envelope = envelope ?? entry.event.envelope
    entry.outcome.isRedacted = true
    guard let root = try? JSONDocument(entry.event.body).root else { return }
    let beside = entry.event.envelope.flatMap { try? JSONDocument($0).root }
    let before = Dictionary(entry.event.traits.map { ($0.place.name, $0.value) }) { first, _ in first }
    let isTaken: (Event.TraitPlace) -> Bool = { place in
      let value = place.value(in: root, envelope: beside)
      return value == Array("null".utf8) && before[place.name] != value
    }
    entry.outcome.traits.removeAll(where: isTaken)
    entry.event.traits.removeAll { isTaken($0.place) }
  }

  /// Those of the rulings that places were opened by, without what those are called.
  private func nameless(_ rulings: [Outcome.Ruling], openedBy outcome: Outcome) -> [Outcome.Ruling] {
    let opened = Set(outcome.opened.map { $0.number })
    return rulings.compactMap { ruling in
      guard let origin = ruling.origin, opened.contains(origin) else { return nil }
      var ruling = ruling
      let type = ruling.mention.identifier.type
      ruling.mention.identifier = Identifier(recorded: type, ErasedName.value(of: origin))
      return ruling
    }
  }

  /// What an outcome says of places, without his names and without what ties him to others.
  private func structure(of old: Outcome) -> Outcome {
    var outcome = old
    outcome.opened = old.opened.map { isHis($0.number) ? $0.erased : $0 }
    outcome.named = old.named.map { isHis($0.number) ? $0.erased : $0 }
    outcome.rulings = old.rulings.flatMap { ruling in
      ruling.origin.map(isHis) ?? false ? nameless([ruling], openedBy: old) : [ruling]
    }
    outcome.ties = old.ties.map { tie in
      var tie = tie
      if let merge = tie.merge, reach.merges.contains(merge) { tie.merge = nil }
      return tie
    }
    outcome.claims.removeAll { isHis($0.claimant) != isHis($0.claimed) }
    outcome.undone.removeAll { reach.merges.contains($0) }
    outcome.separations.removeAll { isHis($0.first) || isHis($0.second) }
    outcome.reviews.removeAll { reach.reviews.contains($0.id) }
    outcome.decisions.removeAll { reach.reviews.contains($0.review) }
    return outcome
  }
}
