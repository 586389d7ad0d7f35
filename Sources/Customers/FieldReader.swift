import Base

/// Reads the fields of an object that came from outside, and gathers everything that is wrong with it.
struct FieldReader {
  private let object: JSON
  private(set) var faults: [Failure.Fault]

  /// - Parameters:
  ///   - object: what came.
  ///   - fields: the names that it may have.
  ///   - what: what it should be, with its article.
  /// - Throws: `invalid` where it is no object.
  init(_ object: JSON, fields: Set<String>, of what: String) throws {
    guard object.kind == .object else {
      throw Failure(.invalid, "\(what) is an object", faults: [.init("", "is no object")])
    }
    self.object = object
    faults = object.members.filter { !fields.contains($0.key) }.map {
      .init("/\(JSON.pointerToken($0.key))", "is unknown")
    }
  }

  /// The field of that name; nil where it is missing or null.
  subscript(_ name: StaticString) -> JSON? { object[name].flatMap { $0.isNull ? nil : $0 } }

  mutating func check(_ isRight: Bool, _ pointer: String, _ reason: String) {
    if !isRight { faults.append(.init(pointer, reason)) }
  }

  /// A field that is true or false, or `usual` where it is not there.
  mutating func flag(_ name: StaticString, usual: Bool) -> Bool {
    let given = self[name]
    check(given == nil || given?.bool != nil, "/\(name)", "is neither true nor false")
    return given?.bool ?? usual
  }
}
