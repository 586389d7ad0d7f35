/// A JSON Web Token (RFC 7519) in the compact form of RFC 7515, always signed with HS256.
///
/// Its header is fixed: what a token says of its own algorithm decides nothing, so neither `none` nor a public key's is
/// ever tried (RFC 8725, 3.1).
package enum JSONWebToken {
  /// Ours are 300 bytes long; a longer text is not read.
  package static let longest = 2048

  /// The token that carries `claims`, an object as JSON.
  package static func sign(_ claims: [UInt8], key: [UInt8]) -> String {
    let signed = Base64URL.text(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)) + "." + Base64URL.text(claims)
    return signed + "." + Base64URL.text(Digest.hmac(Array(signed.utf8), key: key))
  }

  /// Whether a text has the form of a token, signed or not: three parts, of which the first is a header.
  package static func isToken(_ text: [UInt8]) -> Bool {
    text.starts(with: "eyJ".utf8) && text.count { $0 == UInt8(ascii: ".") } == 2
  }

  /// The claims of a token that was signed under `key`; nil for any other text.
  ///
  /// Whether its time has come or gone is for the one who reads them.
  package static func claims(of text: [UInt8], key: [UInt8]) -> JSON? {
    guard text.count <= longest else { return nil }
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let signature = Base64URL.bytes(parts[2]),
      Digest.isEqual(signature, Digest.hmac(Array(text[..<(parts[2].startIndex - 1)]), key: key)),
      let header = object(parts[0]), header["alg"]?.isString("HS256") == true, header["crit"] == nil
    else { return nil }
    return object(parts[1])
  }

  private static func object(_ part: ArraySlice<UInt8>) -> JSON? {
    guard let bytes = Base64URL.bytes(part), let root = try? JSONDocument(bytes).root, root.kind == .object else {
      return nil
    }
    return root
  }
}
