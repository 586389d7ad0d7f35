import Base
import Customers
import SQL

/// A quote that is being worked out, with what it has read so far.
struct QuoteWork {
  private(set) var quote: Quote
  private let context: PricingContext
  private let session: any Session
  /// By line; nil for what is unknown or has no price.
  private var products: [Product?]
  /// Lines that no further promotion may come to.
  private var closed: Set<Int> = []
  private var facts: [String: Fact?] = [:]
  private var bought: [String]?

  init(_ lines: [(sku: String, quantity: Quantity)], _ context: PricingContext, _ session: any Session) {
    (self.context, self.session) = (context, session)
    quote = Quote(lines.map { Quote.Line(sku: $0.sku, quantity: $0.quantity) }, context)
    products = lines.map { _ in nil }
  }

  // MARK: Prices

  /// Finds the price of each line.
  mutating func price() throws {
    for index in quote.lines.indices { try price(index) }
  }

  private mutating func price(_ index: Int) throws {
    let line = quote.lines[index]
    func note(_ code: Quote.Fault, _ detail: String) {
      quote.lines[index].issues.append(Quote.Issue(code: code, detail: detail))
    }
    let (product, prices) = try look(up: line.sku)
    guard let product else { return note(.unknown, "there is no product of this sku") }
    guard product.isActive else { return note(.inactive, "it is not sold any more") }
    guard line.quantity > .zero else { return note(.quantity, "the quantity is not above 0") }
    if line.quantity.thousandths % product.step.thousandths != 0 {
      note(.step, "it is sold in multiples of \(product.step.decimal) \(product.unit)")
    }
    guard let price = try Pricing.choose(among: prices, context, holds: { try holds($0) }) else {
      if !prices.isEmpty, !prices.contains(where: { $0.price.price.currency == context.currency }) {
        return note(.currency, "it has no price in \(context.currency.code)")
      }
      return note(.price, "it has no price here and now")
    }
    guard line.quantity.thousandths <= Quantity.most,
      let goods = Money.product(line.quantity, price: price.price.amount)
    else { return note(.amount, "it comes to more than any receipt") }
    products[index] = product
    quote.lines[index].unitPrice = price.price.amount
    quote.lines[index].goods = goods
    quote.trace.append(Quote.Step(rule: "price:\(price.list)", line: index, amount: goods))
  }

  private func look(up sku: String) throws -> ShopMemory.Goods {
    let goods = try ShopMemory.goods(sku, in: session)
    return goods.product == nil ? (nil, []) : goods
  }

  private mutating func holds(_ condition: FactCondition) throws -> Bool { condition.holds(try fact(condition.fact)) }

  /// A fact of the customer; none of nobody, and none that nobody publishes.
  private mutating func fact(_ name: String) throws -> Fact? {
    guard let customer = context.customer else { return nil }
    if let known = facts[name] { return known }
    var value: Fact?
    do {
      value = try context.facts.value(of: name, ofCustomer: customer, now: context.now, in: session)
    } catch let failure as Failure where failure.code == .invalid {
      value = nil
    }
    facts.updateValue(value, forKey: name)
    return value
  }

  // MARK: Promotions

  /// Takes off what promotions take off, in their order.
  mutating func discount() throws {
    let opened = try open()
    let promotions = try Promotions.standing(context.now, in: session) + opened.flatMap { $0.promotions }
    var applied: Set<String> = []
    for promotion in promotions.sorted(by: Promotion.precedes) where try take(promotion) {
      applied.insert(promotion.name)
    }
    for (index, promotions) in opened where promotions.contains(where: { applied.contains($0.name) }) {
      quote.coupons[index].state = .applied
    }
  }

