import Base
import Testing

private let key = Array("0123456789abcdef0123456789abcdef".utf8)
private let claims = Array(
  #"{"sub":"cus_1","iss":"shop","aud":"throughline","iat":1767323045,"exp":1767326645}"#.utf8)
// As PyJWT 2.15 makes it.
private let token = """
  eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
  eyJzdWIiOiJjdXNfMSIsImlzcyI6InNob3AiLCJhdWQiOiJ0aHJvdWdobGluZSIsImlhdCI6MTc2NzMyMzA0NSwiZXhwIjoxNzY3MzI2NjQ1fQ.\
  nMWRgayC5Oll7t0PkF3GRzn7ZpsXoV63XdIBTu5VP_0
  """

/// A token with any header, signed as HS256 signs.
private func signed(_ header: String, _ claims: [UInt8] = claims, by key: [UInt8] = key) -> String {
  let text = Base64URL.text(Array(header.utf8)) + "." + Base64URL.text(claims)
  return text + "." + Base64URL.text(Digest.hmac(Array(text.utf8), key: key))
}

private func read(_ token: String, _ key: [UInt8] = key) -> String? {
  JSONWebToken.claims(of: Array(token.utf8), key: key).map { String(decoding: $0.bytes, as: UTF8.self) }
}

@Test func `a token is the one that other programs make`() {
  #expect(JSONWebToken.sign(claims, key: key) == token)
  #expect(read(token) == String(decoding: claims, as: UTF8.self))
  #expect(JSONWebToken.isToken(Array(token.utf8)))
}

@Test(arguments: [
  #"{"alg":"none"}"#, #"{"alg":"None"}"#, #"{"alg":"RS256"}"#, #"{"alg":"HS384"}"#, #"{"alg":"hs256"}"#, "{}", "[]",
  #"{"alg":["HS256"]}"#, #"{"alg":"HS256","crit":["b64"],"b64":false}"#, #"{"alg":null}"#, "",
])
func `a header that is not ours is refused, however it is signed`(header: String) {
  #expect(read(signed(header)) == nil)
  // And with no signature at all, as `none` has it.
  let bare = Base64URL.text(Array(header.utf8)) + "." + Base64URL.text(claims) + "."
  #expect(read(bare) == nil)
}

@Test func `what was changed, cut or signed by another is refused`() {
  #expect(read(signed(#"{"alg":"HS256"}"#)) != nil)
  #expect(read(signed(#"{"alg":"HS256"}"#, by: Array("another".utf8))) == nil)
  #expect(read(token, Array("another".utf8)) == nil)
  let bytes = Array(token.utf8)
  for index in bytes.indices.dropLast() {
    var changed = bytes
    changed[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
    #expect(JSONWebToken.claims(of: changed, key: key) == nil)
  }
  for text in ["", ".", "..", "...", "a.b.c", token + ".", "." + token, token + "x", String(token.dropLast(10))] {
    #expect(read(text) == nil)
  }
  #expect(read(signed(#"{"alg":"HS256"}"#, Array("[1]".utf8))) == nil)
}

@Test func `a token of the longest is read and one that is longer is not`() {
  func token(of length: Int) -> String {
    let empty = signed(#"{"alg":"HS256"}"#, Array(#"{"a":""}"#.utf8)).utf8.count
    for padding in max(0, (length - empty) * 3 / 4 - 4)...length {
      let text = signed(#"{"alg":"HS256"}"#, Array(#"{"a":"\#(String(repeating: "a", count: padding))"}"#.utf8))
      if text.utf8.count == length { return text }
    }
    return ""
  }
  #expect(read(token(of: JSONWebToken.longest)) != nil)
  // No text of base 64 has some of the lengths.
  let longer = (1...4).map { token(of: JSONWebToken.longest + $0) }.first { !$0.isEmpty }
  #expect(longer.map { read($0) == nil } == true)
}
