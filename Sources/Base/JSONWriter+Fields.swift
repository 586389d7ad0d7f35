// `@inlinable` has no effect on package declarations, so a generic `field` is called through witnesses in other modules:
// the usual kinds of value have their own, a third cheaper.
extension JSONWriter {
  /// Writes one value.
  package mutating func value(_ value: some JSONWritable) { value.write(to: &self) }

  /// Writes a member.
  package mutating func field(_ name: String, _ value: some JSONWritable) {
    key(name)
    value.write(to: &self)
  }

  /// Writes a member, `null` if there is no value.
  package mutating func field(_ name: String, orNull value: (some JSONWritable)?) {
    key(name)
    if let value { value.write(to: &self) } else { null() }
  }

  /// Writes a member, or nothing if there is no value.
  package mutating func field(_ name: String, ifPresent value: (some JSONWritable)?) {
    if let value { field(name, value) }
  }

  /// Writes a member.
  package mutating func field(_ name: String, _ string: String) {
    key(name)
    value(string)
  }

  /// Writes a member.
  package mutating func field(_ name: String, _ integer: Int64) {
    key(name)
    value(integer)
  }

  /// Writes a member.
  package mutating func field(_ name: String, _ integer: Int) {
    key(name)
    value(Int64(integer))
  }

  /// Writes a member.
  package mutating func field(_ name: String, _ bool: Bool) {
    key(name)
    value(bool)
  }

  /// Writes a member.
  package mutating func field(_ name: String, _ json: JSON) {
    key(name)
    raw(json)
  }
}
