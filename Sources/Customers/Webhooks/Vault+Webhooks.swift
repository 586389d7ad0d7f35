package import Base
import FoundationEssentials
package import SQL

extension Vault {
  /// For how long the former secret signs too, so that a receiver has time to take the new one.
  package static let overlap: Duration = .seconds(24 * 3600)
  /// What stands before the base 64 of the key, by Standard Webhooks.
  package static let webhookPrefix = "whsec_"
  /// Bytes of a key: as many as of the hash; Standard Webhooks takes 24 to 64.
  private static let keyLength = 32

  private static func name(ofWebhook webhook: String) -> String { "webhook:\(webhook)" }
  private static func formerName(ofWebhook webhook: String) -> String { "webhook-former:\(webhook)" }

  /// The secrets that sign for a webhook, the newest first; none where it has none yet.
  ///
  /// - Throws: `unavailable` where the master key is not the one that sealed them.
  package func secrets(ofWebhook webhook: String, rotatedAt: Instant?, now: Instant) throws -> [[UInt8]] {
    var secrets = [try secret(Self.name(ofWebhook: webhook))]
    if let rotatedAt, now < rotatedAt + Self.overlap { secrets.append(try secret(Self.formerName(ofWebhook: webhook))) }
    return secrets.compactMap { $0 }
  }

  /// A webhook's new secret, and the former one under the name that it has from then on.
  package struct WebhookDraft: Sendable {
    /// The secret's text, which is shown once.
    package var text: String { new.text }
    fileprivate let new: Draft
    fileprivate let former: Draft?
    /// Whether another one goes.
    package var isRotated: Bool { former != nil }
  }

  /// Makes a secret for a webhook, in the place of the one that it has.
  ///
  /// - Throws: `unavailable` where there are secrets that the master key does not open.
  package func draft(forWebhook webhook: String, now: Instant) throws -> WebhookDraft {
    let old = try secret(Self.name(ofWebhook: webhook))
    let text = Self.webhookPrefix + Data(seed(Self.keyLength)).base64EncodedString()
    return WebhookDraft(
      new: try draft(Self.name(ofWebhook: webhook), text: text, now),
      former: try old.map {
        try draft(Self.formerName(ofWebhook: webhook), text: String(decoding: $0, as: UTF8.self), now)
      })
  }

  /// Writes a webhook's new secret, sealed.
  package static func store(_ draft: WebhookDraft, in session: any Session) throws {
    try store(draft.new, in: session)
    if let former = draft.former { try store(former, in: session) }
  }

  /// Uses a stored secret from now on.
  package func activate(_ draft: WebhookDraft) {
    activate(draft.new)
    if let former = draft.former { activate(former) }
  }

  /// Deletes the secrets of a webhook.
  package static func deleteSecrets(ofWebhook webhook: String, in session: any Session) throws {
    for name in [name(ofWebhook: webhook), formerName(ofWebhook: webhook)] {
      try session.execute(SecretStatement.delete, .text(name))
    }
  }

  /// Uses the secrets of a webhook no more, when they have been deleted.
  package func forgetSecrets(ofWebhook webhook: String) {
    forget([Self.name(ofWebhook: webhook), Self.formerName(ofWebhook: webhook)])
  }
}
