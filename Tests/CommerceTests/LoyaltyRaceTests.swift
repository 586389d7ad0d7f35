import Base
import Customers
import Dispatch
import SQL
import Synchronization
import TestKit
import Testing

@testable import Commerce

@Test(arguments: [20, 200]) func `any number of redemptions at once take what there is and not a point more`(
  threads: Int
) throws {
  let shop = try PointsShop()
  let ann = try shop.enter("user_id:ann")
  try shop.give(100, to: ann)
  let done = Atomic<Int>(0)
  let refused = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: threads) { index in
    do {
      if index % 2 == 0 {
        try shop.burn(10, "o\(index)", at: ann)
      } else {
        try shop.hold("h\(index)", 10, at: ann)
      }
      done.add(1, ordering: .relaxed)
    } catch {
      refused.add(1, ordering: .relaxed)
    }
  }
  #expect(done.load(ordering: .relaxed) == 10 && refused.load(ordering: .relaxed) == threads - 10)
  #expect(try shop.points(ann).balance == 0 && shop.findings() == [])
}

@Test func `one hold captured by many at once is captured once`() throws {
  let shop = try PointsShop()
  let ann = try shop.enter("user_id:ann")
  try shop.give(100, to: ann)
  try shop.hold("h1", 60, at: ann)
  let done = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: 20) { index in
    let isDone =
      index % 2 == 0
      ? (try? shop.capture("h1", order: "o\(index)", at: ann)) != nil : (try? shop.void("h1", at: ann)) != nil
    if isDone { done.add(1, ordering: .relaxed) }
  }
  #expect(done.load(ordering: .relaxed) == 1)
  #expect(try [40, 100].contains(shop.points(ann).balance) && shop.findings() == [])
}
