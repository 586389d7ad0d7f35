package import Base
import Customers

/// A rule that takes something off prices: a document of the kind `promotion`.
///
/// ```json
/// {"name": "spring", "title": "Spring in the kitchen", "priority": 10, "scope": "line", "percent": 15,
///  "categories": ["kitchen"], "minimum": {"amount": 500000, "currency": "RUB"}, "segment": "segment:vip",
///  "code": "SPRING", "limit": 100, "limitPerCustomer": 1, "stacks": false}
/// ```
package struct Promotion: Sendable, Equatable {
  /// What is taken off.
  package enum Discount: Sendable, Equatable {
    /// A share, in hundredths of a percent.
    case percent(Int64)
    /// So much.
    case amount(Money)
    /// A share, as many percent as the customer has by a fact of that name.
    case percentOf(fact: String)
  }

  /// What it is taken off.
  package enum Scope: String, Sendable, CaseIterable {
    /// Each line that it is about.
    case line
    /// All of these lines together, split among them by what each still comes to.
    case cart
  }

  package static let documentKind = "promotion"
  /// Those without a code are read for every price that is worked out.
  package static let most = 1000
  package static let longestTitle = 200
  /// Skus, categories or brands in a list.
  package static let mostConditions = 1000
  /// A code is typed by people.
  package static let longestCode = 64
  package static let longestFact = 100
  /// The whole, in hundredths of a percent.
  package static let whole: Int64 = 10_000
  package static let priorities: ClosedRange<Int64> = 0...1_000_000
  /// Where it is not told.
  package static let usualPriority: Int64 = 100
  package static let favouriteRange: ClosedRange<Int64> = 1...100
  package static let limits: ClosedRange<Int64> = 1...1_000_000_000

  package let name: String
  /// What customers are told.
  package let title: String?
  /// Lower ones go first; of equal ones by name.
  package let priority: Int64
  package let scope: Scope
  package let discount: Discount
  package let skus: Set<String>
  /// Each with all that are below it: `kitchen` with `kitchen/kettles`.
  package let categories: [String]
  package let brands: Set<String>
  /// Only what the customer has bought most: so many skus.
  package let favourites: Int?
  /// What the lines that it is about have to come to, before any discount.
  package let minimum: Money?
  package let region: String?
  package let segment: FactCondition?
  package let from: Instant?
  package let to: Instant?
  /// Who names it gets it; in capital letters.
  package let code: String?
  /// How many orders may use the code.
  package let limit: Int64?
  package let limitPerCustomer: Int64?
  /// Whether it may come to a line beside others; one that does not is taken off lines without a discount alone, and
  /// closes them.
  package let stacks: Bool
  package let isActive: Bool

  private static let fields: Set = [
    "name", "title", "priority", "scope", "percent", "amount", "percentOf", "skus", "categories", "brands",
    "favourites", "minimum", "region", "segment", "from", "to", "code", "limit", "limitPerCustomer", "stacks", "active",
  ]

  /// The promotion that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(document: JSON) throws {
    var fields = try FieldReader(document, "a promotion", known: Self.fields)
    name = document["name"]?.string ?? ""
    fields.check(Source.isName(name), "/name", "has not 1 to \(Source.longestName) of a-z, 0-9, '-', '_', '.'")
    title = fields.text("title", upTo: Self.longestTitle)
    priority = fields.integer("priority", in: Self.priorities) ?? Self.usualPriority
    let scope = fields.given("scope").map { $0.string.flatMap(Scope.init(rawValue:)) } ?? .line
    fields.check(scope != nil, "/scope", "is neither line nor cart")
    self.scope = scope ?? .line
    discount = Self.discount(&fields)
    skus = Set(fields.texts("skus", most: Self.mostConditions, upTo: Product.longestSKU))
    categories = fields.texts("categories", most: Self.mostConditions, upTo: Product.longestCategory)
    brands = Set(fields.texts("brands", most: Self.mostConditions, upTo: Product.longestBrand))
    favourites = fields.integer("favourites", in: Self.favouriteRange).map { Int($0) }
    minimum = fields.money("minimum", least: 1)
    region = fields.text("region", upTo: Price.longestRegion)
    segment = fields.segment()
    (from, to) = fields.validity()
    code = fields.text("code", upTo: Self.longestCode).map(Self.code)
    limit = fields.integer("limit", in: Self.limits)
    limitPerCustomer = fields.integer("limitPerCustomer", in: Self.limits)
    fields.check(code != nil || limit == nil, "/limit", "is for promotions with a code")
    fields.check(code != nil || limitPerCustomer == nil, "/limitPerCustomer", "is for promotions with a code")
    stacks = fields.flag("stacks", usual: true)
    isActive = fields.flag("active", usual: true)
    try fields.finish()
  }

  private static func discount(_ fields: inout FieldReader) -> Discount {
    let given = ["percent", "amount", "percentOf"].filter { fields.given($0) != nil }
    fields.check(given.count == 1, "", "has not one of percent, amount and percentOf")
    let percent = fields.given("percent").flatMap { $0.number ?? $0.string }.flatMap {
      DecimalLiteral.exact($0, decimals: 2, most: whole)
    }
    if fields.given("percent") != nil {
      fields.check(
        percent.map { $0 > 0 } ?? false, "/percent", "is no number above 0, up to 100 and with at most two decimals")
    }
    let amount = fields.money("amount", least: 1)
    let fact = fields.text("percentOf", upTo: longestFact)
    if let fact {
      fields.check(FactCondition(fact)?.fact == fact, "/percentOf", "is no fact such as trait:discount")
      return .percentOf(fact: fact)
    }
    return amount.map { .amount($0) } ?? .percent(percent ?? 0)
  }

  /// The one spelling of a code: people type it in any case.
  package static func code(_ text: String) -> String { text.trimmed.uppercased() }

  /// The document that holds it.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("name", name)
      writer.field("title", orNull: title)
      writer.field("priority", priority)
      writer.field("scope", scope.rawValue)
      switch discount {
      case .percent(let percent):
        writer.key("percent")
        writer.raw(Array(DecimalLiteral.text(percent, decimals: 2).utf8))
      case .amount(let amount): writer.field("amount", orNull: amount)
      case .percentOf(let fact): writer.field("percentOf", fact)
      }
      for (name, texts) in [("skus", skus.sorted()), ("categories", categories), ("brands", brands.sorted())] {
        writer.key(name)
        writer.array { writer in for text in texts { writer.value(text) } }
      }
      writer.field("favourites", orNull: favourites)
      writer.field("minimum", orNull: minimum)
      writer.field("region", orNull: region)
      writer.field("segment", orNull: segment?.text)
      writer.field("from", orNull: from?.text)
      writer.field("to", orNull: to?.text)
      writer.field("code", orNull: code)
      writer.field("limit", orNull: limit)
      writer.field("limitPerCustomer", orNull: limitPerCustomer)
      writer.field("stacks", stacks)
      writer.field("active", isActive)
    }
    return writer.bytes
  }

  /// Whether it holds at a moment.
  package func isValid(at now: Instant) -> Bool {
    isActive && from.map { $0 <= now } ?? true && to.map { now < $0 } ?? true
  }

  /// Whether it is about a product: every condition that it has must hold.
  func covers(_ product: Product) -> Bool {
    if !skus.isEmpty, !skus.contains(product.sku) { return false }
    if !brands.isEmpty, !(product.brand.map { brands.contains($0) } ?? false) { return false }
    if categories.isEmpty { return true }
    guard let category = product.category else { return false }
    return categories.contains { category == $0 || category.hasPrefix("\($0)/") }
  }
}
