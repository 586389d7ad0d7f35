import Base

/// What of an erased person's event stays, because the shop's books need it: what was sold, how much of it, for what.
///
/// Everything else goes, also what nobody has thought of: only these fields stay, and only with values of their form.
enum ErasedBody {
  /// Amounts and counts of Segment's specification of commerce.
  static let amounts: Set = [
    "quantity", "price", "revenue", "total", "subtotal", "value", "tax", "shipping", "discount",
  ]
  /// What names goods or a currency.
  static let codes: Set = ["sku", "product_id", "currency"]
  /// Lists of goods.
  static let lists: Set = ["products"]
  /// A shop's own article numbers have up to about 40 characters.
  private static let longestCode = 64
  /// A literal of an amount, as the longest that 64 bits of minor units have, with its point.
  private static let longestAmount = 24

  /// The body of an event of that kind.
  ///
  /// - Parameter keepsConsents: whether the consents that it changes are others' too.
  static func body(of event: Event, keepsConsents: Bool, without names: NamesOfPerson) -> [UInt8] {
    let root = try? JSONDocument(event.body).root
    var writer = JSONWriter(capacity: 256)
    writer.object { writer in
      if event.kind == .track, let properties = root?["properties"], properties.kind == .object {
        writer.key("properties")
        write(properties, names, to: &writer)
      } else if event.kind == .consent, keepsConsents, let changes = root?["changes"] {
        writer.key("changes")
        writer.array { writer in for change in changes.elements { write(consent: change, to: &writer) } }
      }
    }
    return writer.bytes
  }

  private static func write(_ fields: JSON, _ names: NamesOfPerson, to writer: inout JSONWriter) {
    writer.object { writer in
      for (name, value) in fields.members {
        if lists.contains(name), value.kind == .array {
          writer.key(name)
          writer.array { writer in
            for element in value.elements where element.kind == .object { write(element, names, to: &writer) }
          }
        } else if amounts.contains(name) ? isAmount(value, names) : codes.contains(name) && isCode(value, names) {
          writer.key(name)
          writer.raw(value)
        }
      }
    }
  }

  private static func isAmount(_ json: JSON, _ names: NamesOfPerson) -> Bool {
    guard let text = json.number ?? json.string, (1...longestAmount).contains(text.utf8.count) else { return false }
    return (json.kind == .number || text.utf8.allSatisfy { "0123456789.-".utf8.contains($0) })
      && !names.mentioned(in: text)
  }

  private static func isCode(_ json: JSON, _ names: NamesOfPerson) -> Bool {
    guard let text = json.string ?? json.number, (1...longestCode).contains(text.utf8.count) else { return false }
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "a")...UInt8(ascii: "z"): true
      default: "-_./".utf8.contains(byte)
      }
    }
    return isPlain && !names.mentioned(in: text)
  }

  private static func write(consent change: JSON, to writer: inout JSONWriter) {
    writer.object { writer in
      for name in ["purpose", "channel", "state", "legalBasis", "textVersion", "at"] {
        guard let value = change.member(name), !value.isNull else { continue }
        writer.key(name)
        writer.raw(value)
      }
    }
  }
}
