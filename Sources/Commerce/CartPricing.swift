package import Base
package import Customers
package import SQL

/// What prices a cart and says what is wrong with its lines, each time that it is shown.
package protocol CartPricing: Sendable {
  /// What so much of each article costs now, in the order of `lines`.
  func price(
    _ lines: [CartShare.Line], _ context: CartContext, in session: any Session
  ) throws -> CartPrices

  /// What one unit of each article in the cart costs that `isMeant` names, as `price` says it.
  func unitPrices(
    of lines: [CartShare.Line], _ context: CartContext, in session: any Session, isMeant: (String) -> Bool
  ) throws -> [String: Money]
}

extension CartPricing {
  package func unitPrices(
    of lines: [CartShare.Line], _ context: CartContext, in session: any Session, isMeant: (String) -> Bool
  ) throws -> [String: Money] {
    let prices = try price(lines, context, in: session).lines
    let known = zip(lines, prices).compactMap { line, price in price.unitPrice.map { (line.sku, $0) } }
    return Dictionary(known.filter { isMeant($0.0) }) { first, _ in first }
  }
}

/// For whom, where and when a cart is priced.
package struct CartContext: Sendable {
  /// The leading origin of the customer; none for a shared list.
  package var customer: Origin.Number?
  package var coupons: [String] = []
  /// None for the shop's usual one.
  package var currency: Currency?
  package var region: String?
  /// Where the goods are wanted.
  package var store: String?
  package var now: Instant

  package init(now: Instant) { self.now = now }

  /// Takes the currency and the region that a request's body names.
  ///
  /// - Throws: `invalid` where they are none.
  mutating func read(_ body: JSON) throws {
    var faults: [Failure.Fault] = []
    if let told = body["currency"], !told.isNull {
      currency = told.string.flatMap { Currency($0) }
      if currency == nil { faults.append(.init("/currency", "is no currency of ISO 4217")) }
    }
    if let told = body["region"], !told.isNull {
      region = told.string.flatMap { $0.isPlainText(upTo: OrderDraft.longestCode) ? $0 : nil }
      if region == nil {
        faults.append(.init("/region", "has not 1 to \(OrderDraft.longestCode) characters, or control characters"))
      }
    }
    if !faults.isEmpty { throw Failure(.invalid, "the checkout is wrong", faults: faults) }
  }
}

/// What is to be told about a line: it stays in the cart all the same.
package struct CartIssue: Sendable, Equatable {
  package enum Code: String, Sendable, CaseIterable {
    /// Nobody has told the shop's prices.
    case priceUnknown
    /// It costs another price than when the line was changed last: `old` and `new`.
    case priceChanged
    /// There is not so much of it: `available`, where that is known.
    case unavailable
    /// The product is not sold in such a part of its unit.
    case offStep
    case unknownSku
    /// Its price is in another currency than the cart's.
    case foreignCurrency
  }

  package var code: Code
  package var detail: String
  package var old: Money?
  package var new: Money?
  package var available: Quantity?

  package init(
    _ code: Code, _ detail: String, old: Money? = nil, new: Money? = nil, available: Quantity? = nil
  ) {
    self.code = code
    self.detail = detail
    self.old = old
    self.new = new
    self.available = available
  }

  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("code", code.rawValue)
      writer.field("detail", detail)
      if let old {
        writer.key("old")
        old.write(to: &writer)
      }
      if let new {
        writer.key("new")
        new.write(to: &writer)
      }
      if let available { writer.field("available", available) }
    }
  }
}

/// What a cart comes to.
package struct CartPrices: Sendable {
  package struct Line: Sendable {
    /// What the product is called; nil where there is none.
    package var name: String?
    package var unitPrice: Money?
    /// For all of the line, with its discounts.
    package var total: Money?
    /// A JSON array of what was taken off, and why.
    package var discounts = Array("[]".utf8)
    package var issues: [CartIssue] = []

    package init() {}
  }

  package var lines: [Line] = []
  /// Before discounts.
  package var goods: Money?
  package var discount: Money?
  /// What is paid with points.
  package var points: Money?
  package var due: Money?
  /// A JSON array of how it came to that.
  package var trace = Array("[]".utf8)

  package init() {}
}

/// Prices of a shop that has told none.
package struct UnknownPrices: CartPricing {
  private let reason: String

  /// - Parameter reason: why they are unknown, where it is not for want of any.
  package init(_ reason: String? = nil) { self.reason = reason ?? "the shop has told no prices" }

  package func price(
    _ lines: [CartShare.Line], _ context: CartContext, in session: any Session
  ) throws -> CartPrices {
    var prices = CartPrices()
    prices.lines = lines.map { _ in
      var line = CartPrices.Line()
      line.issues = [CartIssue(.priceUnknown, reason)]
      return line
    }
    return prices
  }
}

/// What makes an order of a cart that is checked out.
package protocol OrderPlacing: Sendable {
  /// Decides the order in the transaction of the checkout; what it decides is added to the outcome.
  ///
  /// - Returns: the order's id.
  /// - Throws: what stands in the way, as `POST /v1/orders` does: then the cart stays as it is.
  func place(_ checkout: CartCheckout, into outcome: inout Outcome, in session: any Session) throws -> String
}

/// A cart as it is bought.
package struct CartCheckout: Sendable {
  package var cart: String
  package var person: Person
  package var lines: [CartShare.Line]
  package var prices: CartPrices
  package var context: CartContext
  /// What the request says beside the cart: how it is to be delivered, points, a note.
  package var request: JSON
}
