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

    /// Whether both came with one event.
    fileprivate func isSame(as other: Value) -> Bool {
      source.utf8.elementsEqual(other.source.utf8) && messageID.utf8.elementsEqual(other.messageID.utf8)
    }

    fileprivate var isNull: Bool { TraitSet.isNull(value) }
    fileprivate var isRemoval: Bool { TraitSet.isRemoval(value, by: source) }

    /// Of one moment the greater source and message come later, compared by their bytes as in the tables.
    func isNewer(than other: Value) -> Bool {
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

  private static func isNull(_ value: [UInt8]) -> Bool { value.elementsEqual("null".utf8) }

  /// Whether a person removed the trait.
  static func isRemoval(_ value: [UInt8], by source: String) -> Bool {
    isNull(value) && source.hasPrefix(Event.requestSource)
  }

  /// What the sources say of one trait.
  struct Trait: Sendable {
    var name: String
    /// The newest value of each source at each origin, the newest first; a `null` says that its source has no value any more.
    fileprivate(set) var values: [Value]

    /// What holds; nil where nobody says anything, or a person has removed the trait since.
    ///
    /// A source's `null` takes back what that source said, a person's all that was said before.
    var current: Value? {
      values.prefix { !$0.isRemoval }.first { !$0.isNull }
    }

    /// Writes it with what does not hold, the newest first.
    ///
    /// - Parameter withNulls: whether it is told too that a source has taken its value back.
    fileprivate func write(_ current: Value, withNulls: Bool, to writer: inout JSONWriter) {
      writer.key(name)
      writer.object { writer in
        current.write(to: &writer)
        writer.key("lost")
        writer.array { writer in
          for value in values where !value.isSame(as: current) && (withNulls || !value.isNull) {
            writer.object { value.write(to: &$0) }
          }
        }
      }
    }
  }

  /// By name.
  let traits: [Trait]

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
    self.init(traits)
  }

  /// Those that have these values, by name.
  init(_ values: [[UInt8]: [Value]]) {
    traits = values.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { name, values in
      Trait(name: String(decoding: name, as: UTF8.self), values: values.sorted { $0.isNewer(than: $1) })
    }
  }

  /// What holds of the trait of that name.
  func current(_ name: String) -> Value? {
    traits.first { $0.name.utf8.elementsEqual(name.utf8) }?.current
  }

  /// Writes those that hold, as members of an object that is open already; what is computed goes before what was said
  /// under its name.
  func write(to writer: inout JSONWriter, computed: [ComputedTraits.Value] = []) {
    let values = Dictionary(computed.map { (Array($0.name.utf8), $0) }) { first, _ in first }
    let told = Dictionary(traits.map { (Array($0.name.utf8), $0) }) { first, _ in first }
    for name in Set(values.keys).union(told.keys).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let trait = told[name]
      if let value = values[name] {
        let current = Value(source: ComputedTraits.source, value: value.value, at: value.at, messageID: "")
        (trait ?? Trait(name: value.name, values: [])).write(current, withNulls: false, to: &writer)
      } else if let trait, let current = trait.current {
        trait.write(current, withNulls: false, to: &writer)
      }
    }
  }

  /// Writes all that is kept of them, removed ones too, as members of an object that is open already.
  fileprivate func writeAll(to writer: inout JSONWriter) {
    for trait in traits {
      if let newest = trait.current ?? trait.values.first { trait.write(newest, withNulls: true, to: &writer) }
    }
  }

  /// When a trait is changed, if it is changed now: after everything that was said of these before, also within one
  /// millisecond.
  func moment(_ names: [String], now: Instant) -> Instant {
    let names = Set(names.map { Array($0.utf8) })
    let last = traits.filter { names.contains(Array($0.name.utf8)) }.compactMap { $0.values.first?.at }.max()
    guard let last, last >= now.milliseconds else { return now }
    return Instant(milliseconds: last + 1)
  }
}

extension TraitFold {
  /// Writes the person's traits, each with its losing values, as the member `traits` of his export.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    let traits = try TraitSet(of: origins, in: session)
    writer.key("traits")
    writer.object { traits.writeAll(to: &$0) }
  }
}
