import Base

extension Source {
  /// The identifiers by priority, each proved when the event itself or this source proves it.
  ///
  /// A browser's anonymous id is tied by the login: the user id beside it, proved by a source that speaks for the shop.
  func proofs(of event: Event) -> [Event.Mention] {
    var mentions: [Event.Mention] = []
    for mention in event.mentions {
      let isProved =
        mention.isProved || proves.contains(mention.identifier.type) || !Protection.holds("identity.claims")
      if let known = mentions.firstIndex(where: { $0.identifier == mention.identifier }) {
        mentions[known].isProved = mentions[known].isProved || isProved
      } else {
        mentions.append(Event.Mention(mention.identifier, isProved: isProved))
      }
    }
    if tiesAnonymousID, mentions.contains(where: { $0.isProved && $0.identifier.type == .userID }) {
      for index in mentions.indices where mentions[index].identifier.type == .anonymousID {
        mentions[index].isProved = true
      }
    }
    return mentions.sorted { $0.identifier.type.priority < $1.identifier.type.priority }
  }
}
