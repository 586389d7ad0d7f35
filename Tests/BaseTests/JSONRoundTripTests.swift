import Base
import Testing

private func read(_ text: String) throws -> JSON { try JSONDocument(Array(text.utf8)).root }

/// Writes a value anew from what its accessors give.
private func rewrite(_ json: JSON, to writer: inout JSONWriter) throws {
  switch json.kind {
  case .object:
    try writer.object { writer in
      for (key, value) in json.members {
        writer.key(key)
        try rewrite(value, to: &writer)
      }
    }
  case .array: try writer.array { writer in for element in json.elements { try rewrite(element, to: &writer) } }
  case .string: writer.value(try #require(json.string))
  case .number: writer.raw(Array(try #require(json.number).utf8))
  case .boolean: writer.value(json.bool == true)
  case .null: writer.null()
  }
}

@Test func `five hundred random values are the same however they are spelled, and after writing`() throws {
  var seed = JSONSeed(state: 1)
  var previous = try read("0")
  for round in 0..<500 {
    let sample = JSONSample.random(&seed)
    let (one, other) = (try read(sample.spelled(&seed)), try read(sample.spelled(&seed)))
    try #require(one.isEqual(to: other), "round \(round)")
    let canonical = one.canonical()
    try #require(other.canonical() == canonical, "round \(round)")
    try #require(try JSONDocument(canonical).root.canonical() == canonical, "round \(round)")
    try #require(one.isEqual(to: previous) == (previous.canonical() == canonical), "round \(round)")

    var writer = JSONWriter()
    try rewrite(one, to: &writer)
    try #require(try JSONDocument(writer.bytes).root.isEqual(to: one), "round \(round)")
    previous = other
  }
}

@Test func `no beginning of a container is taken for a whole text`() throws {
  var seed = JSONSeed(state: 2)
  for _ in 0..<60 {
    let text = Array(JSONSample.array([JSONSample.random(&seed, depth: 3)]).spelled(&seed).utf8)
    // Each beginning is read anew: a long text would take minutes.
    for end in 0..<text.count where text.count < 2000 {
      do throws(JSONFailure) {
        _ = try JSONDocument(Array(text[..<end]))
        Issue.record("\(end) bytes of \(String(decoding: text, as: UTF8.self)) were taken")
      } catch {
        let isCut = [.empty, .cutShort, .unknownWord, .badUTF8, .loneSurrogate].contains(error.fault)
        try #require(isCut, "\(error.reason) at \(end) of \(String(decoding: text, as: UTF8.self))")
      }
    }
  }
}
