// Built by `Scripts/fuzz json` together with the sources of the JSON part of Base; not a target of the package.

/// Feeds any bytes to the JSON reader and holds what it accepts to its promises.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let root: JSON
  do throws(JSONFailure) {
    root = try JSONDocument(bytes).root
  } catch {
    precondition(0...count ~= error.offset, "a fault lies inside the text")
    return 0
  }
  let canonical = root.canonical()
  let again = reread(canonical)
  precondition(again.canonical() == canonical, "the canonical form is its own")
  precondition(root.isEqual(to: again) && again.isEqual(to: root), "the canonical form is the same value")

  var copy = JSONWriter()
  write(root, to: &copy)
  precondition(reread(copy.bytes).isEqual(to: root), "what is written is what was read")
  return 0
}

private func reread(_ bytes: [UInt8]) -> JSON {
  do throws(JSONFailure) {
    return try JSONDocument(bytes).root
  } catch {
    fatalError("own output refused at \(error.offset): \(error.reason)")
  }
}

/// Writes a value anew from its parts, through every accessor on the way.
private func write(_ json: JSON, to writer: inout JSONWriter) {
  switch json.kind {
  case .null:
    precondition(json.isNull)
    writer.null()
  case .boolean: writer.field(json.bool)
  case .number:
    if let integer = json.integer { writer.value(integer) } else { writer.raw(Array((json.number ?? "").utf8)) }
  case .string: writer.field(json.string)
  case .array:
    writer.array { for element in json.elements { write(element, to: &$0) } }
    precondition(Array(json.elements).count == json.count)
  case .object:
    writer.object { writer in
      for (key, value) in json.members {
        precondition(json.member(key)?.range == value.range, "a member is found by its name")
        writer.key(key)
        write(value, to: &writer)
      }
    }
    precondition(Array(json.rawMembers).count == json.count)
  }
}

extension JSONWriter {
  fileprivate mutating func field(_ value: (some JSONWritable)?) {
    guard let value else { fatalError("a value has what its kind promises") }
    self.value(value)
  }
}
