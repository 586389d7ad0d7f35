package import Base
package import SQL

/// Takes a person out of everything that is kept, and leaves the shop's sums as they are.
///
/// His events stay in their places in the log, with their times and with what was sold, under a number that leads
/// nowhere; all else that they said goes, and so does everything that the folds made of it. What he was called is
/// remembered as keyed hashes alone. So `replay` makes of the rewritten log what the tables have.
///
/// It is done in one transaction: after a crash he is there as before, or gone. Of a long history the events that no fold
/// has anything of are shortened before, a few at a time, so that the others need not wait for one long transaction; after
/// each of these steps everything holds as before.
package struct Erasure: Sendable {
  /// So many events are rewritten in one transaction beside the last: some tens of milliseconds.
  package static let step = 1000

  /// What was done.
  package struct Receipt: Sendable, Equatable {
    /// How many of his events stand in the log without him.
    package var events: Int64
    /// How many names he had.
    package var identifiers: Int64
    /// How many events of others, or of nobody, spoke of him.
    package var mentions: Int64
    /// How many of those that were refused were about him.
    package var deadLetters: Int64
    /// The place of the erasure in the log.
    package var sequence: Int64
    package var at: Instant

    var json: [UInt8] {
      var writer = JSONWriter(capacity: 256)
      writer.object { writer in
        writer.field("events", events)
        writer.field("identifiers", identifiers)
        writer.field("mentions", mentions)
        writer.field("deadLetters", deadLetters)
        writer.field("sequence", sequence)
        writer.field("at", at.text)
      }
      return writer.bytes
    }
  }

  /// Why and by whom somebody is erased.
  package struct Act: Sendable {
    package var reason: String
    /// The source of the act, for example `api:root`.
    package var author: String
    /// The id under which it counts once.
    package var messageID: String
    package var at: Instant

    package init(reason: String, author: String, messageID: String, at: Instant) {
      self.reason = reason
      self.author = author
      self.messageID = messageID
      self.at = at
    }
  }

  private let intake: Intake
  private let messages: MessageFold

  package init(intake: Intake, messages: MessageFold) {
    self.intake = intake
    self.messages = messages
  }

  /// Whether the place of that number has been erased.
  package static func isErased(_ origin: Origin.Number, in session: any Session) throws -> Bool {
    try OriginStore.origin(origin, in: session).identifier.isErased
  }

  /// The places of the person that `leader` leads, and of what is his alone beside them.
  package static func person(ofCustomer leader: Origin.Number, in session: any Session) throws -> Set<Origin.Number> {
    try ErasureReach.person(ofCustomer: leader, in: session)
  }

  /// - Throws: `invalid` where the reason, which stays, names the person.
  package static func check(
    reason: String, doesNotName leader: Origin.Number, in session: any Session
  ) throws {
    let origins = try OriginStore.origins(ofCustomer: leader, in: session)
    let names = NamesOfPerson(origins.map { $0.identifier })
    let said = Set(FoldedText.words(of: reason, limit: reason.utf8.count))
    var called: Set<String> = []
    for trait in try TraitSet(of: origins.map { $0.number }, in: session).traits
    where ["name", "firstName", "lastName", "middleName", "patronymic"].contains(trait.name) {
      for value in trait.values { called.formUnion(SearchedFields.words(of: trait.name, value: value.value)) }
    }
    guard !names.mentioned(inProse: reason), said.isDisjoint(with: called) else {
      throw Failure(
        .invalid, "the reason stays in the log, so it may not name the person",
        faults: [.init("/reason", "names the person")])
    }
  }

  // MARK: Before

  /// Shortens some of a long history's events that no fold has anything of.
  ///
  /// - Returns: whether more are left than one transaction should take.
  package func shorten(_ origins: Set<Origin.Number>, in session: any Session) throws -> Bool {
    var plain: [Int64] = []
    for origin in origins.sorted() where plain.count <= Self.step {
      plain += try session.rows(
        of: ErasureStatement.plain, .integer(origin), .integer(.min), .integer(0),
        .integer(Int64(Self.step + 1 - plain.count))
      ) { $0.integer(0) }
    }
    guard plain.count > Self.step else { return false }
    let identifiers = try origins.map { try OriginStore.origin($0, in: session).identifier }
    let rewriting = ErasedEntry(
      reach: try ErasureReach(of: [], in: session), names: NamesOfPerson(identifiers), messages: messages)
    var recounted = ComputedDays()
    for sequence in plain.prefix(Self.step) {
      guard let entry = try EventLog.entry(sequence, in: session) else { continue }
      try EventLog.rewrite(rewriting.erased(entry), in: session)
      recounted.insert(entry)
    }
    try ComputedStore.recount(recounted, in: session)
    return true
  }

  /// Takes the reasons for reads away that name the person of these origins, of the next rows of the audit.
  ///
  /// - Returns: the last of these rows, and whether it is the newest one.
  package func forgetReasons(
    naming origins: Set<Origin.Number>, after number: Int64, in session: any Session
  ) throws -> (number: Int64, isLast: Bool) {
    let identifiers = try origins.map { try OriginStore.origin($0, in: session).identifier }
    let fullName = TwinKey.name(of: try TraitSet(of: origins.sorted(), in: session))
    return try Audit.forget(NamesOfPerson(identifiers, fullName: fullName), after: number, in: session)
  }

  // MARK: The act

  /// Erases the persons of these origins.
  ///
  /// - Parameter reasons: up to which row of the audit their names were taken out of it before.
  package func erase(
    _ origins: Set<Origin.Number>, by act: Act, reasons: Int64 = 0, in session: any Session
  ) throws -> Receipt {
    guard let seed = try Setting.existingMessageSeed(in: session) else {
      preconditionFailure("an installation without a seed")
    }
    var row = (number: reasons, isLast: false)
    while !row.isLast { row = try forgetReasons(naming: origins, after: row.number, in: session) }
    let reach = try ErasureReach(of: origins, in: session)
    let places = try origins.sorted().map { try OriginStore.origin($0, in: session) }
    let names = NamesOfPerson(places.map { $0.identifier })
    let rewriting = ErasedEntry(reach: reach, names: names, messages: messages)
    let letters = try forgetLetters(of: names, origins, session)
    var (mentions, refolded, recounted) = (Int64(0), Set<Origin.Number>(), ComputedDays())
    let things = try things(of: origins, session)
    for sequence in reach.entries.union(things.keys).sorted() {
      guard let entry = try EventLog.entry(sequence, in: session), entry.outcome.origin.map(origins.contains) != true,
        let rewritten = rewriting.redacted(entry, things: things[sequence] ?? [])
      else { continue }
      try rewrite(rewritten, session)
      mentions += 1
      if let origin = entry.outcome.origin, rewritten.outcome.isRedacted {
        recounted.insert(rewritten)
        // A thing of his that somebody else's event names is found there by its name no more.
        if things[sequence] != nil || !entry.event.traits.isEmpty || MailEvent.isBounce(entry.event) {
          refolded.insert(origin)
        }
      }
    }
    let (events, shared, left) = try eraseEvents(of: origins, rewriting, &recounted, session)
    for fold in intake.folds { try fold.erase(origins.sorted(), in: session) }
    try IdentityFold.forget(reach.merges, in: session)
    for entry in shared { try ConsentFold().apply(entry, in: session) }
    for origin in refolded { try refold(origin, session) }
    try ComputedStore.recount(recounted, in: session)
    try ViewBuilder.restart(intake.folds, in: session)
    for place in places {
      try Tombstone.keep(
        Tombstone(key: Tombstone.key(of: place.publicID, seed: seed), at: act.at), in: session)
      try session.execute(ErasureStatement.audit, .integer(place.number), .text(place.erased.publicID))
    }
    try JobStore.erase(origins.sorted(), in: session)
    let named = try left.sorted().map { try OriginStore.origin($0, in: session) }
    let answer = try record(act, places, named: named.filter { !$0.identifier.isErased }, cuts: reach.cuts, session)
    return Receipt(
      events: events, identifiers: Int64(origins.count), mentions: mentions, deadLetters: letters,
      sequence: answer.sequence, at: act.at)
  }

  /// The entry of the act itself, which is about nobody: it says why, which places lead nowhere now, and what those of
  /// others are called that his events had opened.
  private func record(
    _ act: Act, _ places: [Origin], named: [Origin], cuts: [Outcome.Pair], _ session: any Session
  ) throws -> Intake.Answer {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("reason", act.reason)
      // Whoever was told of him before finds him by his id; nobody finds an id, which has 80 random bits, by its hash.
      writer.key("customers")
      writer.array { writer in
        for place in places { writer.value(Digest.hex(Digest.sha256(Array(place.publicID.utf8)))) }
      }
    }
    let event = Event.request(.erasure, name: nil, body: writer.bytes, messageID: act.messageID, at: act.at)
    return try intake.record(event, at: nil, author: act.author, in: session) { outcome in
      outcome.erased = places.map { $0.number }
      outcome.named = named
      outcome.cuts = cuts
    }
  }

  /// Rewrites the events that stand with him.
  ///
  /// - Returns: how many there are, those that change consents of others too, and which places of others they opened.
  private func eraseEvents(
    of origins: Set<Origin.Number>, _ rewriting: ErasedEntry, _ recounted: inout ComputedDays, _ session: any Session
  ) throws -> (count: Int64, shared: [LogEntry], left: Set<Origin.Number>) {
    var (count, shared, left) = (Int64(0), [LogEntry](), Set<Origin.Number>())
    for origin in origins.sorted() {
      try SummedEvent.forget(origin, in: session)
      count += try session.first(of: ErasureStatement.count, .integer(origin)) { $0.integer(0) } ?? 0
      try forEachEvent(of: origin, session) { entry in
        var rewritten = rewriting.erased(entry)
        for fold in intake.folds { fold.redact(&rewritten.outcome) }
        try rewrite(rewritten, session)
        recounted.insert(entry)
        left.formUnion(entry.outcome.opened.map { $0.number })
        if !rewritten.outcome.consent.covers.isEmpty { shared.append(rewritten) }
      }
    }
    return (count, shared, left.subtracting(origins))
  }

  private func rewrite(_ entry: LogEntry, _ session: any Session) throws {
    try EventLog.rewrite(entry, in: session)
    for fold in intake.folds { try fold.rewrite(entry, in: session) }
  }

  /// What things of his are called, by the entries that may name them.
  private func things(of origins: Set<Origin.Number>, _ session: any Session) throws -> [Int64: Set<String>] {
    var things: [Int64: Set<String>] = [:]
    for fold in intake.folds {
      for (entry, name) in try fold.mentions(of: origins.sorted(), in: session) {
        things[entry, default: []].insert(name)
      }
    }
    return things
  }

  /// How many events are read at a time, so that a long history needs little memory.
  private static let page: Int64 = 1000

  private func forEachEvent(of origin: Origin.Number, _ session: any Session, _ body: (LogEntry) throws -> Void) throws
  {
    var last = (sequence: Int64(0), at: Int64.min)
    while true {
      let page = try session.rows(
        of: ErasureStatement.events, .integer(origin), .integer(last.at), .integer(last.sequence), .integer(Self.page)
      ) { (sequence: $0.integer(0), at: $0.integer(1)) }
      guard let end = page.last else { return }
      for event in page {
        if let entry = try EventLog.entry(event.sequence, in: session) { try body(entry) }
      }
      last = end
    }
  }

  /// Makes anew what the traits of somebody else's place come to, after one of them was taken out of the log.
  private func refold(_ origin: Origin.Number, _ session: any Session) throws {
    let (search, quality, traits) = (SearchFold(), QualityFold(), TraitFold())
    try search.erase([origin], in: session)
    try quality.erase([origin], in: session)
    try traits.erase([origin], in: session)
    var sequences = try ErasureReach.entries(naming: origin, in: session)
    try session.forEachRow(of: ErasureStatement.outcomes, [.integer(origin)]) { row in
      sequences.append(row.integer(0))
      return true
    }
    for sequence in Set(sequences).sorted() {
      guard let entry = try EventLog.entry(sequence, in: session) else { continue }
      try search.apply(entry, in: session)
      try quality.apply(entry, in: session)
      try traits.apply(entry, in: session)
    }
  }

  /// Deletes what was refused and is about him.
  private func forgetLetters(
    of names: NamesOfPerson, _ origins: Set<Origin.Number>, _ session: any Session
  ) throws -> Int64 {
    var count = 0
    for origin in origins { count += try session.execute(ErasureStatement.forgetLetters, .integer(origin)) }
    var found: [Int64] = []
    try session.forEachRow(of: ErasureStatement.letters, []) { row in
      if names.mentioned(inRefused: row.bytes(3)) || names.mentioned(in: row.text(2))
        || row.optionalText(1).map({ names.mentioned(in: $0) }) == true
      {
        found.append(row.integer(0))
      }
      return true
    }
    for number in found { count += try session.execute(ErasureStatement.forgetLetter, .integer(number)) }
    return Int64(count)
  }
}
