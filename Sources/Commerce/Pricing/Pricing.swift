package import Base
package import SQL

/// What things cost: one function for every door.
///
/// 1. Of the prices of a product that hold here, now and for this customer, the most specific one counts: one for a
///    segment before one for all, then one for a region before one for everywhere, then the one that began last, then the
///    one that was stored last.
/// 2. The line's goods are unit price × quantity, rounded once, half away from zero.
/// 3. Promotions come in the order of priority and name, each on what those before it have left. A share of a line is
///    rounded once, half away from zero; what is taken off several lines together is rounded once and then split by
///    what they still come to, cumulatively, so that the parts sum to it. No line goes below zero.
package enum Pricing {
  /// Works out what lines cost.
  ///
  /// What cannot be sold as it stands has an issue, and everything that can be told is told all the same.
  ///
  /// - Throws: `invalid` for more lines or codes than `Quote.mostLines` and `Quote.mostCoupons`.
  package static func quote(
    lines: [(sku: String, quantity: Quantity)], context: PricingContext, in session: any Session
  ) throws -> Quote {
    guard lines.count <= Quote.mostLines else {
      let reason = "has more than \(Quote.mostLines) lines"
      throw Failure(.invalid, "it \(reason)", faults: [.init("/lines", reason)])
    }
    guard context.coupons.count <= Quote.mostCoupons else {
      let reason = "has more than \(Quote.mostCoupons) codes"
      throw Failure(.invalid, "it \(reason)", faults: [.init("/coupons", reason)])
    }
    var work = QuoteWork(lines, context, session)
    try work.price()
    try work.discount()
    return work.quote
  }

  /// What one unit of each line costs before promotions, or nil, as `quote` says it.
  static func unitPrices(
    of lines: [(sku: String, quantity: Quantity)], context: PricingContext, in session: any Session
  ) throws -> [Int64?] {
    var work = QuoteWork(lines, context, session)
    try work.price()
    return work.quote.lines.map { $0.unitPrice }
  }

  /// The price of a product that counts, or nil.
  ///
  /// - Parameter holds: whether the customer is one whom a price is for.
  static func choose(
    among prices: [Catalogue.ListPrice], _ context: PricingContext, holds: (FactCondition) throws -> Bool
  ) rethrows -> Price? {
    let here = prices.filter { listed in
      let price = listed.price
      return price.price.currency == context.currency && price.isValid(at: context.now)
        && (price.region == nil || price.region == context.region)
    }
    func rank(_ listed: Catalogue.ListPrice) -> [Int64] {
      let price = listed.price
      return [
        price.segment == nil ? 0 : 1, price.region == nil ? 0 : 1, (price.from ?? .earliest).milliseconds,
        listed.sequence,
      ]
    }
    for listed in here.sorted(by: { rank($1).lexicographicallyPrecedes(rank($0)) }) {
      if try listed.price.segment.map(holds) ?? true { return listed.price }
    }
    return nil
  }
}
