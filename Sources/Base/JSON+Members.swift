extension JSON {
  /// How many elements an array or members an object has; 0 for the rest.
  package var count: Int { entry.count }

  /// The member of an object by that name; nil if it has none or is no object.
  @inline(__always)
  package subscript(_ name: StaticString) -> JSON? {
    name.withUTF8Buffer { member($0) }
  }

  /// The member of an object by that name; nil if it has none or is no object.
  package func member(_ name: String) -> JSON? {
    var name = name
    return name.withUTF8 { member($0) }
  }

  /// The elements of an array in their order; none for the rest.
  package var elements: JSONElements { JSONElements(self) }

  /// The members of an object in their order, their names not decoded: each `name` is a handle of kind string.
  package var rawMembers: JSONRawMembers { JSONRawMembers(self) }

  /// The members of an object in their order; none for the rest.
  package var members: some Sequence<(key: String, value: JSON)> {
    rawMembers.lazy.map { (key: $0.name.string ?? "", value: $0.value) }
  }

  private func member(_ name: UnsafeBufferPointer<UInt8>) -> JSON? {
    let object = entry
    guard object.kind == .object else { return nil }
    return document.withText { text in
      var i = index &+ 1
      while i < object.next {
        if document.tape[i].means(name, in: text) { return JSON(document: document, index: i &+ 1) }
        i = Int(document.tape[i &+ 1].next)
      }
      return nil
    }
  }

  func isString(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let entry = entry
    return entry.kind == .string && document.withText { entry.means(text, in: $0) }
  }
}

extension JSONTape.Entry {
  /// Whether this string or name means exactly those bytes of UTF-8.
  @inline(__always)
  func means(_ other: UnsafeBufferPointer<UInt8>, in text: JSONText) -> Bool {
    isEscaped ? text.unescaped(content).elementsEqual(other) : text.slice(content).isSame(as: other)
  }
}

/// The elements of an array, read from the tape as they are asked for.
package struct JSONElements: Sequence, IteratorProtocol, Sendable {
  private let document: JSONDocument
  private var index: Int
  private let end: Int

  init(_ array: JSON) {
    document = array.document
    index = array.index + 1
    end = array.kind == .array ? Int(array.entry.next) : index
  }

  package mutating func next() -> JSON? {
    guard index < end else { return nil }
    defer { index = Int(document.tape[index].next) }
    return JSON(document: document, index: index)
  }
}

/// The members of an object, read from the tape as they are asked for.
package struct JSONRawMembers: Sequence, IteratorProtocol, Sendable {
  private let document: JSONDocument
  private var index: Int
  private let end: Int

  init(_ object: JSON) {
    document = object.document
    index = object.index + 1
    end = object.kind == .object ? Int(object.entry.next) : index
  }

  package mutating func next() -> (name: JSON, value: JSON)? {
    guard index < end else { return nil }
    defer { index = Int(document.tape[index + 1].next) }
    return (JSON(document: document, index: index), JSON(document: document, index: index + 1))
  }
}
