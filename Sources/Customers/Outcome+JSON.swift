import Base

/// How an outcome stands in the log, in few bytes, because it stands beside every event for ever.
///
/// ```json
/// {"result": "created", "origin": 7,
///  "identifiers": [{"type": "user_id", "value": "17", "proved": true, "became": "attached"}, …],
///  "places": [7, 8, 9],                 the origin of each identifier, null for a parked one
///  "opened": [[7, "cus_…", 0], …],      number, id, standing and, where it has them, source and generation; the
///                                       identifier is that whose place has the number
///  "ties": [[7, 8, "login"]],           two origins, the rule and, where it merges two customers, the merge's id
///  "claims": [[7, 9, 0]],               claimant, claimed, and whether it ties them
///  "undone": ["mrg_…"], "cuts": [[7, 8]], "separations": [[7, 8]],
///  "sharings": [[8, 1]],                an origin, and whether several people use it
///  "reviews": [["rev_…", 7, 8, "limit user_id", 80]], "decisions": [["rev_…", "apart"]],
///  "traits": {"/traits": ["email", ["first_name", "firstName"]]},   where their values stand, and a name that differs
///  "unusable": ["phone"],               traits by which nobody can be reached
///  "consent": {"covers": [7, 8], "withdrawn": ["analytics"]},   which origins a change of consent is for, and what an
///                                       event's own preferences change
///  "named": [[9, "cus_…", "email", "ann@b.test"]],   places that are called so from here on
///  "erased": [7, 8], "redacted": true,   the places of a person who is erased by it; whether such a one was taken out of it
///  "ended": ["consent:7:marketing:"], "timers": [["consent:7:service:", "consent", 1767323045000, {"purpose": …}]],
///                                       keys, and timers with kind, time and payload
///  "summed": 1200,                      how many events a summary stands for
///  "verdicts": {"stock": {…}},          what features above this floor have decided
///  "sourceVersion": 1}
/// ```
/// Empty lists are left out; what is written is read back as it was.
extension Outcome {
  /// The outcome as JSON.
  var json: [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.object { writer in
      writer.field("result", result.rawValue)
      writer.field("origin", ifPresent: origin)
      writer.list("identifiers", rulings) { writer, ruling in
        writer.object { writer in
          writer.field("type", ruling.mention.identifier.type.name)
          writer.field("value", ruling.mention.identifier.value)
          writer.field("proved", ruling.mention.isProved)
          writer.field("became", ruling.became.rawValue)
        }
      }
      // Apart from the identifiers, so that those are shown to readers as they stand.
      writer.list("places", rulings) { writer, ruling in
        if let origin = ruling.origin { writer.value(origin) } else { writer.null() }
      }
      writer.rows("opened", opened) { writer, origin in
        writer.value(origin.number)
        writer.value(origin.publicID)
        writer.value(origin.standing.rawValue)
        if !origin.source.isEmpty || origin.generation > 0 { writer.value(origin.source) }
        if origin.generation > 0 { writer.value(origin.generation) }
      }
      writer.rows("named", named) { writer, origin in
        writer.value(origin.number)
        writer.value(origin.publicID)
        writer.value(origin.identifier.type.name)
        writer.value(origin.identifier.value)
      }
      writer.rows("ties", ties) { writer, tie in
        writer.value(tie.first)
        writer.value(tie.second)
        writer.value(tie.rule)
        if let merge = tie.merge { writer.value(merge) }
      }
      writer.rows("claims", claims) { writer, claim in
        writer.value(claim.claimant)
        writer.value(claim.claimed)
        writer.value(claim.isTied ? 1 : 0)
      }
      writeActs(to: &writer)
      writeTraits(to: &writer)
      writer.list("unusable", unusable) { $0.value($1) }
      consent.write(to: &writer)
      writer.list("erased", erased) { $0.value($1) }
      if isRedacted { writer.field("redacted", true) }
      writeTimers(to: &writer)
      if summed > 0 { writer.field("summed", summed) }
      writeVerdicts(to: &writer)
      writer.field("sourceVersion", sourceVersion)
    }
    return writer.bytes
  }

