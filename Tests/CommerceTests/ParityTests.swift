import Base
import Customers
import Glibc
import SQL
import TestKit
import Testing

@testable import Commerce

private func shop() throws -> Shop {
  let shop = try Shop()
  for sku in ["A", "B"] { try shop.put("product", #"{"sku": "\#(sku)", "name": "N"}"#) }
  for price in [
    #"{"sku": "A", "price": {"amount": 1000, "currency": "RUB"}}"#,
    #"{"sku": "A", "price": {"amount": 900, "currency": "RUB"}, "segment": "trait:vip=true"}"#,
    #"{"sku": "A", "price": {"amount": 12, "currency": "EUR"}}"#,
    #"{"sku": "B", "price": {"amount": 500, "currency": "RUB"}, "from": "2020-01-01", "to": "2021-01-01"}"#,
  ] { try shop.put("price", price) }
  try shop.put("promotion", #"{"name": "p", "percent": 5, "segment": "trait:vip=true"}"#)
  try shop.send(#"{"traits": {"vip": true}}"#, of: "ann", kind: .identify)
  return shop
}

extension Shop {
  fileprivate func report(_ source: String? = nil, after: (String, String) = ("", "")) throws -> [String] {
    try store.database.read { session in
      try Parity.list(of: source, after: after.0, after.1, limit: 10, in: session).map {
        "\($0.source) \($0.sku) \($0.differences) \($0.reported.amount) \($0.ours.amount)"
      }
    }
  }
}

/// Events, what they tell, and the report of it.
private let told: [(String, String, [String])] = [
  ("Product Viewed", #"{"sku": "A", "price": 10, "currency": "RUB"}"#, []),
  ("Product Viewed", #"{"sku": "A", "price": "10.00", "currency": "rub"}"#, []),
  ("Product Viewed", #"{"sku": "A", "price": 9, "currency": "RUB"}"#, []),
  ("Product Viewed", #"{"sku": "A", "price": 8.55, "currency": "RUB"}"#, []),
  ("Product Viewed", #"{"sku": "A", "price": 0.12, "currency": "EUR"}"#, []),
  ("Product Viewed", #"{"sku": "A", "price": 9.99, "currency": "RUB"}"#, ["site A 1 999 900"]),
  ("Product Added", #"{"product_id": "A", "price": 9.99, "currency": "RUB"}"#, ["site A 1 999 900"]),
  ("Product Viewed", #"{"sku": "A", "price": 9.99}"#, []),
  ("Product Viewed", #"{"sku": "A", "price": 9.99, "currency": "USD"}"#, []),
  ("Product Viewed", #"{"sku": "B", "price": 9.99, "currency": "RUB"}"#, []),
  ("Product Viewed", #"{"sku": "X", "price": 9.99, "currency": "RUB"}"#, []),
  ("Product Clicked", #"{"sku": "A", "price": 9.99, "currency": "RUB"}"#, []),
  (
    "Order Completed",
    #"{"currency": "RUB", "products": [{"sku": "A", "price": 10}, {"sku": "A", "price": 11}, {"sku": "A", "price": 12}, 7]}"#,
    ["site A 2 1200 900"]
  ),
]

@Test(arguments: told)
func `another price than ours is counted`(name: String, properties: String, report: [String]) throws {
  let shop = try shop()
  try shop.send(#"{"properties": \#(properties)}"#, of: "ann", name: name)
  #expect(try shop.report() == report)
  #expect(try shop.findings() == [])
}

@Test func `differences are listed by source and sku, and a duplicate counts once`() throws {
  let shop = try shop()
  let wrong = #"{"properties": {"sku": "A", "price": 1, "currency": "RUB"}}"#
  for source in ["till", "site"] {
    for id in ["m-1", "m-1", "m-2"] {
      try shop.send(wrong, of: "bob", from: source, name: "Product Viewed", id: id)
    }
  }
  #expect(try shop.report() == ["site A 2 100 1000", "till A 2 100 1000"])
  #expect(try shop.report("till") == ["till A 2 100 1000"])
  #expect(try shop.report(after: ("site", "A")) == ["till A 2 100 1000"])
  #expect(try shop.store.database.read { try Parity.totals(in: $0).map { $0.differences } } == [2, 2])
  // What was stored after it happened says nothing about it.
  let before = shop.store.clock.now
  shop.store.clock.advance(by: .seconds(60))
  try shop.put("price", #"{"sku": "A", "price": {"amount": 2000, "currency": "RUB"}}"#)
  try shop.send(wrong, of: "bob", name: "Product Viewed", at: before)
  #expect(try shop.report("site") == ["site A 2 100 1000"])
  #expect(try shop.findings() == [])
}

@Test func `the operator is told of what is new, without anybody's name`() throws {
  let shop = try shop()
  let directory = TemporaryDirectory()
  directory.write([], to: "log")
  let file = open(directory.file("log"), O_WRONLY | O_APPEND)
  defer { close(file) }
  let watch = ParityWatch(
    database: shop.store.database, log: Log(clock: shop.store.clock, threshold: .info, descriptor: file))
  func lines() -> [String] {
    String(decoding: directory.contents("log"), as: UTF8.self).split(separator: "\n").map(String.init)
  }
  let wrong = #"{"properties": {"sku": "A", "price": 1, "currency": "RUB"}}"#
  try shop.send(wrong, of: "bob", name: "Product Viewed")
  watch.look()
  #expect(lines() == [])
  try shop.send(wrong, of: "bob", name: "Product Viewed")
  for _ in 1...2 { watch.look() }
  #expect(lines().count == 1)
  #expect(lines().allSatisfy { $0.contains("\"site\"") && $0.contains("\"differences\":\"1\"") && !$0.contains("bob") })
  #expect(watch.totals.map { "\($0.source) \($0.differences)" } == ["site 2"])
}
