package import Base
package import Customers
package import SQL

/// By which rules points are earned, kept and spent: the one document of the kind `programme`.
///
/// Without it nothing is earned; what was earned before stays and is spent as before.
package struct LoyaltyProgramme: Sendable {
  package static let documentKind = "programme"
  package static let kind = DocumentKind(
    name: documentKind, readers: DocumentKind.staff.union([.store, .storefront]),
    writers: DocumentKind.administrators.union([.marketer]), defaults: nil, identity: .only
  ) { try LoyaltyProgramme(document: $0).document }

  /// A shop has some tens of categories that earn otherwise.
  package static let mostCategories = 200
  /// Nobody knows which of more tiers he is in.
  package static let mostTiers = 20
  /// A category's or tier's name, in characters.
  package static let longestName = 100
  /// Ten years.
  package static let longestDays: Int64 = 3650
  /// A hundredfold.
  package static let mostPercent: Int64 = 10_000
  /// A point is worth at most, an allowance holds at most, and an earning rate names at most so much.
  package static let mostAmount: Int64 = 1_000_000_000

  /// What becomes of a part of a point.
  package enum Rounding: String, Sendable { case down, half }

  /// How far a customer has come.
  package struct Tier: Sendable, Equatable {
    package var name: String
    /// What he has paid over the period, in minor units.
    package var threshold: Int64
    /// What he earns, in percent of the usual.
    package var percent: Int64
  }

  package private(set) var currency: Currency
  /// So many points are earned by an amount of `per` minor units.
  package private(set) var earnPoints: Int64
  package private(set) var earnPer: Int64
  /// What a point is worth when it is spent, in minor units.
  package private(set) var pointValue: Int64
  /// How much of a receipt may be paid with points, in percent.
  package private(set) var maxShare: Int64
  /// How long a purchase can be returned: so long what it earned pends.
  package private(set) var pendingDays: Int64
  /// After how many days points expire; nil for never.
  package private(set) var expiryDays: Int64?
  /// How many days before that the customer is told; 0 for never.
  package private(set) var noticeDays: Int64
  package private(set) var rounding: Rounding
  /// What a category earns, in percent of the usual.
  package private(set) var categories: [(name: String, percent: Int64)]
  /// The period over which tiers are counted.
  package private(set) var tierDays: Int64
  /// By threshold, the lowest first.
  package private(set) var tiers: [Tier]
  /// How many points the tills of one store may take from a customer on one day while they have no connection.
  package private(set) var offlineAllowance: Int64
  /// The document's version; 0 for one that is not stored.
  package private(set) var version: Int64 = 0

  private static let fields: Set = [
    "currency", "earn", "pointValue", "maxShare", "pendingDays", "expiryDays", "noticeDays", "rounding", "categories",
    "tierDays", "tiers", "offlineAllowance",
  ]

  /// The programme that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(document: JSON) throws {
    var fields = try FieldReader(document, "a programme", known: Self.fields)
    func number(_ json: JSON?, _ pointer: String, _ range: ClosedRange<Int64>, usual: Int64?) -> Int64 {
      if json == nil || json?.isNull == true, let usual { return usual }
      if let number = json?.integer, range.contains(number) { return number }
      fields.fault(pointer, "is no whole number from \(range.lowerBound) to \(range.upperBound)")
      return range.lowerBound
    }
    func name(_ json: JSON?, _ pointer: String) -> String {
      if let name = json?.string, name.isPlainText(upTo: Self.longestName) { return name }
      fields.fault(pointer, "has not 1 to \(Self.longestName) characters, or control characters")
      return ""
    }
    func list(_ json: JSON?, _ pointer: String, most: Int) -> [JSON] {
      guard let json, !json.isNull else { return [] }
      guard json.kind == .array, json.count <= most else {
        fields.fault(pointer, "is no list of at most \(most)")
        return []
      }
      return Array(json.elements)
    }
    let currency = document["currency"]?.string.flatMap { Currency($0) }
    if currency == nil { fields.fault("/currency", "is no currency of ISO 4217") }
    earnPoints = number(document["earn"]?["points"], "/earn/points", 0...Self.mostAmount, usual: nil)
    earnPer = number(document["earn"]?["per"], "/earn/per", 1...Self.mostAmount, usual: nil)
    pointValue = number(document["pointValue"], "/pointValue", 1...Self.mostAmount, usual: nil)
    maxShare = number(document["maxShare"], "/maxShare", 0...100, usual: 100)
    pendingDays = number(document["pendingDays"], "/pendingDays", 0...Self.longestDays, usual: 0)
    let expiry = number(document["expiryDays"], "/expiryDays", 1...Self.longestDays, usual: 0)
    noticeDays = number(document["noticeDays"], "/noticeDays", 0...Self.longestDays, usual: 0)
    tierDays = number(document["tierDays"], "/tierDays", 1...Self.longestDays, usual: 365)
    offlineAllowance = number(document["offlineAllowance"], "/offlineAllowance", 0...Self.mostAmount, usual: 0)
    expiryDays = expiry == 0 ? nil : expiry
    if expiry > 0, expiry <= pendingDays { fields.fault("/expiryDays", "is not above pendingDays") }
    if expiry > 0, noticeDays >= expiry { fields.fault("/noticeDays", "is not below expiryDays") }
    let rounding = document["rounding"].flatMap { $0.isNull ? nil : $0 }
    self.rounding = rounding?.string.flatMap { Rounding(rawValue: $0) } ?? .down
    if let rounding, rounding.string.flatMap({ Rounding(rawValue: $0) }) == nil {
      fields.fault("/rounding", "is neither down nor half")
    }
    categories = []
    for (index, row) in list(document["categories"], "/categories", most: Self.mostCategories).enumerated() {
      let place = "/categories/\(index)"
      let named = name(row["category"], "\(place)/category")
      if categories.contains(where: { $0.name == named }) { fields.fault("\(place)/category", "comes twice") }
      categories.append((named, number(row["percent"], "\(place)/percent", 0...Self.mostPercent, usual: nil)))
    }
    tiers = []
    for (index, row) in list(document["tiers"], "/tiers", most: Self.mostTiers).enumerated() {
      let place = "/tiers/\(index)"
      let tier = Tier(
        name: name(row["name"], "\(place)/name"),
        threshold: number(row["threshold"], "\(place)/threshold", 1...Money.most, usual: nil),
        percent: number(row["percent"], "\(place)/percent", 0...Self.mostPercent, usual: 100))
      if let last = tiers.last, last.threshold >= tier.threshold {
        fields.fault("\(place)/threshold", "is not above the one before it")
      }
      if tiers.contains(where: { $0.name == tier.name }) { fields.fault("\(place)/name", "comes twice") }
      tiers.append(tier)
    }
    try fields.finish()
    guard let currency else { preconditionFailure("a programme without a currency has a fault") }
    self.currency = currency
  }

  /// The document that holds it.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("currency", currency.code)
      writer.key("earn")
      writer.object { writer in
        writer.field("points", earnPoints)
        writer.field("per", earnPer)
      }
      writer.field("pointValue", pointValue)
      writer.field("maxShare", maxShare)
      writer.field("pendingDays", pendingDays)
      writer.field("expiryDays", orNull: expiryDays)
      writer.field("noticeDays", noticeDays)
      writer.field("rounding", rounding.rawValue)
      writer.key("categories")
      writer.array { writer in
        for category in categories {
          writer.object { writer in
            writer.field("category", category.name)
            writer.field("percent", category.percent)
          }
        }
      }
      writer.field("tierDays", tierDays)
      writer.key("tiers")
      writer.array { writer in
        for tier in tiers {
          writer.object { writer in
            writer.field("name", tier.name)
            writer.field("threshold", tier.threshold)
            writer.field("percent", tier.percent)
          }
        }
      }
      writer.field("offlineAllowance", offlineAllowance)
    }
    return writer.bytes
  }

  /// The programme as its newest document has it, or nil.
  package static func current(in session: any Session) throws -> LoyaltyProgramme? {
    guard let stored = try DocumentStore.find(documentKind, DocumentKind.onlyID, in: session) else { return nil }
    var programme = try LoyaltyProgramme(document: JSONDocument(stored.body).root)
    programme.version = stored.version
    return programme
  }

  // MARK: Rules

  /// How many points a purchase earns, rounded once.
  ///
  /// - Parameters:
  ///   - amount: what was paid for all of it; it is spread over the lines by their totals.
  ///   - percent: what the customer's tier earns.
  package func points(
    for amount: Int64, lines: [(sku: String, category: String?, total: Int64)], percent: Int64
  ) -> Int64 {
    guard amount > 0 else { return 0 }
    let weights = lines.map { max($0.total, 0) }
    var weighed = Int128(amount) * 100
    if weights.contains(where: { $0 > 0 }) {
      weighed = zip(lines, Money.split(amount, by: weights)).reduce(0) { sum, part in
        let (line, share) = part
        let rate = categories.first { $0.name == line.category }?.percent ?? 100
        return sum + Int128(share) * Int128(rate)
      }
    }
    let (numerator, denominator) = (weighed * Int128(percent) * Int128(earnPoints), Int128(earnPer) * 10_000)
    let points = (rounding == .half ? numerator + denominator / 2 : numerator) / denominator
    return Int64(min(points, Int128(Money.most)))
  }

  /// How many points may pay for a receipt, whoever has them; 0 in a foreign currency.
  package func cap(of receipt: Money) -> Int64 {
    guard receipt.currency == currency, receipt.amount > 0 else { return 0 }
    return Int64(Int128(receipt.amount) * Int128(maxShare) / 100 / Int128(pointValue))
  }

  /// The tier of whoever has paid that much over the period.
  package func tier(of spent: Int64) -> Tier? { tiers.last { $0.threshold <= spent } }

  /// The tier that comes next.
  package func next(after spent: Int64) -> Tier? { tiers.first { $0.threshold > spent } }

  /// When what is earned at a time can be spent, and when it expires.
  package func life(from time: Instant) -> (availableFrom: Instant, expiresAt: Instant?) {
    (time + .days(pendingDays), expiryDays.map { time + .days($0) })
  }
}

extension Duration {
  /// So many times 24 hours.
  static func days(_ days: Int64) -> Duration { .seconds(days * 86_400) }
}
