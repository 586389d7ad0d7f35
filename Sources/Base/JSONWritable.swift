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
