import COpenSSL

/// Secrets that must be read again, enciphered with AES-256-GCM (NIST SP 800-38D) by OpenSSL.
///
/// What is sealed is 12 bytes of nonce, the cipher text and 16 bytes of tag. The nonce is random: under one key some
/// billions of secrets may be sealed, and an installation has dozens.
package enum Sealing {
  /// A key has 256 bits.
  package static let keyLength = 32
  private static let nonceLength = 12
  private static let tagLength = 16

  /// Seals `secret` so that it opens under `key` and for `purpose` alone.
  package static func seal(_ secret: [UInt8], for purpose: String, key: [UInt8], randomness: any Randomness) -> [UInt8]
  {
    precondition(key.count == keyLength, "a key has 256 bits")
    let nonce = randomness.bytes(nonceLength)
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var sealed = [UInt8](repeating: 0, count: secret.count)
    var tag = [UInt8](repeating: 0, count: tagLength)
    var length: Int32 = 0
    let purpose = Array(purpose.utf8)
    let isSealed =
      EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1
      && EVP_EncryptUpdate(context, nil, &length, purpose, Int32(purpose.count)) == 1
      && EVP_EncryptUpdate(context, &sealed, &length, secret, Int32(secret.count)) == 1
      && EVP_EncryptFinal_ex(context, nil, &length) == 1
      && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), &tag) == 1
    precondition(isSealed, "OpenSSL has no AES-256-GCM")
    return nonce + sealed + tag
  }

  /// The secret, or nil where `sealed` was not sealed under this key for this purpose.
  package static func open(_ sealed: [UInt8], for purpose: String, key: [UInt8]) -> [UInt8]? {
    guard key.count == keyLength, sealed.count >= nonceLength + tagLength else { return nil }
    let nonce = Array(sealed.prefix(nonceLength))
    let text = Array(sealed[nonceLength..<(sealed.count - tagLength)])
    var tag = Array(sealed.suffix(tagLength))
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var secret = [UInt8](repeating: 0, count: text.count)
    var length: Int32 = 0
    let purpose = Array(purpose.utf8)
    let isOpen =
      EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1
      && EVP_DecryptUpdate(context, nil, &length, purpose, Int32(purpose.count)) == 1
      && EVP_DecryptUpdate(context, &secret, &length, text, Int32(text.count)) == 1
      && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1
      && EVP_DecryptFinal_ex(context, nil, &length) == 1
    return isOpen ? secret : nil
  }
}
