import Base

/// Payment cards are nobody's identifiers, and their numbers are not kept (PCI DSS 3.3 lets the last four digits stand).
extension String {
  /// What may be seen of a card's number: its last four digits.
  private static let shown = 4

  /// The text with `*` for all but the last four of its digits, whatever number it is.
  var maskedNumber: String {
    var left = unicodeScalars.count { Self.isDigit($0) } - Self.shown
    return replacingDigits { _ in
      left -= 1
      return left >= 0
    }
  }

  /// The text with each payment card's number in it masked, also where blanks or dashes stand between its digits.
  var withoutPaymentCards: String {
    guard utf8.count >= PaymentCard.fewestDigits else { return self }
    var hidden: Set<Int> = []
    let scalars = Array(unicodeScalars)
    var start = 0
    while start < scalars.count {
      guard Self.isDigit(scalars[start]) else {
        start += 1
        continue
      }
      var (groups, end) = ([[start]], start + 1)
      while end < scalars.count {
        let isGap = scalars[end] == " " || scalars[end] == "-"
        if isGap, end + 1 < scalars.count, Self.isDigit(scalars[end + 1]) {
          groups.append([])
          end += 1
        }
        guard Self.isDigit(scalars[end]) else { break }
        groups[groups.count - 1].append(end)
        end += 1
      }
      hidden.formUnion(Self.placesOfCards(in: groups, of: scalars))
      start = end
    }
    if hidden.isEmpty { return self }
    return replacingDigits { hidden.contains($0) }
  }

  /// The places of all but the last digits of each card's number that some groups of digits side by side make.
  private static func placesOfCards(in groups: [[Int]], of scalars: [Unicode.Scalar]) -> [Int] {
    groups.indices.flatMap { first in
      var places: [Int] = []
      return groups[first...].prefix { _ in places.count <= PaymentCard.mostDigits }.flatMap { group -> [Int] in
        places += group
        let number = String(String.UnicodeScalarView(places.map { scalars[$0] }))
        return PaymentCard.isNumber(number) ? Array(places.dropLast(shown)) : []
      }
    }
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private func replacingDigits(_ isHidden: (Int) -> Bool) -> String {
    var text = String.UnicodeScalarView()
    for (index, scalar) in unicodeScalars.enumerated() {
      text.append(Self.isDigit(scalar) && isHidden(index) ? "*" : scalar)
    }
    return String(text)
  }
}
