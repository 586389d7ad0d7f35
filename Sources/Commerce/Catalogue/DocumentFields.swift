import Base
import Customers

/// The members of a document, read one by one, with everything that is wrong with them.
struct DocumentFields {
  let root: JSON
  private(set) var faults: [Failure.Fault]
  private let noun: String

  /// - Parameters:
  ///   - noun: what the document is, for people: `a product`.
  ///   - known: the names of its members; another one is a fault.
  /// - Throws: `invalid` where it is no object.
  init(_ root: JSON, _ noun: String, known: Set<String>) throws {
    guard root.kind == .object else {
      throw Failure(.invalid, "\(noun) is an object", faults: [.init("", "is no object")])
    }
    self.root = root
    self.noun = noun
    faults = root.members.filter { !known.contains($0.key) }.map {
      Failure.Fault("/\(JSON.pointerToken($0.key))", "is unknown")
    }
  }

  /// The member of that name, unless it is missing or null.
  func given(_ name: String) -> JSON? { root.member(name).flatMap { $0.isNull ? nil : $0 } }

  mutating func check(_ isRight: Bool, _ pointer: String, _ reason: String) {
    if !isRight { faults.append(.init(pointer, reason)) }
  }

  /// A text of 1 to so many characters.
  mutating func text(_ name: String, upTo longest: Int, isNeeded: Bool = false) -> String? {
    guard let value = given(name) else {
      check(!isNeeded, "/\(name)", "is missing")
      return nil
    }
    let text = value.string
    check(
      text?.isPlainText(upTo: longest) == true, "/\(name)",
      "has not 1 to \(longest) characters, or control characters")
    return text
  }

  mutating func texts(_ name: String, most: Int, upTo longest: Int) -> [String] {
    guard let value = given(name) else { return [] }
    guard value.kind == .array, value.count <= most else {
      check(false, "/\(name)", "is no list of at most \(most)")
      return []
    }
    return value.elements.enumerated().compactMap { index, element in
      let text = element.string
      check(
        text?.isPlainText(upTo: longest) == true, "/\(name)/\(index)",
        "has not 1 to \(longest) characters, or control characters")
      return text
    }
  }

  mutating func flag(_ name: String, usually usual: Bool) -> Bool {
    guard let value = given(name) else { return usual }
    check(value.bool != nil, "/\(name)", "is neither true nor false")
    return value.bool ?? usual
  }

  mutating func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
    guard let value = given(name) else { return nil }
    let number = value.integer.flatMap { range.contains($0) ? $0 : nil }
    check(number != nil, "/\(name)", "is no whole number from \(range.lowerBound) to \(range.upperBound)")
    return number
  }

  mutating func time(_ name: String) -> Instant? {
    guard let value = given(name) else { return nil }
    let time = value.string.flatMap { Instant($0) }
    check(time != nil, "/\(name)", "is no time as in RFC 3339")
    return time
  }

  /// The time from which, and that up to which it holds.
  mutating func validity() -> (from: Instant?, to: Instant?) {
    let (from, to) = (time("from"), time("to"))
    if let from, let to { check(from < to, "/to", "is not after from") }
    return (from, to)
  }

  /// An amount of money that is not below `least` minor units.
  mutating func money(_ name: String, least: Int64, isNeeded: Bool = false) -> Money? {
    guard let value = given(name) else {
      check(!isNeeded, "/\(name)", "is missing")
      return nil
    }
    guard let money = Money(value) else {
      check(
        false, "/\(name)",
        "is no {amount, currency} of at most \(Money.most) minor units and three letters of ISO 4217")
      return nil
    }
    check(money.amount >= least, "/\(name)/amount", "is below \(least)")
    return money
  }

  /// Who a document is for.
  mutating func segment() -> FactCondition? {
    guard let text = text("segment", upTo: FactCondition.longest) else { return nil }
    let condition = FactCondition(text)
    check(condition != nil, "/segment", "is no fact such as segment:vip or trait:city=Kazan")
    return condition
  }

  /// - Throws: `invalid` with every field at fault, where there is one.
  func finish() throws {
    if !faults.isEmpty { throw Failure(.invalid, "\(noun) is wrong", faults: faults) }
  }
}

extension JSONWriter {
  mutating func field(_ name: String, orNull money: Money?) {
    key(name)
    if let money { money.write(to: &self) } else { null() }
  }
}
