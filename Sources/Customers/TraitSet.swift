package import Base
package import SQL

/// The traits of a customer, as all of his origins have them.
struct TraitSet: Sendable {
  /// What one source says of a trait.
  struct Value: Sendable {
    var source: String
    /// The value as JSON.
    var value: [UInt8]
    /// When it was true, in milliseconds.
    var at: Int64
    var messageID: String

    /// Of one moment the greater source and message come later, compared by their bytes as in the tables.
    fileprivate func isNewer(than other: Value) -> Bool {
      if at != other.at { return at > other.at }
      let (mine, theirs) = ([source, messageID], [other.source, other.messageID])
      return theirs.lexicographicallyPrecedes(mine) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    func write(to writer: inout JSONWriter) {
      writer.key("value")
      writer.raw(value)
      writer.field("source", source)
      writer.field("at", Instant(milliseconds: at).text)
    }
  }

  /// By name; of each the newest value first, then those that lost.
  let traits: [(name: String, values: [Value])]

  /// The traits of the customer whose origins these are.
  init(of origins: [Origin.Number], in session: any Session) throws {
    // By the names' bytes: texts in Swift are equal in more than one spelling, names in the tables are not.
    var traits: [[UInt8]: [Value]] = [:]
    for origin in origins {
      try session.forEachRow(of: TraitStatement.ofOrigin, [.integer(origin)]) { row in
        traits[row.bytes(0), default: []].append(
          Value(source: row.text(1), value: row.bytes(2), at: row.integer(3), messageID: row.text(4)))
        return true
      }
    }
    self.traits = traits.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { name, values in
      (String(decoding: name, as: UTF8.self), values.sorted { $0.isNewer(than: $1) })
    }
  }

  /// Writes them as members of an object that is open already.
  func write(to writer: inout JSONWriter) {
    for (name, values) in traits {
      writer.key(name)
      writer.object { writer in
        values[0].write(to: &writer)
        writer.key("lost")
        writer.array { writer in
          for value in values.dropFirst() { writer.object { value.write(to: &$0) } }
        }
      }
    }
  }
}

extension TraitFold {
  /// Writes the person's traits, each with its losing values, as the member `traits` of his export.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    let traits = try TraitSet(of: origins, in: session)
    writer.key("traits")
    writer.object { traits.write(to: &$0) }
  }
}
