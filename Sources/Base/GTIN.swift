/// The number of an article by GS1's General Specifications: 8, 12, 13 or 14 digits, the last of which checks the others.
package enum GTIN {
  /// What is wrong with a number; nil where it is a good one.
  package static func fault(_ text: String) -> String? {
    let digits = text.utf8.map { Int($0) - 0x30 }
    guard [8, 12, 13, 14].contains(digits.count), digits.allSatisfy({ (0...9).contains($0) }) else {
      return "has not 8, 12, 13 or 14 digits"
    }
    // From the right, the last one left out: weights 3, 1, 3, 1 …
    let sum = digits.dropLast().reversed().enumerated().reduce(0) { $0 + $1.element * ($1.offset % 2 == 0 ? 3 : 1) }
    return (10 - sum % 10) % 10 == digits.last ? nil : "has a wrong check digit"
  }
}
