import Base
import Customers
import SQL

/// Products, prices and promotions are those of the newest documents in the log, and products are found by their words.
struct CatalogueCheck: Check {
  let name = "catalogue"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    try compare("product", "product", "sku", session, report)
    try compare("price", "price", "id", session, report)
    try compare("promotion", "promotion", "name", session, report)
    try words(session, report)
  }

  /// The newest entry of each id, as the engine puts them together, beside the row of the table.
  private func compare(
    _ kind: String, _ table: String, _ key: String, _ session: any Session, _ report: (String) -> Void
  ) throws {
    var newest: [[UInt8]: (sequence: Int64, document: JSON)] = [:]
    try session.forEachRow(
      ofText: "SELECT sequence, body FROM event WHERE kind = 'document' AND name = ?1 ORDER BY sequence", [.text(kind)]
    ) { row in
      guard let root = try? JSONDocument(row.bytes(1)).root, let id = root["id"]?.string,
        let document = root["document"]
      else { return true }
      newest[Array(id.utf8)] = (row.integer(0), document)
      return true
    }
    let columns = [
      "product": "name, gtin, category, brand, unit", "price": "sku, list, currency, region, segment",
      "promotion": "name, code",
    ]
    let fields = [
      "product": ["name", "gtin", "category", "brand", "unit"],
      "price": ["sku", "list", "currency", "region", "segment"], "promotion": ["name", "code"],
    ]
    let numbers = ["product": "step", "price": "amount", "promotion": "is_active"]
    var rows = 0
    try session.forEachRow(
      ofText: "SELECT \(key), sequence, \(numbers[table] ?? ""), \(columns[table] ?? "") FROM \(table) ORDER BY \(key)",
      []
    ) { row in
      rows += 1
      guard let (sequence, document) = newest[row.bytes(0)], sequence == row.integer(1) else {
        report("the \(kind) \(row.text(0)) is not the newest document's")
        return true
      }
      let texts = (fields[table] ?? []).enumerated().allSatisfy { index, field in
        document.member(field)?.string == row.optionalText(index + 3)
      }
      if !texts || number(of: document, kind) != row.integer(2) {
        report("the \(kind) \(row.text(0)) is not what \(sequence) made it")
      }
      return true
    }
    if rows != newest.count { report("\(rows) rows of the kind \(kind), \(newest.count) in the log") }
  }

  private func number(of document: JSON, _ kind: String) -> Int64? {
    switch kind {
    case "product": document["step"]?.number.flatMap { DecimalLiteral.exact($0, decimals: 3, most: .max) }
    case "price": document["price"]?["amount"]?.integer
    default: document["active"]?.bool == true ? 1 : 0
    }
  }

  private func words(_ session: any Session, _ report: (String) -> Void) throws {
    var found: [String: Set<String>] = [:]
    try session.forEachRow(ofText: "SELECT sku, word FROM product_word", []) { row in
      found[row.text(0), default: []].insert(row.text(1))
      return true
    }
    try session.forEachRow(ofText: "SELECT sku, name, gtin, brand, category FROM product ORDER BY sku", []) { row in
      var words: Set<String> = []
      for column in 0..<5 {
        // As many words of each text as the fold takes.
        for word in FoldedText.words(of: row.text(column), limit: 24) { words.formUnion(SearchWord(word).keys) }
      }
      if words != found.removeValue(forKey: row.text(0)) ?? [] {
        report("the product \(row.text(0)) is not found by its words")
      }
      return true
    }
    for sku in found.keys.sorted() { report("words of the product \(sku), which is not there") }
  }
}
