import Base
import Customers
import SQL

/// `order:count` (orders of which something is, or will be, the customer's), `order:last` (when the newest was placed)
/// and `order:spent/EUR` (what was paid and not given back, in units of the currency).
struct OrderFacts: FactPublisher {
  let prefix = "order"

  func fact(
    _ name: String, ofCustomer leader: Origin.Number, now: Instant, in session: any Session
  ) throws -> Fact? {
    let origins = try OriginStore.origins(ofCustomer: leader, in: session).map { SQLValue.integer($0.number) }
    if name == "count" {
      let count = try origins.reduce(Int64(0)) { sum, origin in
        try sum + (session.first(of: OrderStatement.count, origin) { $0.integer(0) } ?? 0)
      }
      return .number(Int128(count) * Self.million)
    }
    if name == "last" {
      let times = try origins.compactMap { try session.first(of: OrderStatement.last, $0) { $0.integer(0) } }
      return times.max().map { .time(Instant(milliseconds: $0)) }
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "spent", let currency = Currency(String(parts[1])) else { return nil }
    var (sum, count) = (Int64(0), Int64(0))
    for origin in origins {
      try session.forEachRow(of: OrderStatement.spent, [origin, .text(currency.code)]) { row in
        (sum, count) = (sum + row.integer(0), count + row.integer(1))
        return false
      }
    }
    if count == 0 { return nil }
    return .number(Int128(sum) * Self.million / (0..<currency.decimals).reduce(Int128(1)) { scale, _ in scale * 10 })
  }

  /// Facts are counted in millionths.
  private static let million: Int128 = 1_000_000
}
