import Base

/// A body that is a list, of which each element has a result of its own.
enum ListBody {
  /// The elements of the list.
  ///
  /// - Throws: `invalid` where it is none, `tooLarge` where it is too long.
  static func elements(of body: [UInt8], most: Int, _ what: String) throws -> [JSON] {
    let list = try JSONDocument(body).root
    guard list.kind == .array else {
      throw Failure(.invalid, "the body is a list of \(what)", faults: [.init("", "is no list")])
    }
    guard list.count <= most else { throw Failure(.tooLarge, "a list has at most \(most) \(what)") }
    return list.elements.map { $0 }
  }

  /// Writes the faults of an element as the member `errors`, where there are any, pointed to from the list.
  static func write(_ faults: [Failure.Fault], at index: Int, to writer: inout JSONWriter) {
    if faults.isEmpty { return }
    writer.key("errors")
    writer.array { writer in
      for fault in faults {
        writer.object { writer in
          writer.field("pointer", "/\(index)\(fault.pointer)")
          writer.field("reason", fault.reason)
        }
      }
    }
  }
}
