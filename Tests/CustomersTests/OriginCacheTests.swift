import Base
import SQL
import TestKit
import Testing

@testable import Customers

@Suite struct OriginCacheTests {
  private func key(_ number: Int64, _ standing: Origin.Standing = .own) -> OriginCache.Key {
    OriginCache.Key(Identifier(recorded: .userID, "u-\(number)"), standing, source: "")
  }

  private func place(_ number: Int64, id: String = "cus_01m847apmjwtnzqnf9rxcx9v1g") -> Place {
    Place(
      origin: number, customer: number + 1, publicID: id, isKnown: number % 2 == 0, isShared: number % 3 == 0,
      generation: number % 5)
  }

  private func text(_ place: Place?) -> String { place.map { "\($0)" } ?? "none" }

  @Test func `a place is what was kept last, until it is forgotten`() {
    let cache = OriginCache(pairs: 1)
    #expect(cache[key(1)] == nil)
    cache.keep(place(1), key(1))
    cache.keep(place(2), key(1))
    #expect(text(cache[key(1)]) == text(place(2)))
    #expect(cache[key(1, .claim)] == nil && cache[key(2)] == nil)
    cache.forget(key(2))
    #expect(cache[key(1)] != nil)
    cache.forget(key(1))
    #expect(cache[key(1)] == nil)
  }

  @Test(arguments: ["erased-7", "cus_01m847apmjwtnzqnf9rxcx9v1", "cus_01m847apmjwtnzqnf9rxcx9v1gg"])
  func `an id of another form is not kept, nor what stood there`(id: String) {
    let cache = OriginCache(pairs: 1)
    cache.keep(place(1), key(1))
    cache.keep(place(1, id: id), key(1))
    #expect(cache[key(1)] == nil)
  }

  @Test func `of more than there is room for two of each pair stay, each as it was kept`() {
    let cache = OriginCache(pairs: 100)
    for number in Int64(1)...5_000 { cache.keep(place(number), key(number)) }
    let found = (Int64(1)...5_000).filter { cache[key($0)] != nil }
    #expect(found.count == 200)
    for number in found { #expect(text(cache[key(number)]) == text(place(number))) }
  }

  @Test func `who has signed in is at hand for his next event, as the tables have him`() throws {
    let town = try Town()
    let events = [
      "anonymous_id:a1", "user_id:u1 anonymous_id:a1", "user_id:u2 anonymous_id:a2", "user_id:u2 anonymous_id:a1",
      "user_id:u1 anonymous_id:a1", "user_id:u2 anonymous_id:a3",
    ]
    let names = ["a1", "a2", "a3"].map { Identifier(recorded: .anonymousID, $0) }
    for event in events {
      try town.send(event, from: "backend")
      let (looks, kept) = try town.store.database.write { session in
        let counter = CountingSession(session)
        let named = names.filter { event.contains($0.value) }
        let kept = try named.map { try OriginStore.find($0, .own, in: counter) }
        return (counter.statements, kept.map { text($0) })
      }
      let stored = try town.store.database.read { session in
        try names.filter { event.contains($0.value) }.map { text(try OriginStore.find($0, .own, in: session)) }
      }
      #expect(kept == stored)
      #expect(looks == 0, "\(event)")
    }
  }
}
