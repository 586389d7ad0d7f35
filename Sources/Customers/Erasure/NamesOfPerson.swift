import Base

/// The names of a person who is being erased, to be found in what came from outside, in any spelling that is usual.
struct NamesOfPerson {
  /// A shorter value, such as `17`, is taken for him only in a field of names.
  private static let telling = 6
  /// Of a phone number so many digits at its end are compared, because it may be written with or without its country.
  private static let phoneDigits = 8
  /// A longer row of digits is no phone number.
  private static let longestPhone = 20
  /// Members that name somebody, in small letters and without `_`.
  private static let ofPersons: Set = [
    "userid", "anonymousid", "previousid", "card", "cardnumber", "device", "deviceid", "telegram", "whatsapp", "viber",
    "email", "phone",
  ]
  /// Members that name a thing of his, such as an order.
  private static let ofThings: Set = ["id", "order", "orderid"]

  private var values: Set<String> = []
  private var addresses: [String] = []
  private var phones: [[UInt8]] = []
  /// The words of his full name, where it has two or more: a first name alone is a word that others have too.
  private let fullName: Set<String>
  /// In which members a short value is one of the names.
  private let members: Set<String>

  /// - Parameter fullName: in the spelling of `TwinKey.name`.
  init(_ identifiers: some Sequence<Identifier>, fullName: String? = nil) {
    members = Self.ofPersons
    self.fullName = Set(fullName?.split(separator: " ").map(String.init) ?? [])
    for identifier in identifiers where !identifier.isErased {
      let value = identifier.value.lowercased()
      values.insert(value)
      switch identifier.type {
      case .email: addresses.append(value)
      case .phone, .whatsApp: phones.append(Self.digits(value).suffix(Self.phoneDigits))
      default: break
      }
    }
  }

  /// What things of his are called, which leads to him: his orders.
  init(ofThings names: Set<String>) {
    (members, fullName) = (Self.ofThings, [])
    values = Set(names.map { $0.lowercased() })
  }

  var isEmpty: Bool { values.isEmpty }

  private static func digits(_ text: String) -> [UInt8] {
    text.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// Whether a value of a document names him.
  ///
  /// - Parameter member: under which name it stands.
  func mentioned(in json: JSON, as member: String?) -> Bool {
    guard let text = json.string ?? json.number else { return false }
    return mentioned(in: text, as: member)
  }

  /// Whether a text that stands by itself names him.
  func mentioned(in text: String, as member: String? = nil) -> Bool {
    let folded = String(text.trimmed).lowercased()
    if values.contains(folded) {
      let name = member.map { $0.lowercased().filter { $0 != "_" } }
      if folded.utf8.count >= Self.telling || name.map(members.contains) ?? true { return true }
    }
    return mentionsContact(folded)
  }

  /// Whether a sentence names him, by his full name too.
  func mentioned(inProse text: String) -> Bool {
    let folded = text.lowercased()
    return mentioned(in: text)
      || values.contains { $0.utf8.count >= Self.telling && folded.contains($0) }
      || !fullName.isEmpty && fullName.isSubset(of: FoldedText.words(of: text, limit: text.utf8.count))
  }

  /// Whether an address or a number of his stands anywhere in a text.
  private func mentionsContact(_ folded: String) -> Bool {
    if addresses.contains(where: { folded.contains($0) }) { return true }
    guard !phones.isEmpty else { return false }
    var run: [UInt8] = []
    for byte in folded.utf8 + [UInt8(ascii: "x")] {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): run.append(byte)
      case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "."): continue
      default:
        if run.count <= Self.longestPhone, phones.contains(where: { run.suffix($0.count).elementsEqual($0) }) {
          return true
        }
        run = []
      }
    }
    return false
  }

  /// Whether what could not be taken names him: a document, or the beginning of one.
  func mentioned(inRefused body: [UInt8]) -> Bool {
    if let root = try? JSONDocument(body).root { return isWithin(root, as: nil) }
    let text = String(decoding: body, as: UTF8.self).lowercased()
    return values.contains { text.contains("\"\($0)\"") } || mentionsContact(text)
  }

  private func isWithin(_ json: JSON, as member: String?) -> Bool {
    switch json.kind {
    case .object: json.members.contains { isWithin($0.value, as: $0.key) }
    case .array: json.elements.contains { isWithin($0, as: member) }
    default: mentioned(in: json, as: member)
    }
  }

  // MARK: Taking him out

  /// A document with nothing in the place of each value that names him; nil where none does.
  func redacted(_ document: [UInt8]) -> [UInt8]? {
    guard let root = try? JSONDocument(document).root, isWithin(root, as: nil) else { return nil }
    var writer = JSONWriter(capacity: document.count)
    write(root, as: nil, to: &writer)
    return writer.bytes
  }

  private func write(_ json: JSON, as member: String?, to writer: inout JSONWriter) {
    switch json.kind {
    case .object:
      writer.object { writer in
        for (name, value) in json.members {
          writer.key(name)
          write(value, as: name, to: &writer)
        }
      }
    case .array:
      writer.array { writer in for element in json.elements { write(element, as: member, to: &writer) } }
    default: if mentioned(in: json, as: member) { writer.null() } else { writer.raw(json) }
    }
  }
}
