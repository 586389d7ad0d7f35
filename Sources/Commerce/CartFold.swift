package import Base
package import Customers
package import SQL

/// The parts of carts at each origin: what verdicts say, the newest word for each part and line.
///
/// Rows stay when a person is erased, under an origin that leads nowhere: what was wanted, how much and when, as in the
/// entries of the log. Codes and links go.
package struct CartFold: Fold {
  package let name = "carts"
  package let tables = [
    FoldTable("cart", key: ["id"], owner: "origin", entries: ["sequence"], staysErased: true),
    FoldTable("cart_line", key: ["origin", "sku"], owner: "origin", entries: ["sequence"], staysErased: true),
    FoldTable("cart_coupon", key: ["cart", "code"], owner: "origin", entries: ["sequence"]),
    FoldTable("cart_name", key: ["name", "origin"], owner: "origin", entries: ["sequence"], staysErased: true),
    FoldTable(
      "cart_credit", key: ["sequence", "made", "sku"], owner: "origin", entries: ["sequence", "made"],
      staysErased: true),
    FoldTable("cart_share", key: ["id"], owner: "origin", entries: ["sequence"]),
  ]
  package var checks: [any Check] { [CartCheck()] }

  package init() {}

  package func apply(_ entry: LogEntry, in session: any Session) throws {
    guard let json = entry.outcome.verdicts[CartVerdict.name] else { return }
    let verdict = try CartVerdict(json: json)
    for part in verdict.parts {
      try session.execute(
        CartStatement.putPart, .text(part.id), .integer(part.origin), .text(part.state.rawValue),
        .integer(part.floor?.milliseconds), .text(part.order), .integer(part.isTold ? 1 : 0), .integer(entry.sequence))
    }
    for portion in verdict.portions {
      try session.execute(
        CartStatement.putLine, .integer(portion.origin), .text(portion.sku), .integer(portion.quantity.thousandths),
        .integer(portion.saved.thousandths), .integer(portion.since.milliseconds), .integer(portion.price?.amount),
        .text(portion.price?.currency.code), .integer(entry.sequence))
    }
    for credit in verdict.credits {
      try session.execute(
        CartStatement.putCredit, .integer(entry.sequence), .integer(credit.made == 0 ? entry.sequence : credit.made),
        .text(credit.sku), .integer(credit.origin), .integer(credit.quantity.thousandths),
        .integer(credit.at.milliseconds))
    }
    if let name = verdict.carriesName {
      try session.execute(
        CartStatement.putName, .text(name.digest), .integer(name.origin), .text(name.cart), .integer(entry.sequence))
    }
    // What an erased person wrote is not in his entries any more.
    if entry.outcome.result == .erased { return }
    if let cart = verdict.coupons { try enterCoupons(of: entry, into: cart, session) }
    if let share = verdict.share, let origin = entry.outcome.origin {
      var lines = JSONWriter()
      CartShare.write(share.lines, to: &lines)
      try session.execute(
        CartStatement.putShare, .text(share.id), .integer(origin), .utf8(lines.bytes),
        .integer(share.end.milliseconds), .integer(entry.sequence))
    }
  }

  private func enterCoupons(of entry: LogEntry, into cart: String, _ session: any Session) throws {
    guard let coupons = (try? JSONDocument(entry.event.body).root)?["coupons"], let origin = entry.outcome.origin
    else { throw Failure(.internal, "the log is damaged", cause: "codes that are none", hint: "throughline verify") }
    // A code that is added and removed at once is removed.
    for (list, isPresent) in [(coupons["add"], true), (coupons["remove"], false)] {
      for code in Set(list?.elements.compactMap({ $0.string }) ?? []).sorted()
      where !isPresent || coupons["remove"]?.elements.contains(where: { $0.string == code }) != true {
        try session.execute(
          CartStatement.putCoupon, .text(cart), .text(code), .integer(origin), .integer(isPresent ? 1 : 0),
          .integer(entry.sequence))
      }
    }
  }

  /// Writes the person's cart as the member `cart` of his export, and his former ones as `formerCarts`.
  package func export(of origins: [Origin.Number], to writer: inout JSONWriter, in session: any Session) throws {
    let cart = try Cart(of: JoinedCustomers(customers: [], places: Set(origins)), in: session)
    var former: [(id: String, state: String, order: String?)] = []
    for origin in origins {
      try session.forEachRow(of: CartStatement.ids, [.integer(origin)]) { row in
        if Cart.State(rawValue: row.text(1))?.isOpen == false {
          former.append((row.text(0), row.text(1), row.optionalText(2)))
        }
        return true
      }
    }
    writer.key("cart")
    writer.object { writer in
      writer.field("id", orNull: cart.id)
      writer.field("state", orNull: cart.state?.rawValue)
      writer.key("lines")
      writer.array { writer in
        for line in cart.lines {
          writer.object { writer in
            writer.field("sku", line.sku)
            writer.field("quantity", line.quantity)
            writer.field("saved", line.saved)
            writer.field("since", line.since.text)
          }
        }
      }
      writer.key("coupons")
      writer.array { writer in for code in cart.coupons { writer.value(code) } }
    }
    writer.key("formerCarts")
    writer.array { writer in
      for cart in former.sorted(by: { $0.id < $1.id }) {
        writer.object { writer in
          writer.field("id", cart.id)
          writer.field("state", cart.state)
          writer.field("order", orNull: cart.order)
        }
      }
    }
  }

  /// Removes the codes and links of these origins.
  package func erase(_ origins: [Origin.Number], in session: any Session) throws {
    for origin in origins {
      try session.execute(CartStatement.eraseCoupons, .integer(origin))
      try session.execute(CartStatement.eraseShares, .integer(origin))
    }
  }
}
