import Base

/// One thing that somebody of the practice town does, as the source tells it that saw it.
struct PracticeAct {
  let person: PracticePerson
  let step: Int
  let at: Instant
  let id: String
  var chance: PracticeChance

  init(_ person: PracticePerson, step: Int, at: Instant, id: String, _ chance: PracticeChance) {
    (self.person, self.step, self.at, self.id, self.chance) = (person, step, at, id, chance)
  }

  /// Where somebody who registers does so.
  static let registration = 2

  mutating func event() -> (source: String, event: [UInt8]) {
    if step == Self.registration, let user = person.userID { return signIn(user, on: person.browsers[0], isNew: true) }
    guard step > Self.registration else { return look() }
    switch chance.number(0..<100) {
    case 0..<40: return look()
    case 40..<50: return person.userID.map { signIn($0, on: chance.one(of: person.browsers), isNew: false) } ?? form()
    case 50..<65: return person.userID.map { order($0) } ?? look()
    case 65..<85: return person.card.map { receipt($0) } ?? look()
    case 85..<95: return call()
    default: return form()
    }
  }

  /// Looks at something on a page.
  mutating func look() -> (String, [UInt8]) {
    let browser = step <= Self.registration ? person.browsers[0] : chance.one(of: person.browsers)
    if chance.happens(30) {
      let name = chance.one(of: ["Home", "Catalogue", "Stores", "Delivery"])
      return (PracticeTown.page, write("page", name, anonymous: browser) { $0.field("path", "/\(name.lowercased())") })
    }
    let event = chance.one(of: ["Product Viewed", "Product Viewed", "Product Added"])
    let product = chance.one(of: PracticeProduct.all)
    return (PracticeTown.page, write("track", event, anonymous: browser) { write(product, 1, to: &$0) })
  }

  /// Leaves an address on a page, now and then with a slip: a claim.
  mutating func form() -> (String, [UInt8]) {
    let browser = chance.one(of: person.browsers)
    let email = chance.happens(30) ? PracticeNames.mistyped(person.email, &chance) : person.email
    let name = chance.happens(20) ? PracticeNames.mistyped(person.firstName, &chance) : person.firstName
    return (
      PracticeTown.page,
      write("identify", nil, anonymous: browser, member: "traits") { writer in
        writer.field("email", email)
        writer.field("firstName", name)
      }
    )
  }

  /// - Parameter preferences: what he allows, as SDKs stamp it on events.
  mutating func signIn(
    _ user: String, on browser: String, isNew: Bool, card: String? = nil, preferences: [(String, Bool)] = []
  ) -> (String, [UInt8]) {
    (
      PracticeTown.site,
      write(
        "identify", nil, user: user, anonymous: browser, external: card.map { ("card", $0) }, preferences: preferences,
        member: "traits"
      ) { writer in
        writer.field("email", person.email)
        guard isNew else { return }
        writer.field("firstName", person.firstName)
        writer.field("lastName", person.lastName)
        writer.field("phone", person.phone)
        writer.field("language", person.isRussian ? "ru" : "en")
        writer.key("address")
        writer.object { writer in
          writer.field("city", person.city)
          writer.field("country", "LV")
        }
      }
    )
  }

  mutating func order(_ user: String) -> (String, [UInt8]) {
    let products = (0..<chance.number(1..<4)).map { _ in (chance.one(of: PracticeProduct.all), chance.number(1..<3)) }
    return (
      PracticeTown.site,
      write("track", "Order Completed", user: user) { write(products, order: "W-\(id)", to: &$0) }
    )
  }

  /// Buys in a store, with his card; who has registered is found by the till now and then.
  private mutating func receipt(_ card: String) -> (String, [UInt8]) {
    let products = (0..<chance.number(1..<6)).map { _ in (chance.one(of: PracticeProduct.all), chance.number(1..<3)) }
    let user = chance.happens(20) ? person.userID : nil
    return (
      PracticeTown.till,
      write(
        "track", "Order Completed", user: user, anonymous: user == nil ? "till-\(card)" : nil, external: ("card", card)
      ) { write(products, order: "T-\(id)", to: &$0) }
    )
  }

  /// Telephones; the one who answers asks for his number with the shop now and then.
  mutating func call() -> (String, [UInt8]) {
    let user = chance.happens(15) ? person.userID : nil
    let matter = chance.one(
      of: person.isRussian ? ["Где мой заказ", "Возврат", "Размер"] : ["Where is my order", "Return", "Size"])
    return (
      PracticeTown.desk,
      write(
        "track", "Call Ended", user: user, anonymous: user == nil ? "line-\(person.phone)" : nil,
        external: ("phone", person.phone)
      ) { writer in
        writer.field("matter", matter)
        writer.field("seconds", chance.number(20..<600))
      }
    )
  }

  // MARK: JSON

  func write(
    _ type: String, _ name: String?, user: String? = nil, anonymous: String? = nil,
    external: (type: String, id: String)? = nil, preferences: [(String, Bool)] = [], member: String = "properties",
    _ body: (inout JSONWriter) -> Void
  ) -> [UInt8] {
    var writer = JSONWriter(capacity: 768)
    writer.object { writer in
      writer.field("type", type)
      writer.field("messageId", id)
      writer.field("timestamp", at.text)
      writer.field(type == "track" ? "event" : "name", ifPresent: name)
      writer.field("userId", ifPresent: user)
      writer.field("anonymousId", ifPresent: anonymous)
      if external != nil || !preferences.isEmpty {
        writer.key("context")
        writer.object { write(external, preferences, to: &$0) }
      }
      writer.key(member)
      writer.object(body)
    }
    return writer.bytes
  }

  private func write(
    _ external: (type: String, id: String)?, _ preferences: [(String, Bool)], to writer: inout JSONWriter
  ) {
    if let external {
      writer.key("externalIds")
      writer.array { writer in
        writer.object { writer in
          writer.field("type", external.type)
          writer.field("id", external.id)
        }
      }
    }
    guard !preferences.isEmpty else { return }
    writer.key("consent")
    writer.object { writer in
      writer.key("categoryPreferences")
      writer.object { for (purpose, isGranted) in preferences { $0.field(purpose, isGranted) } }
    }
  }

  private func write(_ product: PracticeProduct, _ quantity: Int, to writer: inout JSONWriter) {
    writer.field("sku", product.sku)
    writer.field("name", person.isRussian ? product.russian : product.english)
    writer.key("price")
    writer.raw(Array(DecimalLiteral.text(product.price, decimals: 2).utf8))
    writer.field("quantity", quantity)
  }

  func write(_ products: [(PracticeProduct, Int)], order: String?, to writer: inout JSONWriter) {
    writer.field("order_id", ifPresent: order)
    writer.field("currency", PracticeOffer.currency)
    writer.key("total")
    writer.raw(Array(DecimalLiteral.text(products.reduce(0) { $0 + $1.0.price * Int64($1.1) }, decimals: 2).utf8))
    writer.key("products")
    writer.array { writer in
      for (product, quantity) in products { writer.object { write(product, quantity, to: &$0) } }
    }
  }
}
