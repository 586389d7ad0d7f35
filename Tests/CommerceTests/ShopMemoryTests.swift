import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

struct ShopMemoryTests {
  let shop: WholeShop

  init() throws { shop = try WholeShop() }

  private func seen(_ session: any Session) throws -> [String] {
    let goods = try ShopMemory.goods("mug", in: session)
    return [
      goods.product?.name ?? "none", goods.prices.map { "\($0.price.price.amount)" }.joined(separator: " "),
      try ShopMemory.store("riga", in: session)?.name ?? "none",
      try ShopMemory.store("ventspils", in: session)?.name ?? "none",
      "\(try ShopMemory.stockPolicy(in: session).staleAfter)",
      "\(try ShopMemory.cartPolicy(in: session).abandonedAfterMinutes)",
      "\(try ShopMemory.programme(in: session)?.pointValue ?? 0)",
    ]
  }

  private let changes = [
    ("product", "mug", #"{"sku": "mug", "name": "A cup"}"#),
    ("price", "mug/retail/EUR", #"{"sku": "mug", "price": {"amount": 1200, "currency": "EUR"}}"#),
    ("store", "riga", #"{"id": "riga", "name": "Old Town", "timeZone": "Europe/Riga"}"#),
    ("store", "ventspils", #"{"id": "ventspils", "name": "Ventspils", "timeZone": "Europe/Riga"}"#),
    ("stock-policy", "default", #"{"staleAfter": 5}"#),
    ("cart-policy", "default", #"{"abandonedAfterMinutes": 7}"#),
    ("programme", "default", #"{"currency": "EUR", "earn": {"points": 1, "per": 100}, "pointValue": 20}"#),
  ]

  @Test("what is remembered ends with the document that changes it, in the next transaction")
  func nextTransaction() throws {
    var expected = ["A mug", "1000", "Riga", "none", "1440", "60", "10"]
    #expect(try shop.store.database.write { try seen($0) } == expected)
    for (index, change) in changes.enumerated() {
      try shop.put(change.0, change.1, change.2)
      expected[index] = ["A cup", "1200", "Old Town", "Ventspils", "5", "7", "20"][index]
      #expect(try shop.store.database.write { try seen($0) } == expected)
      #expect(try shop.store.database.read { try seen($0) } == expected)
    }
  }

  @Test("and in the same transaction")
  func sameTransaction() throws {
    let (intake, now) = (shop.store.intake, shop.store.clock.now)
    let told = try shop.store.database.write { session in
      let before = try seen(session)
      for change in changes {
        let kind = try #require(Commerce.documentKinds.first { $0.name == change.0 })
        let draft = try kind.draft(JSONDocument(Array(change.2.utf8)).root, id: change.1)
        _ = try DocumentStore.put(draft, author: "test", at: now, through: intake, in: session)
      }
      return [before, try seen(session)]
    }
    #expect(told[0] == ["A mug", "1000", "Riga", "none", "1440", "60", "10"])
    #expect(told[1] == ["A cup", "1200", "Old Town", "Ventspils", "5", "7", "20"])
  }

  @Test("no more articles are remembered than there is room for")
  func limit() throws {
    let counts = try shop.store.database.write { session in
      try (0...ShopMemory.mostGoods).map { number in
        _ = try ShopMemory.goods("none-\(number)", in: session)
        return try ShopMemory.of(session).goods.count
      }
    }
    #expect(counts[ShopMemory.mostGoods - 1] == ShopMemory.mostGoods)
    #expect(counts[ShopMemory.mostGoods] == 1)
  }

  @Test("a reader remembers fewer, because there are several")
  func limitOfReader() throws {
    let counts = try shop.store.database.read { session in
      try (0...ShopMemory.mostGoodsRead).map { number in
        _ = try ShopMemory.goods("none-\(number)", in: session)
        return try ShopMemory.of(session).goods.count
      }
    }
    #expect(counts[ShopMemory.mostGoodsRead - 1] == ShopMemory.mostGoodsRead)
    #expect(counts[ShopMemory.mostGoodsRead] == 1)
  }
}
