import Base
import Testing

@Suite struct JSONPointerTests {
  private static let text = #"{"foo":{"bar":1},"":2,"a/b":3,"m~n":4,"c%d":5," ":6,"~1":7}"#

  /// RFC 6901, section 5, and what is no place at all.
  @Test(arguments: [
    ("/foo/bar", "1"), ("/", "2"), ("/a~1b", "3"), ("/m~0n", "4"), ("/c%d", "5"), ("/ ", "6"), ("/~01", "7"),
    ("", text), ("foo", nil), ("/foo/baz", nil), ("/foo/bar/x", nil), ("/foo/", nil),
  ])
  func `a pointer leads to its value`(pointer: String, value: String?) throws {
    let found = try JSONDocument(Array(Self.text.utf8)).root.value(at: pointer)
    #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == value)
  }

  @Test(arguments: ["", "a", "a/b", "~", "~1", "/~0/", "é"])
  func `a name is found again by its token`(name: String) throws {
    var writer = JSONWriter()
    writer.object { $0.field(name, 17) }
    #expect(try JSONDocument(writer.bytes).root.value(at: "/" + JSON.pointerToken(name))?.integer == 17)
  }
}
