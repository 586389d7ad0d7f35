import Base
import Customers
import FoundationEssentials

/// Signatures of Standard Webhooks (standardwebhooks.com, v1: HMAC-SHA256 over `id.timestamp.body`).
package enum WebhookSignature {
  /// The key of a secret, or nil where its text is none.
  package static func key(_ secret: [UInt8]) -> [UInt8]? {
    guard secret.starts(with: Vault.webhookPrefix.utf8) else { return nil }
    return Base64URL.bytes(secret[Vault.webhookPrefix.utf8.count...])
  }

  /// The value of `webhook-signature`: one for each secret, while one takes the place of another.
  ///
  /// - Parameter timestamp: when the attempt is made, in seconds since 1970.
  package static func text(id: String, timestamp: Int64, body: [UInt8], secrets: [[UInt8]]) -> String {
    let signed = Array("\(id).\(timestamp).".utf8) + body
    return secrets.compactMap { key($0) }.map { "v1," + Data(Digest.hmac(signed, key: $0)).base64EncodedString() }
      .joined(separator: " ")
  }
}
