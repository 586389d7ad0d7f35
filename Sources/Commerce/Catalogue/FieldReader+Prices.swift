import Base
import Customers

extension FieldReader {
  /// The time from which, and that up to which it holds.
  mutating func validity() -> (from: Instant?, to: Instant?) {
    let (from, to) = (time("from"), time("to"))
    if let from, let to { check(from < to, "/to", "is not after from") }
    return (from, to)
  }

  /// Who a document is for.
  mutating func segment() -> FactCondition? {
    guard let text = text("segment", upTo: FactCondition.longest) else { return nil }
    let condition = FactCondition(text)
    check(condition != nil, "/segment", "is no fact such as segment:vip or trait:city=Kazan")
    return condition
  }
}
