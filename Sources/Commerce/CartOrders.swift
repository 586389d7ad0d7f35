import Base
package import Customers
package import SQL

/// Makes orders of carts that are checked out.
package struct CartOrders: OrderPlacing {
  private let orders: Orders
  /// What the order is called.
  private let id: String
  /// The door through which the checkout comes.
  private let channel: String
  /// Whether the buyer asks himself, by his token: then he neither says that he has paid nor that he has the goods.
  private let isOwn: Bool

  package init(_ orders: Orders, id: String, channel: String, isOwn: Bool) {
    (self.orders, self.id, self.channel, self.isOwn) = (orders, id, channel, isOwn)
  }

  /// What a buyer may say of his order.
  private static let own: Set = ["version", "fulfilment", "points", "note", "currency", "region"]
  /// What the shop may say beside that.
  private static let shops: Set = ["id", "channel", "payments"]

  private func check(_ checkout: CartCheckout) throws {
    let request = checkout.request
    let known = isOwn ? Self.own : Self.own.union(Self.shops)
    var faults = request.members.filter { !known.contains($0.key) }.map {
      Failure.Fault("/\(JSON.pointerToken($0.key))", "is unknown, or not the buyer's to say")
    }
    if isOwn {
      let way = request["fulfilment"]
      if way?["type"]?.isString("counter") ?? false {
        faults.append(.init("/fulfilment/type", "is for the store to say"))
      }
      if let until = way?["until"], !until.isNull {
        faults.append(.init("/fulfilment/until", "is for the shop to say"))
      }
      // What claims tie to a visitor may be another's.
      if checkout.person.reach != .customer, checkout.request["points"]?.integer ?? 0 != 0 {
        faults.append(.init("/points", "are for a customer who has signed in"))
      }
    }
    if !faults.isEmpty { throw Failure(.invalid, "the checkout is wrong", faults: faults) }
  }

  package func place(_ checkout: CartCheckout, into outcome: inout Outcome, in session: any Session) throws -> String {
    try check(checkout)
    var writer = JSONWriter(capacity: 1024)
    writer.object { writer in
      for (name, value) in checkout.request.members where !["version", "currency", "region"].contains(name) {
        writer.key(name)
        writer.raw(value)
      }
      writer.field("customer", "me")
      writer.field("cart", checkout.cart)
      writer.field("region", ifPresent: checkout.context.region)
      writer.field("currency", ifPresent: checkout.context.currency?.code)
      writer.key("coupons")
      writer.array { writer in for coupon in checkout.context.coupons { writer.value(coupon) } }
      writer.key("lines")
      writer.array { writer in
        for (index, line) in checkout.lines.enumerated() {
          writer.object { writer in
            writer.field("sku", line.sku)
            writer.field("quantity", line.quantity)
            if checkout.prices.lines.indices.contains(index), let price = checkout.prices.lines[index].unitPrice {
              writer.key("price")
              price.write(to: &writer)
            }
          }
        }
      }
    }
    let draft = try OrderDraft(JSONDocument(writer.bytes).root, now: checkout.context.now)
    let placing = Orders.Placing(
      id: id, at: checkout.person.stand, now: checkout.context.now, channel: channel,
      isGuest: checkout.person.reach == .stand)
    try orders.place(draft, placing, into: &outcome, in: session)
    return OrderID.key(of: id)
  }
}
