package import Base

/// The place that an identifier opens when it is first seen, and where events stand for ever.
///
/// A value that was proved and the same value as somebody merely claims it are two places.
package struct Origin: Sendable {
  /// Whose place it is.
  package enum Standing: Int64, Sendable {
    /// The identifier's own: it was proved, or it is an anonymous id, which nobody can prove.
    case own = 0
    /// What somebody says who has not shown it.
    case claim = 1
  }

  /// 1, 2, 3 …, in the order of opening, so that the lower one is the older one.
  package typealias Number = Int64

  package var number: Number
  /// The id under which the customer is known outside when this origin leads; it resolves for ever.
  package var publicID: String
  package var identifier: Identifier
  package var standing: Standing
  /// Empty, but for the claim of what belongs to a known customer by a login or a person's word: the source that claims
  /// it.
  package var source: String
  /// Above 0 for an anonymous id that a browser kept while another customer signed in on it: from then on it has this
  /// place, and what stood at the one before stays there.
  package var generation: Int64 = 0
  /// Whether several people use it, so that it identifies nobody alone.
  package var isShared = false

  /// Whether the person behind it is known: by anything proved, except a browser's anonymous id.
  package var isKnown: Bool { Self.isKnown(standing, identifier.type.name) }

  package static func isKnown(_ standing: Standing, _ type: String) -> Bool {
    standing == .own && type != IdentifierType.anonymousID.name
  }
}

extension Origin {
  /// An origin that nothing is tied to yet is a customer by itself.
  var place: Place {
    Place(
      origin: number, customer: number, publicID: publicID, isKnown: isKnown, isShared: isShared,
      generation: generation)
  }
}
