import Base
import Customers
import SQL
import TestKit
import Testing

@testable import Commerce

@Test func `what a purchase earns is rounded once, by category and tier`() throws {
  let programme = try LoyaltyProgramme(
    document: JSONDocument(
      Array(
        """
        {"currency": "RUB", "earn": {"points": 1, "per": 1000}, "pointValue": 1,
         "categories": [{"category": "coffee", "percent": 200}, {"category": "tobacco", "percent": 0}]}
        """.utf8)
    ).root)
  let lines: [(sku: String, category: String?, total: Int64)] = [
    ("a", "coffee", 999), ("b", nil, 1001), ("c", "tobacco", 5000),
  ]
  #expect(programme.points(for: 7000, lines: lines, percent: 100) == 2)
  #expect(programme.points(for: 7000, lines: lines, percent: 150) == 4)
  // Half of it was paid otherwise.
  #expect(programme.points(for: 3500, lines: lines, percent: 100) == 1)
  #expect(programme.points(for: 999, lines: [], percent: 100) == 0)
  #expect(programme.points(for: 1000, lines: [], percent: 100) == 1)
  #expect(programme.points(for: -1000, lines: [], percent: 100) == 0)
  var half = try JSONDocument(programme.document).root.bytes
  half = Array(String(decoding: half, as: UTF8.self).replacing("\"down\"", with: "\"half\"").utf8)
  let rounding = try LoyaltyProgramme(document: JSONDocument(half).root)
  #expect(rounding.points(for: 1500, lines: [], percent: 100) == 2)
  #expect(rounding.points(for: 1499, lines: [], percent: 100) == 1)
}

@Test(arguments: [
  (#"{"earn": {"points": 1, "per": 1}, "pointValue": 1}"#, "/currency"),
  (#"{"currency": "RUB", "pointValue": 1}"#, "/earn/points"),
  (#"{"currency": "RUB", "earn": {"points": 1, "per": 0}, "pointValue": 1}"#, "/earn/per"),
  (#"{"currency": "RUB", "earn": {"points": 1000000001, "per": 1}, "pointValue": 1}"#, "/earn/points"),
  (#"{"currency": "RUB", "earn": {"points": 1, "per": 1}, "pointValue": 0}"#, "/pointValue"),
  (#"{"currency": "RUB", "earn": {"points": 1, "per": 1}, "pointValue": 1, "maxShare": 101}"#, "/maxShare"),
  (#"{"currency": "RUB", "earn": {"points": 1, "per": 1}, "pointValue": 1, "expiryDays": 3651}"#, "/expiryDays"),
  (
    #"{"currency": "RUB", "earn": {"points": 1, "per": 1}, "pointValue": 1, "pendingDays": 5, "expiryDays": 5}"#,
    "/expiryDays"
  ),
  (
    #"{"currency": "RUB", "earn": {"points": 1, "per": 1}, "pointValue": 1, "noticeDays": 5, "expiryDays": 5}"#,
    "/noticeDays"
  ),
  (#"{"currency": "RUB", "earn": {"points": 1, "per": 1}, "pointValue": 1, "rounding": "up"}"#, "/rounding"),
  (
    #"{"currency": "RUB", "earn": {"points": 1, "per": 1}, "pointValue": 1, "tiers": [{"name": "a", "threshold": 5}, {"name": "b", "threshold": 5}]}"#,
    "/tiers/1/threshold"
  ),
  (#"{"currency": "RUB", "earn": {"points": 1, "per": 1}, "pointValue": 1, "more": 1}"#, "/more"),
  (
    #"{"currency": "RUB", "earn": {"points": 1, "per": 1}, "pointValue": 1, "categories": [{"category": "a", "percent": 10001}]}"#,
    "/categories/0/percent"
  ),
])
func `a programme that is wrong names the field`(document: String, pointer: String) throws {
  #expect { try LoyaltyProgramme(document: JSONDocument(Array(document.utf8)).root) } throws: { error in
    (error as? Failure)?.faults.contains { $0.pointer == pointer } == true
  }
}

/// A programme with so many categories and tiers, and a category's name of so many letters.
private func programme(categories: Int, tiers: Int, letters: Int) throws -> LoyaltyProgramme {
  let name = String(repeating: "x", count: letters)
  let categories = (0..<categories).map { number in
    #"{"category": "\#(number == 0 ? name : "c\(number)")", "percent": 1}"#
  }
  let tiers = (0..<tiers).map { #"{"name": "t\#($0)", "threshold": \#($0 + 1)}"# }
  return try LoyaltyProgramme(
    document: JSONDocument(
      Array(
        """
        {"currency": "RUB", "earn": {"points": 1, "per": 1}, "pointValue": 1,
         "categories": [\(categories.joined(separator: ","))], "tiers": [\(tiers.joined(separator: ","))]}
        """.utf8)
    ).root)
}

@Test func `a programme has at most so many categories and tiers, and names of at most so many letters`() throws {
  #expect(try programme(categories: 200, tiers: 20, letters: 100).tiers.count == 20)
  for (categories, tiers, letters) in [(201, 20, 100), (200, 21, 100), (200, 20, 101)] {
    #expect(throws: Failure.self) { try programme(categories: categories, tiers: tiers, letters: letters) }
  }
}

@Test func `a programme at its limits is one, and comes back as it is kept`() throws {
  let most = LoyaltyProgramme.mostAmount
  let text = """
    {"currency": "RUB", "earn": {"points": \(most), "per": 1}, "pointValue": \(most), "maxShare": 0,
     "pendingDays": 3649, "expiryDays": 3650, "categories": [{"category": "a", "percent": 10000}]}
    """
  let programme = try LoyaltyProgramme(document: JSONDocument(Array(text.utf8)).root)
  #expect(try LoyaltyProgramme(document: JSONDocument(programme.document).root).document == programme.document)
  #expect(programme.points(for: Money.most, lines: [("s", "a", Money.most)], percent: 10_000) == Money.most)
}
