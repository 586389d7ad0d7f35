package import Base

/// What is going on in the practice shop on the day on which somebody looks: carts that are being filled, orders at every
/// stage, goods that are missing, and a report that cannot be right.
package struct PracticeStory: Sendable {
  /// How many people it is about.
  private static let most = 20
  /// Of these bear each of the names that a newcomer is told to look for.
  private static let named = 3
  private static let names = ["Smith", "Иванов"]
  /// How far one looks for them.
  private static let searched = 1000

  private let town: String
  private let end: Instant
  private let cast: [PracticeCustomer]

  /// - Parameter end: when the town's histories end.
  package init(scale: Int, seed: UInt64, until end: Instant) {
    self.end = end
    town = PracticeTown.name(scale: scale, seed: seed)
    let people = Array(PracticeTown.customers(scale: scale, seed: seed).prefix(Self.searched))
    let chosen = Self.names.flatMap { name in
      people.filter { $0.person.lastName.hasPrefix(name) && $0.person.card != nil }.prefix(Self.named)
    }
    let numbers = Set(chosen.map { $0.number })
    cast = Array((chosen + people.filter { !numbers.contains($0.number) }).prefix(Self.most))
  }

  // MARK: What is there

  /// The stores and what they have counted.
  package var stores: [PracticeRequest] {
    [
      PracticeRequest("PUT", "/v1/stores") { writer in
        writer.array { for store in PracticeStore.all { store.write(to: &$0) } }
      },
      PracticeRequest("PUT", "/v1/stock") { PracticeStore.stock(until: end, to: &$0) },
    ]
  }

  // MARK: What sources tell

  /// A cart that was left days ago, and goods that a till sold although the books had none.
  package var calls: [PracticeTown.Call] {
    var calls: [PracticeTown.Call] = []
    for (index, customer) in cast.enumerated() where index % 5 == 3 {
      let product = PracticeProduct.all[(index * 7) % PracticeProduct.all.count]
      calls.append(
        track(customer, "Product Added", "left-\(index)", at: end - .seconds(3 * 86_400)) { writer in
          writer.field("sku", product.sku)
          writer.field("quantity", 2)
        })
    }
    let honey = PracticeProduct.all.filter { $0.sku == PracticeStore.missing }
    let receipt = PracticeReceipt(
      store: PracticeStore.short, register: Self.register, number: receipt, at: end - .seconds(2 * 3600),
      lines: honey.map { .init(sku: $0.sku, name: $0.english, quantity: 2, price: $0.price) })
    let person = cast.last?.person
    let body = receipt.json("sale", original: nil, isCash: true, card: person?.card, phone: nil)
    calls.append(
      PracticeTown.Call(
        source: PracticeTown.till, receivedAt: end, body: Array(#"{"receipts": ["#.utf8) + body + Array("]}".utf8),
        path: "/hooks/\(PracticeTown.till)", count: 1))
    return calls
  }

  /// A register that has written none of the year's receipts.
  private static let register = 9
  /// A number for each town.
  private var receipt: Int { Int(town.filter { $0.isNumber }.suffix(8)) ?? 0 }

  /// The site tells of an order as of somebody else's, and of other goods.
  package var contradiction: [PracticeTown.Call] {
    guard cast.count > 1 else { return [] }
    return [
      track(cast[cast.count - 1], "Order Completed", "contradiction", at: end - .seconds(3600)) { writer in
        writer.field("order_id", order(0))
        writer.field("currency", PracticeOffer.currency)
        writer.key("products")
        writer.raw(Array(#"[{"sku": "mug-12", "price": 4.50, "quantity": 4}]"#.utf8))
      }
    ]
  }

  private func track(
    _ customer: PracticeCustomer, _ event: String, _ id: String, at: Instant, properties: (inout JSONWriter) -> Void
  ) -> PracticeTown.Call {
    let act = PracticeAct(customer.person, step: 0, at: at, id: "\(town)-story-\(id)", PracticeChance(0))
    let body = act.write("track", event, user: customer.userID, properties)
    return PracticeTown.Call(
      source: PracticeTown.site, receivedAt: end, body: Array(#"{"batch": ["#.utf8) + body + Array("]}".utf8),
      path: "/v1/batch", count: 1)
  }

  // MARK: What is asked for

  /// How far an order has come.
  private enum Stage: CaseIterable {
    case ready, shipped, wanted, refunded, picking, delivered

    /// What was done with it, and how it goes to the customer.
    var acts: [(String, String)] {
      let sent = [("ready", "{}"), ("ship", #"{"carrier": "Omniva", "tracking": "CE000000017EE"}"#)]
      return switch self {
      case .wanted: []
      case .picking: [("pick", "{}")]
      case .ready: [("pick", "{}"), ("ready", "{}")]
      case .shipped: sent
      case .delivered: sent + [("deliver", "{}")]
      case .refunded:
        sent + [("deliver", "{}"), ("refund", #"{"lines": [{"line": 1, "quantity": 1}], "reason": "came broken"}"#)]
      }
    }

    var isPickup: Bool { [.ready, .wanted, .picking].contains(self) }
  }

  private func order(_ index: Int) -> String {
    "W-\(town.filter { $0.isNumber })-\(PracticeNames.digits(index + 1, 2))"
  }

  /// Orders, what became of them, and then carts and points: an order takes its goods out of the cart.
  package var requests: [PracticeRequest] {
    var requests: [PracticeRequest] = []
    for (index, customer) in cast.enumerated() {
      let stage = Stage.allCases[index % Stage.allCases.count]
      let goods = (0..<1 + index % 2).map { PracticeProduct.all[(5 + index * 3 + $0 * 11) % PracticeProduct.all.count] }
      requests.append(
        place(
          order(index), customer, goods, isPickup: stage.isPickup, until: end + .seconds(Int64(20 + index) * 86_400)))
      for (act, body) in stage.acts {
        requests.append(PracticeRequest("POST", "/v1/orders/\(order(index))/\(act)", body))
      }
    }
    for (index, customer) in cast.enumerated() where index % 3 == 0 || index < Self.named * Self.names.count {
      let path = "/v1/customers/user_id:\(customer.userID)"
      let (first, later) = (PracticeProduct.all[8 + index % 4], PracticeProduct.all[28 + index % 6])
      requests.append(
        PracticeRequest(
          "PATCH", path + "/cart",
          #"""
          {"lines": [{"sku": "\#(first.sku)", "quantity": 1}, {"sku": "coffee-25", "quantity": 0.5},
            {"sku": "\#(later.sku)", "savedQuantity": 1}], "coupons": {"add": ["\#(PracticeOffer.code)"]}}
          """#))
      requests.append(
        PracticeRequest(
          "POST", path + "/loyalty/adjustments", #"{"points": 200, "reason": "a parcel that came late"}"#))
    }
    return requests
  }

  /// An order that nobody fetches before `until`; nil where there is nobody to order.
  ///
  /// - Returns: its id, and the request.
  package func forgotten(until: Instant) -> (id: String, request: PracticeRequest)? {
    guard cast.count > 2 else { return nil }
    let id = order(cast.count)
    return (id, place(id, cast[2], [PracticeProduct.all[6]], isPickup: true, until: until))
  }

  private func place(
    _ id: String, _ customer: PracticeCustomer, _ goods: [PracticeProduct], isPickup: Bool, until: Instant
  ) -> PracticeRequest {
    PracticeRequest("POST", "/v1/orders") { writer in
      writer.object { writer in
        writer.field("id", id)
        writer.field("customer", "user_id:\(customer.userID)")
        writer.field("channel", "site")
        writer.key("fulfilment")
        writer.object { writer in
          writer.field("type", isPickup ? "pickup" : "delivery")
          writer.field("store", PracticeStore.nearest[0])
          if isPickup {
            writer.field("until", until.text)
          } else {
            writer.key("address")
            writer.object { writer in
              writer.field("name", "\(customer.person.firstName) \(customer.person.lastName)")
              writer.field("city", customer.person.city)
            }
          }
        }
        writer.key("lines")
        writer.array { writer in
          for product in goods {
            writer.object { writer in
              writer.field("sku", product.sku)
              writer.field("quantity", 1)
              writer.field("name", customer.person.isRussian ? product.russian : product.english)
            }
          }
        }
      }
    }
  }
}
