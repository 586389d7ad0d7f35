package import Base

/// What lines cost: prices, discounts and how they came about.
package struct Quote: Sendable, Equatable {
  /// What is wrong with a line.
  package enum Fault: String, Sendable, CaseIterable {
    /// The quantity is not above 0.
    case quantity
    /// The quantity is no multiple of the product's step.
    case step
    /// There is no such product.
    case unknown
    /// The product is not sold any more.
    case inactive
    /// It has no price here and now.
    case price
    /// It has prices in other currencies alone.
    case currency
    /// It comes to more than any receipt.
    case amount
  }

  package struct Issue: Sendable, Equatable {
    package let code: Fault
    /// In words for people.
    package let detail: String
  }

  package struct Discount: Sendable, Equatable {
    /// The promotion's name.
    package let rule: String
    package let title: String?
    /// What it takes off the line, in minor units.
    package let amount: Int64
  }

  package struct Line: Sendable, Equatable {
    package let sku: String
    package let quantity: Quantity
    /// For one unit, in minor units; nil where the line has no price.
    package internal(set) var unitPrice: Int64?
    /// The unit price times the quantity, rounded once.
    package internal(set) var goods: Int64 = 0
    package internal(set) var discounts: [Discount] = []
    package internal(set) var issues: [Issue] = []

    /// What it comes to after its discounts; nil where it has no price.
    package var total: Int64? { unitPrice == nil ? nil : left }
    /// What it comes to after its discounts.
    var left: Int64 { goods - discounts.reduce(0) { $0 + $1.amount } }
  }

  /// What became of a code.
  package struct Coupon: Sendable, Equatable {
    package enum State: String, Sendable {
      case applied
      /// It is named twice, and counts once.
      case twice
      /// There is no such code.
      case unknown
      /// Its time has not come, or is over.
      case ended
      /// As many orders have used it as may.
      case used
      /// The customer has used it as often as he may.
      case usedByCustomer = "used_by_customer"
      /// It is for customers who are known by somebody's name, browser or card, and the quote is for nobody.
      case needsCustomer = "needs_customer"
      /// Nothing in the cart is what it is for.
      case nothing
    }

    package let code: String
    package internal(set) var state: State
  }

  /// One step on the way to the total.
  package struct Step: Sendable, Equatable {
    /// `price:` and the list, or `promotion:` and its name.
    package let rule: String
    /// The line's place from 0.
    package let line: Int
    /// What it adds, in minor units; a discount is negative.
    package let amount: Int64
  }

  /// More lines than any cart has: about 300 µs of work each hundred.
  package static let mostLines = 1000
  /// Codes that count in a cart.
  package static let mostCoupons = 20

  package let currency: Currency
  package internal(set) var region: String?
  package internal(set) var store: String?
  package let at: Instant
  package internal(set) var lines: [Line]
  package internal(set) var coupons: [Coupon] = []
  package internal(set) var trace: [Step] = []

  /// What the lines come to before discounts.
  package var goods: Int64 { lines.reduce(0) { $0 + $1.goods } }
  package var discount: Int64 { lines.reduce(0) { $0 + $1.goods - $1.left } }
  /// What is to be paid before points.
  package var total: Int64 { goods - discount }
  /// Whether any line cannot be sold as it stands.
  package var hasIssues: Bool { lines.contains { !$0.issues.isEmpty } }

  init(_ lines: [Line], _ context: PricingContext) {
    (currency, region, store, at) = (context.currency, context.region, context.store, context.now)
    self.lines = lines
  }

  /// The quote that `write` wrote.
  package init?(json: JSON) {
    guard let currency = json["currency"]?.string.flatMap({ Currency($0) }),
      let at = json["at"]?.string.flatMap({ Instant($0) })
    else { return nil }
    (self.currency, self.at) = (currency, at)
    (region, store) = (json["region"]?.string, json["store"]?.string)
    lines =
      json["lines"]?.elements.compactMap { line -> Line? in
        guard let sku = line["sku"]?.string, let quantity = line["quantity"].flatMap({ Quantity($0) }) else {
          return nil
        }
        var read = Line(sku: sku, quantity: quantity)
        read.unitPrice = line["unitPrice"]?["amount"]?.integer
        read.discounts =
          line["discounts"]?.elements.compactMap { discount in
            guard let rule = discount["rule"]?.string, let amount = discount["amount"]?["amount"]?.integer else {
              return nil
            }
            return Discount(rule: rule, title: discount["title"]?.string, amount: amount)
          } ?? []
        read.goods = (line["total"]?["amount"]?.integer ?? 0) + read.discounts.reduce(0) { $0 + $1.amount }
        read.issues =
          line["issues"]?.elements.compactMap { issue in
            guard let code = issue["code"]?.string.flatMap(Fault.init(rawValue:)), let detail = issue["detail"]?.string
            else { return nil }
            return Issue(code: code, detail: detail)
          } ?? []
        return read
      } ?? []
    coupons =
      json["coupons"]?.elements.compactMap { coupon in
        guard let code = coupon["code"]?.string,
          let state = coupon["state"]?.string.flatMap(Coupon.State.init(rawValue:))
        else { return nil }
        return Coupon(code: code, state: state)
      } ?? []
    trace =
      json["trace"]?.elements.compactMap { step in
        guard let rule = step["rule"]?.string, let line = step["line"]?.integer, let amount = step["amount"]?.integer
        else { return nil }
        return Step(rule: rule, line: Int(line), amount: amount)
      } ?? []
  }

  /// The quote without what somebody typed that the shop may have no name for: he may have typed his own.
  var redacted: Quote {
    var quote = self
    (quote.region, quote.store) = (nil, nil)
    quote.lines = lines.map { line in
      guard line.issues.contains(where: { $0.code == .unknown }) else { return line }
      var nameless = Line(sku: Self.redactedName, quantity: line.quantity)
      nameless.issues = line.issues
      return nameless
    }
    let unknown = Set(coupons.filter { $0.state == .unknown }.map { $0.code })
    quote.coupons = coupons.map { coupon in
      unknown.contains(coupon.code) ? Coupon(code: Self.redactedName, state: coupon.state) : coupon
    }
    return quote
  }

  /// What stands for what an erased person typed.
  private static let redactedName = "erased"

  /// Writes it into an open object: currency, lines, coupons, totals and trace, as a cart shows them.
  ///
  /// - Parameter points: what is paid with points, in minor units.
  package func write(to writer: inout JSONWriter, points: Int64 = 0) {
    writer.field("currency", currency.code)
    writer.field("region", orNull: region)
    writer.field("store", orNull: store)
    writer.field("at", at.text)
    writer.key("lines")
    writer.array { writer in for line in lines { write(line, to: &writer) } }
    writer.key("coupons")
    writer.array { writer in
      for coupon in coupons {
        writer.object { writer in
          writer.field("code", coupon.code)
          writer.field("state", coupon.state.rawValue)
        }
      }
    }
    writer.key("totals")
    writer.object { writer in
      for (name, amount) in [("goods", goods), ("discount", discount), ("points", points), ("due", total - points)] {
        writer.field(name, orNull: Money(amount, currency))
      }
    }
    writer.key("trace")
    writeTrace(to: &writer)
  }

  /// Writes its steps as a list.
  func writeTrace(to writer: inout JSONWriter) {
    writer.array { writer in
      for step in trace {
        writer.object { writer in
          writer.field("rule", step.rule)
          writer.field("line", step.line)
          writer.field("amount", step.amount)
        }
      }
    }
  }

  private func write(_ line: Line, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("sku", line.sku)
      writer.field("quantity", line.quantity)
      writer.field("unitPrice", orNull: line.unitPrice.map { Money($0, currency) })
      writer.field("total", orNull: line.total.map { Money($0, currency) })
      writer.key("discounts")
      line.writeDiscounts(currency, to: &writer)
      writer.key("issues")
      writer.array { writer in
        for issue in line.issues {
          writer.object { writer in
            writer.field("code", issue.code.rawValue)
            writer.field("detail", issue.detail)
          }
        }
      }
    }
  }
}

extension Quote.Line {
  /// Writes what is taken off it as a list.
  func writeDiscounts(_ currency: Currency, to writer: inout JSONWriter) {
    writer.array { writer in
      for discount in discounts {
        writer.object { writer in
          writer.field("rule", discount.rule)
          writer.field("title", orNull: discount.title)
          writer.field("amount", orNull: Money(discount.amount, currency))
        }
      }
    }
  }
}