  /// The promotions that the codes open, each with the place of its code.
  private mutating func open() throws -> [(index: Int, promotions: [Promotion])] {
    var opened: [(index: Int, promotions: [Promotion])] = []
    var seen: Set<String> = []
    for text in context.coupons {
      let code = Promotion.code(text)
      let index = quote.coupons.count
      var state = Quote.Coupon.State.nothing
      if seen.insert(code).inserted {
        let all = try Promotions.ofCode(code, in: session)
        let valid = all.filter { $0.isValid(at: context.now) }
        state = all.isEmpty ? .unknown : valid.isEmpty ? .ended : .nothing
        if let refusal = try Promotions.refusal(of: valid, to: context.customer, in: session) {
          state = refusal
        } else {
          opened.append((index, valid))
        }
      } else {
        state = .twice
      }
      quote.coupons.append(Quote.Coupon(code: code, state: state))
    }
    return opened
  }

  /// Takes off what one promotion takes off, and answers whether that is anything.
  private mutating func take(_ promotion: Promotion) throws -> Bool {
    if let region = promotion.region, region != context.region { return false }
    let about = try quote.lines.indices.filter { index in
      guard let product = products[index], promotion.covers(product) else { return false }
      return try isFavourite(product.sku, promotion)
    }
    let open = about.filter { index in
      !closed.contains(index) && (promotion.stacks || quote.lines[index].discounts.isEmpty)
        && quote.lines[index].left > 0
    }
    guard !open.isEmpty else { return false }
    if let minimum = promotion.minimum {
      let goods = about.reduce(Int64(0)) { $0 + quote.lines[$1].goods }
      guard minimum.currency == context.currency, goods >= minimum.amount else { return false }
    }
    if let segment = promotion.segment { guard try holds(segment) else { return false } }
    guard let cuts = try cuts(promotion, off: open.map { quote.lines[$0].left }) else { return false }
    for (index, cut) in zip(open, cuts) where cut > 0 {
      quote.lines[index].discounts.append(
        Quote.Discount(rule: promotion.name, title: promotion.title, amount: cut))
      quote.trace.append(Quote.Step(rule: "promotion:\(promotion.name)", line: index, amount: -cut))
      if !promotion.stacks { closed.insert(index) }
    }
    return cuts.contains { $0 > 0 }
  }

  /// What a promotion takes off each of the lines that come to so much.
  private mutating func cuts(_ promotion: Promotion, off lines: [Int64]) throws -> [Int64]? {
    guard let cut = try cut(promotion) else { return nil }
    switch promotion.scope {
    case .line: return lines.map(cut)
    // Cumulatively, so that no part is more than its line.
    case .cart: return Money.split(cut(lines.reduce(0, +)), by: lines)
    }
  }

  /// What a promotion takes off an amount, as far as the customer's facts and the currency let it.
  private mutating func cut(_ promotion: Promotion) throws -> (@Sendable (Int64) -> Int64)? {
    switch promotion.discount {
    case .percent(let percent): return { Money.share($0, percent, of: Promotion.whole) ?? 0 }
    case .percentOf(let name):
      // A fact counts in millionths of a percent, and a share in hundredths.
      guard case .number(let number) = try fact(name), number > 0, number % 10_000 == 0,
        number / 10_000 <= Int128(Promotion.whole)
      else { return nil }
      let percent = Int64(number / 10_000)
      return { Money.share($0, percent, of: Promotion.whole) ?? 0 }
    case .amount(let amount):
      guard amount.currency == context.currency else { return nil }
      return { min(amount.amount, $0) }
    }
  }

  private mutating func isFavourite(_ sku: String, _ promotion: Promotion) throws -> Bool {
    guard let count = promotion.favourites else { return true }
    guard let customer = context.customer else { return false }
    let bought = try bought ?? Self.ranked(context.purchases(customer, session))
    self.bought = bought
    return bought.prefix(count).contains(sku)
  }

  /// What was bought most comes first; of equal ones by the bytes of the sku.
  private static func ranked(_ purchases: [String: Quantity]) -> [String] {
    purchases.filter { $0.value > .zero }.sorted { one, other in
      one.value == other.value
        ? one.key.utf8.lexicographicallyPrecedes(other.key.utf8) : one.value > other.value
    }.map { $0.key }
  }
}

extension Promotion {
  /// The order in which promotions come.
  static func precedes(_ one: Promotion, _ other: Promotion) -> Bool {
    one.priority == other.priority
      ? one.name.utf8.lexicographicallyPrecedes(other.name.utf8) : one.priority < other.priority
  }
}
