import Base
package import Customers

/// Whom a price or a promotion is for, by a fact: `segment:vip` where that is true, `trait:city=Kazan` where the fact
/// has that value.
package struct FactCondition: Hashable, Sendable {
  /// Two names and a value, in characters.
  package static let longest = 200

  package let text: String
  /// The fact's name.
  package let fact: String
  /// What it has to be; nil where it has to be true.
  private let value: String?

  package init?(_ text: String) {
    guard text.isPlainText(upTo: Self.longest), let colon = text.firstIndex(of: ":"), colon != text.startIndex
    else { return nil }
    let end = text[colon...].firstIndex(of: "=") ?? text.endIndex
    guard text.index(after: colon) < end else { return nil }
    self.text = text
    fact = String(text[..<end])
    value = end == text.endIndex ? nil : String(text[text.index(after: end)...])
  }

  /// Whether it holds of a customer who has that fact.
  package func holds(_ fact: Fact?) -> Bool {
    switch fact {
    case .flag(let flag): value.map { $0 == (flag ? "true" : "false") } ?? flag
    case .text(let text): value.map { $0.utf8.elementsEqual(text.utf8) } ?? false
    // A fact counts in millionths.
    case .number(let number):
      value.flatMap { DecimalLiteral.exact($0, decimals: 6, most: .max) }.map { Int128($0) == number } ?? false
    case .time, nil: false
    }
  }
}
