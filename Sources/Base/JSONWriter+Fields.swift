// Another module does not specialise a generic `field` of this one (`@inlinable` did not change it for package
// declarations in Swift 6.3), it calls it through witnesses: so the usual kinds of value have their own.
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
