package import Base
package import SQL

/// A list of lines that a link leads to: what was in a cart when it was shared, and not whose cart it was.
package struct CartShare: Sendable {
  package struct Line: Sendable, Equatable {
    package var sku: String
    package var quantity: Quantity

    package init(sku: String, quantity: Quantity) {
      self.sku = sku
      self.quantity = quantity
    }
  }

  /// A link is good for 30 days: what nobody has opened in a month, nobody misses.
  package static let life: Duration = .seconds(30 * 86_400)

  package let id: String
  package let lines: [Line]
  package let end: Instant

  /// What a link leads to.
  ///
  /// - Throws: `notFound` where there is no such link, or it has ended.
  package static func find(_ id: String, now: Instant, in session: any Session) throws -> CartShare {
    let share = try session.first(of: CartStatement.share, .text(id)) { row in
      CartShare(
        id: id, lines: try lines(of: JSONDocument(row.bytes(1)).root), end: Instant(milliseconds: row.integer(2)))
    }
    guard let share, share.end > now else { throw Failure(.notFound, "there is no such link, or it has ended") }
    return share
  }

  /// Writes it as the API shows it, into an open object.
  package func write(_ prices: CartPrices, to writer: inout JSONWriter) {
    writer.key("lines")
    writer.array { writer in
      for (index, line) in lines.enumerated() {
        let price = prices.lines.indices.contains(index) ? prices.lines[index] : CartPrices.Line()
        writer.object { CartView.write(line.sku, line.quantity, price, to: &$0) }
      }
    }
    CartView.writeTotals(prices, to: &writer)
    writer.field("expiresAt", end.text)
  }

  /// Lines as `[["A-1", 2000]]`, in thousandths.
  static func lines(of json: JSON) throws -> [Line] {
    try json.elements.map { row in
      let row = Array(row.elements)
      guard row.count == 2, let sku = row[0].string, let quantity = row[1].integer else { throw Cart.damaged }
      return Line(sku: sku, quantity: Quantity(thousandths: quantity))
    }
  }

  static func write(_ lines: [Line], to writer: inout JSONWriter) {
    writer.array { writer in
      for line in lines {
        writer.array { writer in
          writer.value(line.sku)
          writer.value(line.quantity.thousandths)
        }
      }
    }
  }
}
