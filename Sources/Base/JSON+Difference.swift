/// Where two values differ.
package struct JSONDifference: Sendable {
  /// RFC 6901, from the root; empty for the whole of it.
  package let pointer: String
  /// What stood there; nil where there was nothing.
  package let old: JSON?
  /// What stands there now; nil where there is nothing.
  package let new: JSON?
}

extension JSON {
  /// Where this value differs from `old`: member by member in objects, whole for everything else.
  package func differences(from old: JSON) -> [JSONDifference] {
    var differences: [JSONDifference] = []
    gather(from: old, "", &differences)
    return differences
  }

  private func gather(from old: JSON, _ pointer: String, _ differences: inout [JSONDifference]) {
    guard kind == .object, old.kind == .object else {
      if !isEqual(to: old) { differences.append(JSONDifference(pointer: pointer, old: old, new: self)) }
      return
    }
    for (name, value) in members {
      let place = "\(pointer)/\(Self.pointerToken(name))"
      if let former = old.member(name) {
        value.gather(from: former, place, &differences)
      } else {
        differences.append(JSONDifference(pointer: place, old: nil, new: value))
      }
    }
    for (name, value) in old.members where member(name) == nil {
      differences.append(
        JSONDifference(pointer: "\(pointer)/\(Self.pointerToken(name))", old: value, new: nil))
    }
  }

  /// A member's name as it stands in a pointer (RFC 6901, section 3).
  package static func pointerToken(_ name: String) -> String {
    name.replacing("~", with: "~0").replacing("/", with: "~1")
  }
}
