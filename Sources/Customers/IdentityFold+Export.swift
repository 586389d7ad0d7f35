package import Base
package import SQL

extension IdentityFold {
  /// Writes who the person is: his ids, his names with who told them, what he claims beside them, and by what proofs they
  /// are one person.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    let names = try IdentifierSet(of: origins, in: session)
    let leader = names.leader
    writer.field("id", orNull: leader?.publicID)
    writer.key("formerIds")
    writer.array { writer in
      let former = names.places.filter { $0.origin.number != leader?.number }.map { $0.origin.publicID }
      for id in former.sorted() { writer.value(id) }
    }
    writer.field("known", names.isKnown)
    writer.list("identifiers", names.places.map { $0.json })
    let places = Dictionary(names.places.map { ($0.origin.number, $0.origin) }) { first, _ in first }
    writer.list("claims", names.claims.map { $0.json(by: places) })
    var ties: [[UInt8]] = []
    for place in names.places {
      try session.forEachRow(of: IdentifierStatement.ties, [.integer(place.origin.number)]) { row in
        guard let second = places[row.integer(0)] else { return true }
        ties.append(
          object { writer in
            writer.key("between")
            // A proof has no direction.
            let ends = [place.origin.identifier, second.identifier].map { identifier in
              object { $0.write(identifier) }
            }
            writer.array { writer in for end in ends.sorted(by: <) { writer.raw(end) } }
            writer.field("rule", row.text(1))
            writer.field("source", row.text(2))
            writer.field("since", Instant(milliseconds: row.integer(3)).text)
          })
        return true
      }
    }
    writer.list("ties", ties)
  }
}

extension IdentifierSet.Place {
  fileprivate var json: [UInt8] {
    object { writer in
      writer.write(origin.identifier)
      writer.field("id", origin.publicID)
      writer.field("standing", origin.standing == .own ? "own" : "claim")
      writer.field("verified", isVerified)
      writer.field("shared", origin.isShared)
      writer.field("claimedAt", ifPresent: origin.source.isEmpty ? nil : origin.source)
      writer.field("generation", ifPresent: origin.generation == 0 ? nil : origin.generation)
      writer.field("source", source)
      writer.field("since", Instant(milliseconds: since).text)
    }
  }
}

extension IdentifierSet.Claim {
  fileprivate func json(by places: [Origin.Number: Origin]) -> [UInt8] {
    object { writer in
      writer.field("type", type)
      writer.field("value", value)
      writer.key("by")
      writer.object { writer in
        if let claimant = places[claimant] { writer.write(claimant.identifier) }
      }
      writer.field("tied", isTied)
      writer.field("source", source)
      writer.field("since", Instant(milliseconds: since).text)
    }
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ identifier: Identifier) {
    field("type", identifier.type.name)
    field("value", identifier.value)
  }

  /// A member that is a list of objects, in the order of their bytes.
  fileprivate mutating func list(_ name: String, _ objects: [[UInt8]]) {
    key(name)
    array { writer in for object in objects.sorted(by: <) { writer.raw(object) } }
  }
}

private func object(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
  var writer = JSONWriter(capacity: 256)
  writer.object(body)
  return writer.bytes
}

private func < (a: [UInt8], b: [UInt8]) -> Bool { a.lexicographicallyPrecedes(b) }
