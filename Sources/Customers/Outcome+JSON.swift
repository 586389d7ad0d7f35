import Base

/// How an outcome stands in the log. Empty lists are left out; an opened origin's identifier is the one whose place
/// has its number; what is written is read back as it was.
extension Outcome {
  /// The outcome as JSON.
  var json: [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.object { writer in
      writer.field("result", result.rawValue)
      writer.field("origin", ifPresent: origin)
      writer.list("identifiers", rulings) { writer, ruling in
        writer.field("type", ruling.mention.identifier.type.name)
        writer.field("value", ruling.mention.identifier.value)
        writer.field("proved", ruling.mention.isProved)
        writer.field("became", ruling.became.rawValue)
      }
      if !rulings.isEmpty {
        // Apart from the identifiers, so that those are shown to readers as they stand.
        writer.key("places")
        writer.array { writer in
          for ruling in rulings { if let origin = ruling.origin { writer.value(origin) } else { writer.null() } }
        }
      }
      writer.list("opened", opened) { writer, origin in
        writer.field("number", origin.number)
        writer.field("id", origin.publicID)
        writer.field("standing", origin.standing.rawValue)
        if !origin.source.isEmpty { writer.field("source", origin.source) }
      }
      writer.list("ties", ties) { writer, tie in
        writer.field("first", tie.first)
        writer.field("second", tie.second)
        writer.field("rule", tie.rule)
      }
      writer.list("claims", claims) { writer, claim in
        writer.field("claimant", claim.claimant)
        writer.field("claimed", claim.claimed)
        writer.field("tied", claim.isTied)
      }
      if !traits.isEmpty {
        writer.key("traits")
        writer.object { writer in
          for trait in traits { writer.field(trait.name, trait.pointer) }
        }
      }
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
      opened = try root.list("opened") { origin in
        guard let number = origin["number"]?.integer, let id = origin["id"]?.string,
          let identifier = rulings.first(where: { $0.origin == number })?.mention.identifier,
          let standing = (origin["standing"]?.integer).flatMap(Origin.Standing.init(rawValue:))
        else { throw Self.damaged("opened") }
        return Origin(
          number: number, publicID: id, identifier: identifier, standing: standing,
          source: origin["source"]?.string ?? "")
      }
      ties = try root.list("ties") { tie in
        guard let first = tie["first"]?.integer, let second = tie["second"]?.integer, let rule = tie["rule"]?.string
        else { throw Self.damaged("ties") }
        return Tie(first: first, second: second, rule: rule)
      }
      claims = try root.list("claims") { claim in
        guard let claimant = claim["claimant"]?.integer, let claimed = claim["claimed"]?.integer,
          let isTied = claim["tied"]?.bool
        else { throw Self.damaged("claims") }
        return Claim(claimant: claimant, claimed: claimed, isTied: isTied)
      }
      if let places = root["traits"] {
        for trait in places.members {
          guard let pointer = trait.value.string else { throw Self.damaged("traits") }
          traits.append(Event.TraitPlace(name: trait.key, pointer: pointer))
        }
      }
      sourceVersion = root["sourceVersion"]?.integer ?? 0
    } catch let failure as JSONFailure {
      throw Self.damaged(failure.reason)
    }
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
  /// A field that is a list of objects, left out when the list is empty.
  fileprivate mutating func list<T>(_ name: String, _ items: [T], _ body: (inout JSONWriter, T) -> Void) {
    if items.isEmpty { return }
    key(name)
    array { writer in
      for item in items { writer.object { body(&$0, item) } }
    }
  }
}

extension JSON {
  fileprivate func list<T>(_ name: StaticString, _ map: (JSON) throws -> T) throws -> [T] {
    guard let list = self[name] else { return [] }
    return try list.elements.map(map)
  }
}
