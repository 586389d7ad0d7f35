import Base

extension TillReceipt {
  /// Members of Segment's specification that are made of the receipt's own, which do not stand beside them.
  private static let made: Set = [
    "order_id", "affiliation", "total", "currency", "products", "defects", "lines", "offline", "placed_order_id",
  ]
  private static let madeOfLine: Set = ["sku", "product_id", "price", "quantity", "total", "discount"]

  /// The receipt as an event of Segment's specification of commerce: amounts as decimals, and beside them everything
  /// that the till said, as it said it.
  ///
  /// How it was sent (`offline`) is no part of what it says, so that it may come first by the one road and then by the
  /// other.
  var body: [UInt8] {
    var writer = JSONWriter(capacity: 2 * json.range.count + 512)
    writer.object { writer in
      writer.field("type", "track")
      writer.field("event", kind.event)
      if let time = json["issued_at"] { writer.field("timestamp", time) }
      writer.key("properties")
      writer.object { write(to: &$0) }
      if let offline = json["offline"], !offline.isNull {
        writer.key("_metadata")
        writer.object { $0.field("offline", offline) }
      }
    }
    return writer.bytes
  }

  private func write(to writer: inout JSONWriter) {
    // What is taken back or cancelled is the order of the receipt that it was bought by.
    writer.field("order_id", kind == .sale ? orderID : original ?? placed ?? orderID)
    if kind == .sale { writer.field("placed_order_id", ifPresent: placed) }
    writer.field("affiliation", names[0])
    decimal("total", due, to: &writer)
    writer.field("currency", ifPresent: currency?.code)
    writer.key("products")
    writer.array { writer in for line in lines { writer.object { write(line, to: &$0) } } }
    if !defects.isEmpty {
      writer.key("defects")
      writer.array { writer in
        for defect in defects {
          writer.object { writer in
            writer.field("pointer", defect.pointer)
            writer.field("reason", defect.reason)
          }
        }
      }
    }
    json.write(membersBut: Self.made, to: &writer)
  }

  private func write(_ line: Line, to writer: inout JSONWriter) {
    if let sku = line.sku ?? line.gtin {
      writer.field("sku", sku)
      writer.field("product_id", sku)
    }
    if let price = line.price { decimal("price", Int128(price), to: &writer) }
    writer.field("quantity", line.quantity)
    decimal("total", Int128(line.total), to: &writer)
    if line.discount != 0 { decimal("discount", Int128(line.discount), to: &writer) }
    line.json.write(membersBut: Self.madeOfLine, to: &writer)
  }

  private func decimal(_ name: String, _ amount: Int128, to writer: inout JSONWriter) {
    guard let amount = Int64(exactly: amount), let currency else { return }
    writer.key(name)
    writer.raw(Array(Money(amount, currency).decimal.utf8))
  }
}

extension JSON {
  /// What holds long numbers of its own, some of which could be taken for a payment card's.
  private static let numbersOfGoods: Set = [
    "gtin", "sku", "serials", "fiscal", "store_id", "register_id", "shift_no", "receipt_no", "original_receipt",
  ]
  /// What holds the number of a payment card and nothing else, masked more or less.
  private static let numbersOfCards: Set = ["masked_pan", "pan", "card_number"]

  /// A receipt as it came, but for the numbers of payment cards.
  func withoutPaymentCards() -> [UInt8] {
    var writer = JSONWriter(capacity: range.count)
    writer.object { write(membersBut: [], to: &$0) }
    return writer.bytes
  }

  /// The members of a receipt or of a line of it, but for those and for the numbers of payment cards.
  fileprivate func write(membersBut left: Set<String>, to writer: inout JSONWriter) {
    for (key, value) in members where !left.contains(key) {
      writer.key(key)
      value.writeMasked(as: key, to: &writer)
    }
  }

  private func writeMasked(as key: String, to writer: inout JSONWriter) {
    if Self.numbersOfGoods.contains(key) { return writer.raw(self) }
    switch kind {
    case .object:
      writer.object { writer in
        for (key, value) in members {
          writer.key(key)
          value.writeMasked(as: key, to: &writer)
        }
      }
    case .array: writer.array { writer in for element in elements { element.writeMasked(as: key, to: &writer) } }
    case .string, .number:
      let text = string ?? number ?? ""
      let masked = Self.numbersOfCards.contains(key) ? text.maskedNumber : text.withoutPaymentCards
      if masked == text { writer.raw(self) } else { writer.value(masked) }
    case .boolean, .null: writer.raw(self)
    }
  }
}
