/// JSON Pointer (RFC 6901): the place of a value inside a document, for example `/context/traits/email`.
extension JSON {
  /// The value at `pointer`, or nil where there is none; the empty pointer is the value itself.
  ///
  /// Only members of objects are walked.
  package func value(at pointer: String) -> JSON? {
    guard !pointer.isEmpty else { return self }
    guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
    var value: JSON? = self
    for token in pointer.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      value = value?.member(Self.unescaped(token))
    }
    return value
  }

  /// A member's name as a part of a pointer: `~` is `~0` and `/` is `~1` there.
  package static func pointerToken(_ name: String) -> String {
    guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
    return name.replacing("~", with: "~0").replacing("/", with: "~1")
  }

  private static func unescaped(_ token: Substring.UTF8View) -> String {
    let text = String(Substring(token))
    return text.utf8.contains(UInt8(ascii: "~")) ? text.replacing("~1", with: "/").replacing("~0", with: "~") : text
  }
}
