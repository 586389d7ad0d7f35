/// Reads the fields of an object that came from outside, and gathers everything that is wrong with it.
package struct FieldReader {
  package let root: JSON
  package var faults: [Failure.Fault] = []
  private let noun: String

  /// - Parameters:
  ///   - root: what came.
  ///   - noun: what it should be, for people: `a product`.
  ///   - known: the names of its members; another one is a fault.
  /// - Throws: `invalid` where it is no object.
  package init(_ root: JSON, _ noun: String, known: Set<String>) throws {
    guard root.kind == .object else {
      throw Failure(.invalid, "\(noun) is an object", faults: [.init("", "is no object")])
    }
    self.root = root
    self.noun = noun
    knows(known, in: root, at: "")
  }

  /// Every other member of an object is a fault.
  ///
  /// - Parameter place: where the object is, as a JSON pointer.
  package mutating func knows(_ names: Set<String>, in object: JSON, at place: String) {
    for (name, _) in object.members where !names.contains(name) {
      fault("\(place)/\(JSON.pointerToken(name))", "is unknown")
    }
  }

  /// The member of that name, unless it is missing or null.
  package func given(_ name: String) -> JSON? { root.member(name).flatMap { $0.isNull ? nil : $0 } }

  /// Something is wrong with a field.
  package mutating func fault(_ pointer: String, _ reason: String) { faults.append(.init(pointer, reason)) }

  /// Something is wrong with a field unless `isRight`.
  package mutating func check(_ isRight: Bool, _ pointer: String, _ reason: String) {
    if !isRight { fault(pointer, reason) }
  }

  /// A text of 1 to so many characters.
  package mutating func text(_ name: String, upTo longest: Int, isNeeded: Bool = false) -> String? {
    guard let value = given(name) else {
      check(!isNeeded, "/\(name)", "is missing")
      return nil
    }
    guard let text = value.string, text.isPlainText(upTo: longest) else {
      fault("/\(name)", "has not 1 to \(longest) characters, or control characters")
      return nil
    }
    return text
  }

  /// A list of at most so many texts of 1 to so many characters; none where it is not there.
  package mutating func texts(_ name: String, most: Int, upTo longest: Int) -> [String] {
    guard let value = given(name) else { return [] }
    guard value.kind == .array, value.count <= most else {
      fault("/\(name)", "is no list of at most \(most)")
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

  /// A field that is true or false, or `usual` where it is not there.
  package mutating func flag(_ name: String, usual: Bool) -> Bool {
    guard let value = given(name) else { return usual }
    check(value.bool != nil, "/\(name)", "is neither true nor false")
    return value.bool ?? usual
  }

  /// A whole number of a range.
  package mutating func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
    guard let value = given(name) else { return nil }
    let number = value.integer.flatMap { range.contains($0) ? $0 : nil }
    check(number != nil, "/\(name)", "is no whole number from \(range.lowerBound) to \(range.upperBound)")
    return number
  }

  /// A time as in RFC 3339.
  package mutating func time(_ name: String) -> Instant? {
    guard let value = given(name) else { return nil }
    let time = value.string.flatMap { Instant($0) }
    check(time != nil, "/\(name)", "is no time as in RFC 3339")
    return time
  }

  /// An amount of money that is not below `least` minor units.
  package mutating func money(_ name: String, least: Int64, isNeeded: Bool = false) -> Money? {
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

  /// - Throws: `invalid` with every field at fault, where there is one.
  package func finish() throws {
    if !faults.isEmpty { throw Failure(.invalid, "\(noun) is wrong", faults: faults) }
  }
}
