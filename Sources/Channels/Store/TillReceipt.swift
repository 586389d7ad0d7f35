import Base
import Customers

/// One receipt of a till, read field by field; what is wrong is gathered, so that all of it is told at once.
///
/// A *fault* refuses it: nobody could tell what it says. A *defect* is noted in the event, because what was sold was
/// sold, whatever the till's sums come to. Defects follow from the receipt alone, so that it says the same whenever it
/// comes again.
struct TillReceipt {
  enum Kind: String, CaseIterable {
    case sale, refund, void

    /// What Segment's specification of commerce calls it.
    var event: String {
      switch self {
      case .sale: "Order Completed"
      case .refund: "Order Refunded"
      case .void: "Order Cancelled"
      }
    }
  }

  struct Line {
    var json: JSON
    var sku: String?
    var gtin: String?
    var quantity = Quantity.zero
    var price: Int64?
    var discount: Int64 = 0
    var total: Int64 = 0
  }

  let json: JSON
  private(set) var faults: [Failure.Fault] = []
  var defects: [Failure.Fault] = []
  private(set) var names: [String] = []
  private(set) var kind = Kind.sale
  private(set) var currency: Currency?
  private(set) var lines: [Line] = []
  private(set) var discounts: [Int64] = []
  private(set) var tenders: [(isCash: Bool, amount: Int64)] = []
  private(set) var total: Int64?
  private(set) var change: Int64?
  private(set) var original: String?
  /// The order that was placed at another door, which this receipt hands over or takes back.
  private(set) var placed: String?
  private var issuedAt: Instant?
  private var mentions: [Event.Mention] = []

  /// The event that a receipt is, or what is wrong with it.
  static func read(_ json: JSON, _ delivery: Delivery) -> Inbound {
    guard json.kind == .object else {
      return .refused(
        messageID: nil, faults: [.init("", "is no object")], body: TillChannel().redacted(json.bytes))
    }
    guard json.range.count <= TillChannel.longestReceipt else {
      let fault = Failure.Fault("", "is longer than \(TillChannel.longestReceipt) bytes")
      return .refused(messageID: nil, faults: [fault], body: [])
    }
    var receipt = TillReceipt(json: json)
    receipt.read(country: delivery.country)
    return receipt.inbound(receivedAt: delivery.receivedAt)
  }

  private init(json: JSON) { self.json = json }

  private func inbound(receivedAt: Instant) -> Inbound {
    guard faults.isEmpty, let issuedAt else {
      return .refused(
        messageID: names.count == 4 ? messageID : nil, faults: faults, body: json.withoutPaymentCards())
    }
    var receipt = self
    receipt.checkSums()
    return .event(
      Event(
        kind: .track, name: kind.event, messageID: messageID,
        at: EventTime.effective(original: issuedAt, sent: nil, received: receivedAt), originalAt: issuedAt,
        sentAt: nil, receivedAt: receivedAt, body: receipt.body, envelope: nil,
        mentions: mentions.isEmpty ? Self.nobody(messageID) : mentions, traits: []))
  }

  /// A receipt of somebody who showed no card stands at a place of its own, where he can be found later by its number.
  private static func nobody(_ id: String) -> [Event.Mention] {
    Identifier(.anonymousID, id).map { [Event.Mention($0, isProved: false)] } ?? []
  }

  /// By which it counts once: store, register, shift and number, in one text that no other four make.
  private var messageID: String {
    if !Protection.holds("till.number") { return "receipt:" + Digest.hex(SystemRandomness().bytes(16)) }
    let id = "receipt:" + orderID
    return id.unicodeScalars.count <= SegmentCall.longestMessageID
      ? id : "receipt:" + Digest.hex(Digest.sha256(Array(orderID.utf8)))
  }

  /// What the order of this receipt is called.
  var orderID: String { Self.orderID(names) }

  private static func orderID(_ names: [String]) -> String {
    names.map { $0.replacing("%", with: "%25").replacing("/", with: "%2F") }.joined(separator: "/")
  }

  // MARK: Reading

  private static let keys = ["store_id", "register_id", "shift_no", "receipt_no"]

  private mutating func read(country: String?) {
    names = Self.keys.compactMap { name(of: $0, in: json, "/\($0)") }
    if let text = json["kind"]?.string, let known = Kind(rawValue: text) {
      kind = known
    } else {
      fault("/kind", "is none of sale, refund, void")
    }
    readTime()
    currency = json["currency"]?.string.flatMap { Currency($0) }
    if currency == nil { fault("/currency", "is no code of ISO 4217") }
    readLines()
    for (index, discount) in list("discounts").enumerated() {
      if let amount = money("amount_minor", of: discount, "/discounts/\(index)") { discounts.append(amount) }
    }
    for (index, tender) in list("tenders").enumerated() {
      if let amount = money("amount_minor", of: tender, "/tenders/\(index)", isNeeded: true) {
        tenders.append((tender["kind"]?.isString("cash") ?? false, amount))
      }
    }
    if let totals = json["totals"], !totals.isNull {
      if totals.kind != .object { fault("/totals", "is no object") }
      total = money("total_minor", of: totals, "/totals")
      change = money("change_minor", of: totals, "/totals")
    }
    readOriginal()
    placed = text("order_id", of: json, "")
    if let offline = json["offline"], !offline.isNull, offline.bool == nil { fault("/offline", "is not true or false") }
    if let number = json["seq"], !number.isNull, number.integer.map({ $0 < 0 }) ?? true {
      fault("/seq", "is no whole number from 0")
    }
    readMentions(country: country)
  }

