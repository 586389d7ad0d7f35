import Base
import Customers
import Dispatch
import SQL
import Synchronization
import TestKit
import Testing

@testable import Commerce

@Suite struct StockRaceTests {
  /// Runs `work` on so many threads at once.
  private func race(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
    let (start, done) = (DispatchSemaphore(value: 0), DispatchGroup())
    for index in 0..<count {
      done.enter()
      let thread = DispatchQueue(label: "racer \(index)")
      thread.async {
        start.wait()
        work(index)
        done.leave()
      }
    }
    for _ in 0..<count { start.signal() }
    done.wait()
  }

  @Test func `the last unit that 200 want goes to exactly one`() throws {
    let depot = try Depot()
    try depot.tell(depot.count("1"))
    let answers = Mutex<[String]>([])
    race(200) { index in
      do {
        try depot.reserve(("A", "1"), order: "O-\(index)")
        answers.withLock { $0.append("won") }
      } catch is Shortfall {
        answers.withLock { $0.append("lost") }
      } catch {
        answers.withLock { $0.append("\(error)") }
      }
    }
    #expect(answers.withLock { $0.sorted() } == [String](repeating: "lost", count: 199) + ["won"])
    #expect(try depot.books() == "1, 1, 0")
    #expect(try depot.findings() == [])
  }

  @Test func `the same list sent by many at once counts once`() throws {
    let depot = try Depot()
    let line = depot.delta("1", id: "d-1")
    let bare = depot.delta("1", of: "B")
    let failed = Atomic<Int>(0)
    race(50) { index in
      do {
        try depot.tell(line)
        try depot.tell(bare, id: "k-1")
        try depot.sell(("A", "1"), order: "O-\(index)")
      } catch {
        failed.add(1, ordering: .relaxed)
      }
    }
    #expect(failed.load(ordering: .relaxed) == 0)
    #expect(try depot.books("B") == "1, 0, 0")
    #expect(try depot.findings() == [])
  }
}
