/// A currency by its code of ISO 4217, such as `EUR`.
package struct Currency: Hashable, Sendable {
  /// Three capital letters.
  package let code: String

  /// The currency of that code in any case, or nil where it is not three letters.
  package init?(_ code: String) {
    let code = code.uppercased()
    guard code.utf8.count == 3, code.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else { return nil }
    self.code = code
  }

  /// How many decimals its minor unit stands for (ISO 4217, list one); two where it says nothing else.
  package var decimals: Int {
    if Self.withoutMinorUnit.contains(code) { return 0 }
    if Self.ofThousandths.contains(code) { return 3 }
    return ["CLF", "UYW"].contains(code) ? 4 : 2
  }

  private static let withoutMinorUnit: Set = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
  ]
  private static let ofThousandths: Set = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]
}
