import Base
import Channels
import Customers

extension Services {
  /// The events with what each one's own evidence proves.
  ///
  /// A page's key is everybody's, so an anonymous source's event proves something only by what the shop's server gave
  /// that page: the HMAC of this user's id, or a customer's token. Evidence that is wrong proves nothing and changes
  /// nothing else, so that nobody can find a right one by the answers.
  func proving(_ items: [SegmentCall.Item], from source: Source) -> [SegmentCall.Item] {
    guard source.trust == .anonymous else { return items }
    return items.map { item in
      guard case .event(var event) = item, let evidence = event.evidence else { return item }
      event.token = evidence.token.flatMap { token(Array($0.utf8)) }
      if let proved = provedUser(by: evidence, from: source) {
        event.mentions = event.mentions.map { .init($0.identifier, isProved: $0.isProved || $0.identifier == proved) }
      }
      return .event(event)
    }
  }

  /// The user id whose hash came with it, if the hash is right; of nothing else in the event it proves anything.
  private func provedUser(by evidence: Event.Evidence, from source: Source) -> Identifier? {
    guard let id = evidence.userID, let given = evidence.userHash, let secret = try? vault.secret(ofSource: source.name)
    else { return nil }
    let hash = Digest.hex(Digest.hmac(Array(id.utf8), key: secret))
    guard Digest.isEqual(Array(hash.utf8), Array(given.lowercased().utf8)) else { return nil }
    return Identifier(.userID, id)
  }
}
