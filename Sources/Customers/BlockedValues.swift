package import Base
package import SQL

/// Values that identify nobody in this shop, by type: the document of the kind `blocked_values`.
///
/// What means nothing anywhere (`MeaninglessValues`) is blocked without it.
///
/// ```json
/// {"user_id": ["cashier"], "email": ["team@", "orders@shop.example"]}
/// ```
/// Capitals do not count. An address that ends with `@` stands for every address with that local part.
package struct BlockedValues: Sendable, Hashable {
  package static let documentKind = "blocked_values"
  /// Junk comes in a few spellings; a longer list is a list of customers, which is what erasure and limits are for.
  package static let longestList = 1000

  private var lists: [IdentifierType: [String]] = [:]
  /// The lists in small letters, for looking values up.
  private var folded: [IdentifierType: Set<String>] = [:]

  /// None besides the usual ones.
  package init() {
    for type in IdentifierType.all { block([], type) }
  }

  private mutating func block(_ values: [String], _ type: IdentifierType) {
    lists[type] = values
    folded[type] = Set(values.map { $0.lowercased() })
  }

  /// The values that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault; an unknown type is one, and a value that is none of its type.
  package init(document: JSON) throws {
    self.init()
    guard document.kind == .object else {
      throw Failure(.invalid, "blocked values are an object", faults: [.init("", "is no object")])
    }
    var faults: [Failure.Fault] = []
    for (name, list) in document.members {
      let pointer = "/\(JSON.pointerToken(name))"
      guard let type = IdentifierType(name) else {
        faults.append(.init(pointer, "is no type of identifier"))
        continue
      }
      guard list.kind == .array, list.count <= Self.longestList else {
        faults.append(.init(pointer, "is no list of at most \(Self.longestList) values"))
        continue
      }
      var values: [String] = []
      for (index, element) in list.elements.enumerated() {
        guard let value = element.string.flatMap({ Self.value($0, of: type) }) else {
          faults.append(.init("\(pointer)/\(index)", "is no value that the type \(name) can have"))
          continue
        }
        if !values.contains(value) { values.append(value) }
      }
      block(values, type)
    }
    if !faults.isEmpty { throw Failure(.invalid, "a blocked value is wrong", faults: faults) }
  }

  /// The values in force.
  package init(in session: any Session) throws {
    guard let document = try DocumentStore.find(Self.documentKind, DocumentKind.onlyID, in: session) else {
      self.init()
      return
    }
    try self.init(document: JSONDocument(document.body).root)
  }

  private static func value(_ text: String, of type: IdentifierType) -> String? {
    if type == .email, text.hasSuffix("@") {
      // As the whole address would be spelled.
      guard let whole = Identifier(.email, text + "example.com")?.value else { return nil }
      return String(whole.dropLast("example.com".count))
    }
    return Identifier(type, text)?.value
  }

  /// Whether none is blocked.
  var isEmpty: Bool { folded.values.allSatisfy { $0.isEmpty } }

  /// Whether that identifier identifies nobody.
  package func contains(_ identifier: Identifier) -> Bool {
    guard let blocked = folded[identifier.type], !blocked.isEmpty else { return false }
    let value = identifier.value.lowercased()
    if blocked.contains(value) { return true }
    guard identifier.type == .email, let at = value.lastIndex(of: "@") else { return false }
    return blocked.contains(String(value[...at]))
  }

  /// The document that holds the values.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      for type in IdentifierType.all {
        writer.key(type.name)
        writer.array { writer in
          for value in lists[type] ?? [] { writer.value(value) }
        }
      }
    }
    return writer.bytes
  }
}