  /// The outcome that `json` holds.
  ///
  /// - Throws: `internal` where it is none: the log is damaged.
  init(json: [UInt8]) throws {
    do {
      let root = try JSONDocument(json).root
      guard let result = (root["result"]?.string).flatMap(Result.init(rawValue:)) else { throw Self.damaged("result") }
      self.init(result, origin: root["origin"]?.integer)
      var places = (root["places"]?.elements.map { $0.integer } ?? [])[...]
      rulings = try root.list("identifiers") { ruling in
        guard let identifier = Self.identifier(ruling), let isProved = ruling["proved"]?.bool,
          let became = (ruling["became"]?.string).flatMap(Became.init(rawValue:))
        else { throw Self.damaged("identifiers") }
        return Ruling(
          mention: Event.Mention(identifier, isProved: isProved), became: became, origin: places.popFirst() ?? nil)
      }
      opened = try root.rows("opened") { row in
        guard row.count >= 3, let number = row[0].integer, let id = row[1].string,
          let identifier = rulings.first(where: { $0.origin == number })?.mention.identifier,
          let standing = row[2].integer.flatMap(Origin.Standing.init(rawValue:))
        else { throw Self.damaged("opened") }
        return Origin(
          number: number, publicID: id, identifier: identifier, standing: standing,
          source: row.count > 3 ? row[3].string ?? "" : "", generation: row.count > 4 ? row[4].integer ?? 0 : 0)
      }
      named = try root.rows("named") { row in
        guard row.count == 4, let number = row[0].integer, let id = row[1].string,
          let type = row[2].string.flatMap({ IdentifierType($0) }), let value = row[3].string
        else { throw Self.damaged("named") }
        return Origin(
          number: number, publicID: id, identifier: Identifier(recorded: type, value), standing: .claim, source: "",
          generation: 0)
      }
      ties = try root.rows("ties") { row in
        guard row.count >= 3, let first = row[0].integer, let second = row[1].integer, let rule = row[2].string
        else { throw Self.damaged("ties") }
        return Tie(first: first, second: second, rule: rule, merge: row.count > 3 ? row[3].string : nil)
      }
      claims = try root.rows("claims") { row in
        guard row.count == 3, let claimant = row[0].integer, let claimed = row[1].integer, let tied = row[2].integer
        else { throw Self.damaged("claims") }
        return Claim(claimant: claimant, claimed: claimed, isTied: tied == 1)
      }
      try readActs(of: root)
      traits = try Self.traits(root["traits"])
      unusable = try root.list("unusable") { name in
        guard let name = name.string else { throw Self.damaged("unusable") }
        return name
      }
      consent = ConsentRuling(json: root["consent"])
      erased = try root.list("erased") { number in
        guard let number = number.integer else { throw Self.damaged("erased") }
        return number
      }
      isRedacted = root["redacted"]?.bool ?? false
      try readTimers(of: root)
      summed = root["summed"]?.integer ?? 0
      verdicts = Self.verdicts(of: root)
      sourceVersion = root["sourceVersion"]?.integer ?? 0
    } catch let failure as JSONFailure {
      throw Self.damaged(failure.reason)
    }
  }

  /// What persons decide, and doubts; none of it is in most outcomes.
  private func writeActs(to writer: inout JSONWriter) {
    writer.list("undone", undone) { $0.value($1) }
    writer.pairs("cuts", cuts)
    writer.pairs("separations", separations)
    writer.rows("sharings", sharings) { writer, sharing in
      writer.value(sharing.origin)
      writer.value(sharing.isShared ? 1 : 0)
    }
    writer.rows("reviews", reviews) { writer, review in
      writer.value(review.id)
      writer.value(review.pair.first)
      writer.value(review.pair.second)
      writer.value(review.reason)
      writer.value(review.score)
    }
    writer.rows("decisions", decisions) { writer, decision in
      writer.value(decision.review)
      writer.value(decision.state.rawValue)
    }
  }

