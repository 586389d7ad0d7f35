/// What a `JSONWriter` can write as a member or an element.
package protocol JSONWritable {
  /// Writes this as one value.
  func write(to writer: inout JSONWriter)
}

extension String: JSONWritable {
  package func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension Int64: JSONWritable {
  package func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension Int: JSONWritable {
  package func write(to writer: inout JSONWriter) { writer.value(Int64(self)) }
}

extension Bool: JSONWritable {
  package func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension JSON: JSONWritable {
  package func write(to writer: inout JSONWriter) { writer.raw(self) }
}

extension JSONWriter {
  /// Writes one value.
  @inlinable
  package mutating func value(_ value: some JSONWritable) { value.write(to: &self) }

  /// Writes a member.
  @inlinable
  package mutating func field(_ name: String, _ value: some JSONWritable) {
    key(name)
    value.write(to: &self)
  }

  /// Writes a member, `null` if there is no value.
  @inlinable
  package mutating func field(_ name: String, orNull value: (some JSONWritable)?) {
    key(name)
    if let value { value.write(to: &self) } else { null() }
  }

  /// Writes a member, or nothing if there is no value.
  @inlinable
  package mutating func field(_ name: String, ifPresent value: (some JSONWritable)?) {
    if let value { field(name, value) }
  }
}
