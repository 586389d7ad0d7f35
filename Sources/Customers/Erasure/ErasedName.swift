import Base

/// What stands in the place of a name that was erased: it tells the origin's number, and leads nowhere.
///
/// It begins with U+001A, which stands for what was lost and which no identifier from outside can have, because control
/// characters are refused.
enum ErasedName {
  private static let mark: UInt8 = 0x1A
  /// How the id of an erased origin begins; no name of a customer does.
  private static let idPrefix = "erased_"

  /// The value of an erased origin.
  static func value(of origin: Origin.Number) -> String { "\u{1A}\(origin)" }

  /// The id of an erased origin.
  static func id(of origin: Origin.Number) -> String { "\(idPrefix)\(origin)" }

  /// Whether a value stands for one that was erased.
  static func isValue(_ value: String) -> Bool { value.utf8.first == mark }

  /// Whether an id stands for one that was erased.
  static func isID(_ id: String) -> Bool { id.hasPrefix(idPrefix) }

  /// The id of an erased message: its place in the index of messages, by which the same message is known again.
  static func message(_ key: [UInt8]) -> String { idPrefix + Base64URL.text(key) }

  /// The place of an erased message in the index of messages.
  static func key(ofMessage id: String) -> [UInt8]? { Base64URL.bytes(Array(id.utf8)[idPrefix.utf8.count...]) }
}

extension Identifier {
  /// Whether it stands for one that was erased.
  var isErased: Bool { ErasedName.isValue(value) }
}

extension Origin {
  /// The place as it is when whose it was is erased.
  var erased: Origin {
    var origin = self
    origin.publicID = ErasedName.id(of: number)
    origin.identifier = Identifier(recorded: identifier.type, ErasedName.value(of: number))
    return origin
  }
}