  private mutating func readActs(of root: JSON) throws {
    undone = try root.list("undone") { id in
      guard let id = id.string else { throw Self.damaged("undone") }
      return id
    }
    func pair(_ row: [JSON], at index: Int) throws -> Pair {
      guard row.count >= index + 2, let first = row[index].integer, let second = row[index + 1].integer
      else { throw Self.damaged("pairs") }
      return Pair(first: first, second: second)
    }
    cuts = try root.rows("cuts") { try pair($0, at: 0) }
    separations = try root.rows("separations") { try pair($0, at: 0) }
    sharings = try root.rows("sharings") { row in
      guard row.count == 2, let origin = row[0].integer, let isShared = row[1].integer
      else { throw Self.damaged("sharings") }
      return Sharing(origin: origin, isShared: isShared == 1)
    }
    reviews = try root.rows("reviews") { row in
      guard row.count == 5, let id = row[0].string, let reason = row[3].string, let score = row[4].integer
      else { throw Self.damaged("reviews") }
      return Review(id: id, pair: try pair(row, at: 1), reason: reason, score: score)
    }
    decisions = try root.rows("decisions") { row in
      guard row.count == 2, let review = row[0].string, let state = (row[1].string).flatMap(ReviewState.init)
      else { throw Self.damaged("decisions") }
      return Decision(review: review, state: state)
    }
  }

  private func writeTimers(to writer: inout JSONWriter) {
    writer.list("ended", ended) { $0.value($1) }
    writer.rows("timers", timers) { writer, timer in
      writer.value(timer.key)
      writer.value(timer.kind)
      writer.value(timer.due.milliseconds)
      writer.raw(timer.payload)
    }
  }

  private mutating func readTimers(of root: JSON) throws {
    ended = try root.list("ended") { key in
      guard let key = key.string else { throw Self.damaged("ended") }
      return key
    }
    timers = try root.rows("timers") { row in
      guard row.count == 4, let key = row[0].string, let kind = row[1].string, let due = row[2].integer
      else { throw Self.damaged("timers") }
      return Timer(key: key, kind: kind, due: Instant(milliseconds: due), payload: row[3].bytes)
    }
  }

  private func writeTraits(to writer: inout JSONWriter) {
    if traits.isEmpty { return }
    writer.key("traits")
    writer.object { writer in
      for (parent, places) in Dictionary(grouping: traits, by: { $0.parent }).sorted(by: { $0.key < $1.key }) {
        writer.key(parent)
        writer.array { writer in
          for place in places {
            if place.member == place.name {
              writer.value(place.name)
            } else {
              writer.array { writer in
                writer.value(place.member)
                writer.value(place.name)
              }
            }
          }
        }
      }
    }
  }

  private static func traits(_ json: JSON?) throws -> [Event.TraitPlace] {
    var traits: [Event.TraitPlace] = []
    guard let json else { return traits }
    for group in json.members {
      for element in group.value.elements {
        let names = (element.string.map { [$0, $0] } ?? element.elements.compactMap { $0.string })
        guard names.count == 2 else { throw damaged("traits") }
        traits.append(Event.TraitPlace(name: names[1], parent: group.key, member: names[0]))
      }
    }
    return traits
  }

  private static func identifier(_ json: JSON) -> Identifier? {
    guard let type = (json["type"]?.string).flatMap(IdentifierType.init), let value = json["value"]?.string
    else { return nil }
    return Identifier(recorded: type, value)
  }

  private static func damaged(_ part: String) -> Failure {
    Failure(.internal, "the log is damaged", cause: "an outcome's \(part) cannot be read", hint: "throughline verify")
  }
}

extension JSONWriter {
  /// A field that is a list, left out when the list is empty; `body` writes one element.
  fileprivate mutating func list<T>(_ name: String, _ items: [T], _ body: (inout JSONWriter, T) -> Void) {
    if items.isEmpty { return }
    key(name)
    array { writer in
      for item in items { body(&writer, item) }
    }
  }

  fileprivate mutating func pairs(_ name: String, _ pairs: [Outcome.Pair]) {
    rows(name, pairs) { writer, pair in
      writer.value(pair.first)
      writer.value(pair.second)
    }
  }

  /// A field that is a list of lists, left out when it is empty; `body` writes one list's elements.
  fileprivate mutating func rows<T>(_ name: String, _ items: [T], _ body: (inout JSONWriter, T) -> Void) {
    list(name, items) { writer, item in writer.array { body(&$0, item) } }
  }
}

extension JSON {
  fileprivate func list<T>(_ name: StaticString, _ map: (JSON) throws -> T) throws -> [T] {
    guard let list = self[name] else { return [] }
    return try list.elements.map(map)
  }

  fileprivate func rows<T>(_ name: StaticString, _ map: ([JSON]) throws -> T) throws -> [T] {
    try list(name) { try map(Array($0.elements)) }
  }
}
