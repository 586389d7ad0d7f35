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

  package init(_ orders: Orders, id: String, channel: String) {
    (self.orders, self.id, self.channel) = (orders, id, channel)
  }

  package func place(_ checkout: CartCheckout, into outcome: inout Outcome, in session: any Session) throws -> String {
    var writer = JSONWriter(capacity: 1024)
    writer.object { writer in
      for (name, value) in checkout.request.members where name != "version" {
        writer.key(name)
        writer.raw(value)
      }
      writer.field("customer", "me")
      writer.field("cart", checkout.cart)
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
    let placing = Orders.Placing(id: id, at: checkout.person.stand, now: checkout.context.now, channel: channel)
    try orders.place(draft, placing, into: &outcome, in: session)
    return id
  }
}
