import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

private func faults(_ kind: String, _ json: String) throws -> Set<String> {
  let kind = try #require(Commerce.documentKinds.first { $0.name == kind })
  do {
    _ = try kind.draft(JSONDocument(Array(json.utf8)).root)
    return []
  } catch let failure as Failure {
    return Set(failure.faults.map { $0.pointer })
  }
}

private let long = String(repeating: "x", count: 65)

/// Kinds, documents and the fields at fault.
private let faulty: [(String, String, [String])] = [
  ("product", #"{"sku": "A", "name": "N"}"#, []), ("product", "[]", [""]), ("product", "{}", ["/sku", "/name"]),
  ("product", #"{"sku": "\#(String(long.dropLast()))", "name": "N"}"#, []),
  ("product", #"{"sku": "\#(long)", "name": "N", "colour": 1}"#, ["/sku", "/colour"]),
  ("product", #"{"sku": "A", "name": "N", "gtin": "4006381333931"}"#, []),
  ("product", #"{"sku": "A", "name": "N", "gtin": "4006381333932"}"#, ["/gtin"]),
  ("product", #"{"sku": "A", "name": "N", "gtin": "96385074"}"#, []),
  ("product", #"{"sku": "A", "name": "N", "step": 0}"#, ["/step"]),
  ("product", #"{"sku": "A", "name": "N", "step": 0.0005}"#, ["/step"]),
  ("product", #"{"sku": "A", "name": "N", "step": 0.05, "unit": "kg"}"#, []),
  (
    "product", #"{"sku": "A", "name": "N", "imageUrl": "javascript:alert(1)", "attributes": []}"#,
    ["/imageUrl", "/attributes"]
  ),
  ("price", #"{"sku": "A", "price": {"amount": 0, "currency": "RUB"}}"#, []),
  ("price", #"{"sku": "A", "price": {"amount": -1, "currency": "RUB"}}"#, ["/price/amount"]),
  ("price", #"{"sku": "A", "price": {"amount": 1.5, "currency": "RUB"}}"#, ["/price"]),
  ("price", #"{"sku": "A", "price": {"amount": 1000000000000000, "currency": "RUB"}}"#, []),
  ("price", #"{"sku": "A", "price": {"amount": 1000000000000001, "currency": "RUB"}}"#, ["/price"]),
  ("price", #"{"price": {"amount": 1, "currency": "RUB"}, "currency": "EUR"}"#, ["/sku", "/currency"]),
  (
    "price", #"{"sku": "A", "price": {"amount": 1, "currency": "RUB"}, "from": "2026-01-02", "to": "2026-01-02"}"#,
    ["/to"]
  ),
  (
    "price", #"{"sku": "A", "price": {"amount": 1, "currency": "RUB"}, "from": "soon", "segment": "vip"}"#,
    ["/from", "/segment"]
  ),
  ("promotion", #"{"name": "a", "percent": 100}"#, []),
  ("promotion", #"{"name": "a", "percent": 100.01}"#, ["/percent"]),
  ("promotion", #"{"name": "a", "percent": 0}"#, ["/percent"]), ("promotion", #"{"name": "a"}"#, [""]),
  ("promotion", #"{"name": "A", "percent": 1, "amount": {"amount": 1, "currency": "EUR"}}"#, ["/name", ""]),
  ("promotion", #"{"name": "a", "percent": 1.255}"#, ["/percent"]),
  ("promotion", #"{"name": "a", "amount": {"amount": 0, "currency": "EUR"}}"#, ["/amount/amount"]),
  ("promotion", #"{"name": "a", "percent": 1, "limit": 1, "limitPerCustomer": 1}"#, ["/limit", "/limitPerCustomer"]),
  ("promotion", #"{"name": "a", "percent": 1, "limit": 0, "code": "A"}"#, ["/limit"]),
  ("promotion", #"{"name": "a", "percentOf": "trait:d=1"}"#, ["/percentOf"]),
  (
    "promotion", #"{"name": "a", "percent": 1, "scope": "shop", "favourites": 101, "skus": "A"}"#,
    ["/scope", "/favourites", "/skus"]
  ),
  ("pricing", #"{"quoteMinutes": 1440, "currency": "EUR"}"#, []), ("pricing", #"{"currency": "euro"}"#, ["/currency"]),
  ("pricing", #"{"quoteMinutes": 1441}"#, ["/quoteMinutes"]),
]

@Test(arguments: faulty)
func `a document names every field at fault`(kind: String, json: String, pointers: [String]) throws {
  #expect(try faults(kind, json) == Set(pointers))
}

@Test(arguments: [
  ("product", #"{"sku": "A", "name": "N", "step": "0.050", "unit": "kg", "attributes": {"b": 1, "a": [2]}}"#),
  (
    "price",
    #"{"sku": "A/B", "price": {"amount": 1, "currency": "rub"}, "segment": "trait:a=b/c", "from": "2026-01-02"}"#
  ),
  (
    "promotion", #"{"name": "a", "percent": 12.5, "code": " spring ", "limit": 3, "skus": ["B", "A"], "stacks": false}"#
  ),
  (
    "promotion",
    #"{"name": "a", "amount": {"amount": 5, "currency": "EUR"}, "minimum": {"amount": 5, "currency": "EUR"}}"#
  ),
  ("promotion", #"{"name": "a", "percentOf": "trait:d", "favourites": 3, "region": "R", "to": "2026-01-02"}"#),
])
func `a document that is kept is kept the same again`(kind: String, json: String) throws {
  let shop = try Shop()
  let first = try shop.put(kind, json)
  guard case .created(let kept) = first else { throw Failure(.internal, "\(first)") }
  guard case .unchanged = try shop.put(kind, String(decoding: kept.body, as: UTF8.self)) else {
    throw Failure(.internal, "it is changed")
  }
}

@Test func `a price is told from others by sku, list, currency, region, segment and beginning`() throws {
  func id(_ more: String) throws -> String {
    try Price(
      document: JSONDocument(Array(#"{"sku": "A/1~", "price": {"amount": 1, "currency": "RUB"}\#(more)}"#.utf8)).root
    ).id
  }
  #expect(try id("") == "A~11~0/retail/RUB")
  #expect(try id(#", "to": "2026-01-02""#) == "A~11~0/retail/RUB")
  #expect(try id(#", "segment": "trait:a=b/c""#) == "A~11~0/retail/RUB//trait:a=b~1c")
  #expect(
    try id(#", "list": "x", "region": "R", "from": "2026-01-02""#)
      == "A~11~0/x/RUB/R//2026-01-02T00:00:00.000Z")
}

@Test func `products are found by words and their beginnings, in either script`() throws {
  let shop = try Shop()
  for (sku, name, category, brand) in [
    ("K-1", "Чайник электрический", "kitchen/kettles", "Norma"), ("K-2", "Kettle Müller", "kitchen/kettles", "Zarya"),
    ("P-1", "Samsung Pan", "kitchen", "Norma"), ("P-2", "Pan lid", "kitchenware", "Norma"),
  ] {
    try shop.put(
      "product",
      #"{"sku": "\#(sku)", "name": "\#(name)", "category": "\#(category)", "brand": "\#(brand)", "gtin": null}"#)
  }
  func find(_ query: String?, _ category: String? = nil, after: String = "", limit: Int = 10) throws -> [String] {
    try shop.store.database.read { session in
      try Catalogue.page(query, category: category, after: after, limit: limit, in: session).map { $0.product.sku }
    }
  }
  #expect(try find(nil) == ["K-1", "K-2", "P-1", "P-2"])
  #expect(try find(nil, after: "K-2", limit: 1) == ["P-1"])
  #expect(try find(nil, "kitchen") == ["K-1", "K-2", "P-1"])
  #expect(try find(nil, "kitchen/kettles") == ["K-1", "K-2"])
  #expect(try find("ЧАЙ") == ["K-1"])
  #expect(try find("muller") == ["K-2"])
  #expect(try find("самсунг") == ["P-1"])
  #expect(try find("norma pan") == ["P-1", "P-2"])
  #expect(try find("pan norma", "kitchen") == ["P-1"])
  #expect(try find("pan norma", after: "P-1") == ["P-2"])
  #expect(try find("kettle norma") == ["K-1"])
  #expect(try find("kettle norma samsung") == [])
  #expect(try find("pan norma lid p 2 nothing") == ["P-2"])
  #expect(try find("!?") == [])
  try shop.put("product", #"{"sku": "P-1", "name": "Wok"}"#)
  #expect(try find("samsung") == [])
  #expect(try find("wok") == ["P-1"])
  #expect(try shop.findings() == [])
}

@Test func `entries that are applied in any order give the same catalogue`() throws {
  let shop = try Shop()
  for version in 1...3 {
    try shop.put("product", #"{"sku": "A", "name": "Name \#(version)"}"#)
    try shop.put("price", #"{"sku": "A", "price": {"amount": \#(version), "currency": "RUB"}}"#)
    try shop.put("promotion", #"{"name": "a", "percent": \#(version)}"#)
  }
  let entries = try shop.store.database.read { session in
    var entries: [LogEntry] = []
    try EventLog.forEach(in: session) { entries.append($0) }
    return entries
  }
  for seed in 1...5 as ClosedRange<UInt64> {
    let other = try Shop()
    var chance = SplitMix64(seed: seed)
    let shuffled = entries.shuffled(using: &chance)
    try other.store.database.write { session in
      for entry in shuffled { try CatalogueFold().apply(entry, in: session) }
    }
    try other.store.database.read { (session: any Session) throws -> Void in
      #expect(try Catalogue.product("A", in: session)?.name == "Name 3")
      #expect(try Catalogue.page("name", category: nil, after: "", limit: 9, in: session).count == 1)
      #expect(try Catalogue.page("1", category: nil, after: "", limit: 9, in: session).isEmpty)
      #expect(try Catalogue.prices(of: "A", in: session).map { $0.price.price.amount } == [3])
      #expect(try Promotions.standing(Instant(milliseconds: 0), in: session).map { $0.discount } == [.percent(300)])
    }
  }
}
