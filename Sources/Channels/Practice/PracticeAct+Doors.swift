import Base

/// What people do at the doors that a shop has beside its pages, its till and its telephone.
extension PracticeAct {
  /// What happens at any door.
  ///
  /// - Parameters:
  ///   - last: what he bought in a store last.
  ///   - count: how many receipts the shop has written.
  mutating func event(
    atAnyDoor last: inout PracticeReceipt?, receipts count: inout Int
  ) -> (source: String, event: [UInt8]) {
    if step == Self.registration, let user = person.userID {
      return signIn(user, on: person.browsers[0], isNew: true, card: person.card, preferences: preferences())
    }
    guard step > Self.registration else { return look() }
    switch chance.number(0..<100) {
    case 0..<22: return look()
    case 22..<32: return screen()
    case 32..<41:
      guard let user = person.userID else { return form() }
      let preferences = chance.happens(10) ? preferences() : []
      return signIn(
        user, on: chance.one(of: person.browsers + [person.app]), isNew: false, preferences: preferences)
    case 41..<45: return person.userID.map { checkout($0) } ?? look()
    case 45..<71: return receipt(after: &last, &count)
    case 71..<79: return call()
    case 79..<86: return chat()
    case 86..<92: return mail()
    case 92..<95: return message()
    default: return form()
    }
  }

  private mutating func preferences() -> [(String, Bool)] {
    [("marketing", chance.happens(70)), ("analytics", chance.happens(85))]
  }

  /// Looks at something in the app.
  private mutating func screen() -> (String, [UInt8]) {
    let name = chance.one(of: ["Home", "Catalogue", "Favourites", "Orders", "Card"])
    return (
      PracticeTown.app, write("screen", name, anonymous: person.app) { $0.field("orientation", "portrait") }
    )
  }

  /// Begins to order on the site what he will fetch and pay in a store, whose till tells that.
  private mutating func checkout(_ user: String) -> (String, [UInt8]) {
    let product = chance.one(of: PracticeProduct.all)
    return (
      PracticeTown.site,
      write("track", "Checkout Started", user: user) { write([(product, 1)], order: nil, to: &$0) }
    )
  }

  /// Buys in a store, with his card if he has one, or brings something back.
  private mutating func receipt(after last: inout PracticeReceipt?, _ count: inout Int) -> (String, [UInt8]) {
    count += 1
    let kind = last != nil && chance.happens(12) ? "refund" : "sale"
    let lines =
      kind == "refund"
      ? last?.lines.prefix(1).map { $0 } ?? []
      : (0..<chance.number(1..<5)).map { _ in
        let product = chance.one(of: PracticeProduct.all)
        return PracticeReceipt.Line(
          sku: product.sku, name: person.isRussian ? product.russian : product.english,
          quantity: chance.number(1..<3), price: product.price)
      }
    let receipt = PracticeReceipt(
      store: person.store, register: chance.number(1..<4), number: count, at: at, lines: lines)
    // Who has no card gives his number for the receipt, or nothing.
    let phone = person.card == nil && chance.happens(40) ? person.phone : nil
    let body = receipt.json(
      kind, original: kind == "refund" ? last : nil, isCash: chance.happens(25),
      card: person.card, phone: phone)
    last = kind == "sale" ? receipt : nil
    return (PracticeTown.till, body)
  }

  /// Writes to the shop, of whom the messenger knows who he is there.
  private mutating func chat() -> (String, [UInt8]) {
    let (type, id) = person.telegram.map { ("telegram", $0) } ?? ("whatsapp", String(person.phone.dropFirst()))
    let user = chance.happens(35) ? person.userID : nil
    let text = chance.one(
      of: person.isRussian
        ? [
          "Здравствуйте! Когда привезут заказ?", "Можно обменять размер?", "Есть ли в магазине на Лесной?", "Спасибо!",
        ]
        : ["Hello! When will my order come?", "Can I change the size?", "Do you have it in the shop?", "Thank you!"])
    return (
      PracticeTown.chat,
      write(
        "track", "Message Received", user: user, anonymous: user == nil ? "chat-\(id)" : nil, external: (type, id)
      ) { $0.field("text", text) }
    )
  }

  /// What became of a letter to him.
  private mutating func mail() -> (String, [UInt8]) {
    let event = chance.one(of: [
      "Email Delivered", "Email Opened", "Email Opened", "Email Link Clicked", "Email Bounced",
    ])
    let subject = person.isRussian ? "Скидки недели" : "This week's offers"
    let (user, email) = (person.userID, person.email)
    return (
      PracticeTown.mail,
      write("track", event, user: user, anonymous: user == nil ? "mail-\(email)" : nil, external: ("email", email)) {
        $0.field("email_subject", subject)
        $0.field("email", email)
      }
    )
  }

  /// Answers a short message.
  private mutating func message() -> (String, [UInt8]) {
    let text = chance.one(of: person.isRussian ? ["Да", "СТОП", "Буду в шесть"] : ["Yes", "STOP", "I'll come at six"])
    return (
      PracticeTown.sms,
      write("track", "SMS Received", anonymous: "sms-\(person.phone)", external: ("phone", person.phone)) {
        $0.field("text", text)
      }
    )
  }
}

/// A receipt of the practice shop's tills.
struct PracticeReceipt: Sendable {
  struct Line: Sendable {
    var sku: String
    var name: String
    var quantity: Int
    var price: Int64
  }

  var store: String
  var register: Int
  var number: Int
  var at: Instant
  var lines: [Line]

  private static let day: Int64 = 86_400_000

  private var shift: Int64 { at.milliseconds / Self.day }

  /// The tills' clocks show Riga's winter time all the year.
  private var issuedAt: String { (at + .seconds(2 * 3600)).text.dropLast() + "+02:00" }

  /// The receipt as the till posts it.
  func json(
    _ kind: String, original: PracticeReceipt?, isCash: Bool, card: String?, phone: String?
  ) -> [UInt8] {
    let total = lines.reduce(0) { $0 + Int64($1.quantity) * $1.price }
    var writer = JSONWriter(capacity: 1024)
    writer.object { writer in
      name(&writer)
      writer.field("kind", kind)
      writer.field("issued_at", issuedAt)
      writer.field("currency", PracticeOffer.currency)
      writer.key("lines")
      writer.array { writer in
        for (index, line) in lines.enumerated() {
          writer.object { writer in
            writer.field("line", index + 1)
            writer.field("sku", line.sku)
            writer.field("name", line.name)
            writer.field("qty", "\(line.quantity)")
            writer.field("unit_price_minor", line.price)
            writer.field("total_minor", Int64(line.quantity) * line.price)
          }
        }
      }
      writer.key("tenders")
      writer.array { writer in
        writer.object { writer in
          writer.field("kind", isCash ? "cash" : "card")
          writer.field("amount_minor", total)
        }
      }
      writer.key("totals")
      writer.object { $0.field("total_minor", total) }
      writer.field("loyalty_card", ifPresent: card)
      writer.field("phone", ifPresent: phone)
      writer.field("seq", number)
      guard let original else { return }
      writer.key("original_receipt")
      writer.object { original.name(&$0) }
    }
    return writer.bytes
  }

  private func name(_ writer: inout JSONWriter) {
    writer.field("store_id", store)
    writer.field("register_id", register)
    writer.field("shift_no", shift)
    writer.field("receipt_no", number)
  }
}
