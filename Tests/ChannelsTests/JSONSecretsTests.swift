import Channels
import Testing

@Test(arguments: [(40, true), (41, false)])
func `of a call that cannot be read the words stay that are shorter than a key`(length: Int, stays: Bool) {
  let word = String(repeating: "aZ9-_.", count: 7).prefix(length)
  let told = Array("{\"token\": \"\(word)\", \"name\": \"Ann".utf8).callWithoutLongWords()
  let kept = stays ? String(word) : String(repeating: "*", count: length)
  #expect(told == Array("{\"token\": \"\(kept)\", \"name\": \"Ann".utf8))
}