  private mutating func readTime() {
    guard let text = json["issued_at"]?.string, let time = Instant(text), Self.hasOffset(text) else {
      return fault("/issued_at", "is no time as in RFC 3339 with its offset")
    }
    issuedAt = time
  }

  /// Whether a time says where its clock hangs: a till's is local, and without this nobody knows which.
  private static func hasOffset(_ text: String) -> Bool {
    guard let mark = text.utf8.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "t") || $0 == UInt8(ascii: " ") }) else {
      return false
    }
    return text.utf8[mark...].dropFirst().contains { [0x2B, 0x2D, 0x5A, 0x7A].contains($0) }
  }

  private mutating func readLines() {
    if kind != .void, json["lines"]?.kind != .array { return fault("/lines", "is missing or no list") }
    let list = list("lines")
    guard list.count <= TillChannel.mostLines else {
      return fault("/lines", "has more than \(TillChannel.mostLines) lines")
    }
    for (index, item) in list.enumerated() { read(item, "/lines/\(index)") }
  }

  private mutating func read(_ item: JSON, _ place: String) {
    guard item.kind == .object else { return fault(place, "is no object") }
    var line = Line(json: item, sku: text("sku", of: item, place), gtin: text("gtin", of: item, place))
    if line.sku == nil, line.gtin == nil, text("name", of: item, place) == nil {
      fault(place, "has neither sku, gtin nor name")
    }
    if let gtin = line.gtin, let wrong = GTIN.fault(gtin) { defects.append(.init("\(place)/gtin", wrong)) }
    if let quantity = item["qty"].flatMap({ Quantity($0) }) {
      line.quantity = quantity
    } else {
      fault("\(place)/qty", "is no decimal number of at most a million with at most three decimals")
    }
    line.price = money("unit_price_minor", of: item, place)
    line.discount = money("discount_minor", of: item, place) ?? 0
    line.total = money("total_minor", of: item, place, isNeeded: true) ?? 0
    lines.append(line)
  }

  private mutating func readOriginal() {
    guard let value = json["original_receipt"], !value.isNull else { return }
    guard value.kind == .object else {
      original = text("original_receipt", of: json, "")
      return
    }
    let names = Self.keys.enumerated().compactMap { (index, key) -> String? in
      // What it does not say is as it is in this receipt; only its number cannot be.
      if key != "receipt_no", value.member(key) == nil { return self.names.count == 4 ? self.names[index] : nil }
      return name(of: key, in: value, "/original_receipt/\(key)")
    }
    if names.count == 4 { original = Self.orderID(names) }
  }

  private mutating func readMentions(country: String?) {
    for (field, type) in [("loyalty_card", IdentifierType.card), ("email", .email), ("phone", .phone)] {
      guard let raw = text(field, of: json, "") else { continue }
      if let identifier = Identifier(type, raw, region: country), !identifier.isMeaningless {
        mentions.append(Event.Mention(identifier, isProved: false))
      } else if type == .card, raw.withoutPaymentCards != raw {
        defects.append(.init("/loyalty_card", "is the number of a payment card, which is not kept"))
      }
    }
  }

  // MARK: Fields

  private mutating func fault(_ pointer: String, _ reason: String) {
    guard faults.count < TillChannel.mostFaults, !faults.contains(where: { $0.pointer == pointer }) else { return }
    faults.append(.init(pointer, reason))
  }

  /// What names a store, a register, a shift or a receipt.
  private mutating func name(of key: String, in object: JSON, _ pointer: String) -> String? {
    let text = object.member(key).flatMap { $0.string ?? $0.number }.map { String($0.trimmed) }
    guard let text, (1...TillChannel.longestName).contains(text.unicodeScalars.count),
      !text.unicodeScalars.contains(where: { $0.value < 0x20 })
    else {
      fault(pointer, "is missing, or no text of 1 to \(TillChannel.longestName) characters")
      return nil
    }
    return text
  }

  /// A text or a number without blanks around it; empty and null are none.
  private mutating func text(_ key: String, of object: JSON, _ place: String) -> String? {
    guard let value = object.member(key), !value.isNull else { return nil }
    guard let text = value.string ?? value.number, !text.utf8.contains(0) else {
      fault("\(place)/\(key)", "is no text")
      return nil
    }
    let trimmed = text.trimmed
    return trimmed.isEmpty ? nil : String(trimmed)
  }

  private mutating func money(_ key: String, of object: JSON, _ place: String, isNeeded: Bool = false) -> Int64? {
    let value = object.member(key)
    guard let value, !value.isNull else {
      if isNeeded { fault("\(place)/\(key)", "is missing") }
      return nil
    }
    guard let amount = value.integer, amount.magnitude <= UInt64(Money.most) else {
      fault("\(place)/\(key)", "is no whole number of minor units up to \(Money.most)")
      return nil
    }
    return amount
  }

  private mutating func list(_ key: String) -> [JSON] {
    guard let value = json.member(key), !value.isNull else { return [] }
    if value.kind != .array { fault("/\(key)", "is no list") }
    return value.elements.map { $0 }
  }
}
