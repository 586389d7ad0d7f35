import Base
import Testing

@Test func `an event is read as it came`() throws {
  let root = try JSONDocument(Array(#"{"type":"track","n":-12,"price":100.10,"ok":true,"a":[1,[],{}],"x":null}"#.utf8))
    .root
  #expect(root["type"]?.string == "track")
  #expect(root["n"]?.integer == -12)
  #expect(root["price"]?.number == "100.10")
  #expect(root["ok"]?.bool == true)
  #expect(root["x"]?.isNull == true)
  #expect(root["a"]?.elements.map(\.kind) == [.number, .array, .object])
  #expect(root.members.map(\.key) == ["type", "n", "price", "ok", "a", "x"])
  #expect(
    String(decoding: root.canonical(), as: UTF8.self)
      == #"{"a":[1,[],{}],"n":-12,"ok":true,"price":100.1,"type":"track","x":null}"#)
}
