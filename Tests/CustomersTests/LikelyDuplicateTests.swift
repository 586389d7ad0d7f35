import Base
import SQL
import TestKit
import Testing

@testable import Customers

@Suite struct LikelyDuplicateTests {
  @Test(arguments: [
    (
      [("name", "Ann Lee"), ("birthday", "1990-03-12")], [("name", "LEE, Ánn"), ("birthday", "1990-03-12T00:00:00Z")],
      "birthday"
    ),
    (
      [("firstName", "Ann"), ("lastName", "Lee"), ("postalCode", "LV-1010")],
      [("name", "Ann Lee"), ("postalCode", "lv 1010")], "postal code"
    ),
  ])
  func `the same name with the same second sign is told on both sides`(
    ann: [(String, String)], other: [(String, String)], sign: String
  ) throws {
    let town = try Town()
    try town.say("user_id:ann email:a@b.test", ann)
    try town.say("user_id:lee email:l@b.test", other)
    #expect(try town.codes() == ["likely_duplicate"])
    let (annID, leeID) = (try town.id("user_id:ann"), try town.id("user_id:lee"))
    #expect(try town.details() == ["\(leeID) has the same name and \(sign)"])
    #expect(try town.details("user_id:lee") == ["\(annID) has the same name and \(sign)"])
    let told = try town.quality()["defects"]?.elements.first { _ in true }
    #expect(told?["customer"]?.string == leeID)
    #expect(try town.quality()["score"]?.integer == 80)
    // He himself is told of nobody else.
    #expect(try town.quality(isOwn: true)["defects"]?.count == 0)
    #expect(try town.quality(isOwn: true)["score"]?.integer == 100)
    try town.say("user_id:lee", [("name", "Bob Lee"), ("lastName", "Bob")])
    #expect(try town.codes() == [])
    #expect(try town.codes("user_id:lee") == [])
    #expect(try town.findings() == [])
  }

  @Test(arguments: [
    [("name", "Ann"), ("birthday", "1990-03-12")], [("name", "Ann Lee"), ("birthday", "1990-03-13")],
    [("name", "Ann Lee"), ("birthday", "spring")], [("name", "Ann Lee")],
    [("name", "Ann Leigh"), ("birthday", "1990-03-12")],
    [("birthday", "1990-03-12")],
  ])
  func `a name alone, a short one, or a sign alone makes no duplicate`(other: [(String, String)]) throws {
    let town = try Town()
    try town.say("user_id:ann email:ann@b.test", [("name", "Ann Lee"), ("birthday", "1990-03-12")])
    try town.say("user_id:lee email:lee@b.test", other)
    #expect(try town.codes() == [])
    #expect(try town.codes("user_id:lee") == [])
  }

  @Test func `a claimed, a shared and a doubted identifier are signs too`() throws {
    let town = try Town()
    try town.say("user_id:ann phone:+79161234567", [("name", "Ann Lee")])
    try town.say("anonymous_id:a1 phone:+79161234567", [("name", "Ann Lee")], from: "page")
    try town.say("anonymous_id:a2 phone:+79161234567", [("name", "Bob Lee")], from: "page")
    // What a page says of a visitor is told of him, and changes nothing of somebody known.
    #expect(try town.details() == [])
    #expect(try town.codes("anonymous_id:a1") == ["likely_duplicate"])
    try town.say("user_id:a3 phone:+79161234567", [("name", "Ann Lee")], from: "backend")
    #expect(try town.details() == ["\(try town.id("user_id:a3")) has the same name and phone"])
    #expect(try town.codes("anonymous_id:a2") == [])
    // Two cards that met at a till, which together would be too many.
    try town.say("user_id:eve card:C1 email:eve@b.test", [("name", "Eve Poe")])
    try town.say("user_id:eva card:C2 email:eva@b.test", [("name", "Poe Eve")])
    #expect(try town.codes("user_id:eve") == [])
    try town.say("user_id:eve card:C2")
    #expect(try town.details("user_id:eve") == ["\(try town.id("user_id:eva")) has the same name and an open review"])
    #expect(try town.codes("user_id:eva") == ["likely_duplicate"])
    #expect(try town.findings() == [])
  }

  @Test func `of one name five are told, among the first twenty who share a number`() throws {
    let town = try Town()
    try town.say("user_id:ann phone:+79161234567", [("name", "Ann Lee")])
    for number in 1...LikelyDuplicates.mostTold + 1 {
      if number == LikelyDuplicates.mostTold + 1 {
        #expect(try town.details().count == LikelyDuplicates.mostTold)
      }
      try town.say("user_id:n\(number) phone:+79161234567", [("name", "Ann Lee")], from: "backend")
    }
    #expect(try town.details().count == LikelyDuplicates.mostTold)
    try town.say("user_id:bea email:bea@b.test", [("name", "Bea Lee")])
    for number in 1..<LikelyDuplicates.mostExamined {
      try town.say("user_id:m\(number) email:bea@b.test", [("name", "No Body")], from: "backend")
    }
    try town.say("user_id:last email:bea@b.test", [("name", "Bea Lee")], from: "backend")
    #expect(try town.details("user_id:bea").count == 1)
    try town.say("user_id:cid email:cid@b.test", [("name", "Cid Lee")])
    for number in 1...LikelyDuplicates.mostExamined {
      try town.say("user_id:k\(number) email:cid@b.test", [("name", "No Body")], from: "backend")
    }
    try town.say("user_id:late email:cid@b.test", [("name", "Cid Lee")], from: "backend")
    #expect(try town.details("user_id:cid") == [])
  }

  @Test func `visitors who claim the same hide nobody who is known`() throws {
    let town = try Town()
    let twin = [("name", "Ann Lee"), ("birthday", "1990-03-12")]
    try town.say("user_id:ann phone:+79161234567", twin)
    for number in 1...25 {
      try town.say("anonymous_id:v\(number) phone:+79161234567", twin, from: "page")
    }
    #expect(try town.details() == [])
    try town.say("user_id:lee email:lee@b.test", twin)
    #expect(try town.details() == ["\(try town.id("user_id:lee")) has the same name and birthday"])
    try town.say("user_id:lea phone:+79161234567", [("name", "Ann Lee")], from: "backend")
    #expect(try town.details().last == "\(try town.id("user_id:lea")) has the same name and phone")
    #expect(try town.findings() == [])
  }

  @Test(arguments: [(999, 1), (1000, 0)])
  func `a thousand who agree in one sign are asked whether they are known, not one more`(
    visitors: Int64, told: Int
  ) throws {
    #expect(LikelyDuplicates.mostAsked == 1000)
    let town = try Town()
    let twin = [("name", "Ann Lee"), ("birthday", "1990-03-12")]
    try town.say("user_id:ann", twin)
    let last = try town.leader("user_id:ann")
    try town.store.database.write { session in
      for number in 1...visitors {
        try session.forEachRow(
          ofText: """
            INSERT INTO origin (number, public_id, type, value, standing, source, customer, sequence, generation, shared)
            VALUES (?1, ?2, 'anonymous_id', ?2, 0, '', ?1, 1, 0, 0)
            """, [.integer(last + number), .text("v\(number)")]
        ) { _ in true }
        try session.forEachRow(
          ofText: "INSERT INTO quality_twin (key, origin) SELECT key, ?1 FROM quality_twin WHERE origin = ?2",
          [.integer(last + number), .integer(last)]
        ) { _ in true }
      }
    }
    try town.say("user_id:lee", twin)
    #expect(try town.details().filter { $0.hasSuffix("birthday") }.count == told)
  }

  @Test func `ten numbers and addresses of one customer are asked for, not an eleventh`() throws {
    let town = try Town()
    let emails = (1...5).map { "email:e\($0)@b.test" }
    let phones = (1...5).map { "phone:+7916123456\($0)" }
    try town.say("user_id:ann " + (emails + phones).joined(separator: " "), [("name", "Ann Lee")])
    try town.say("user_id:a \(phones[4])", [("name", "Ann Lee")], from: "backend")
    #expect(try town.details().count == 1)
    // A claim comes after what is his own.
    let more = try Town()
    try more.say("user_id:ann " + (emails + phones).joined(separator: " "), [("name", "Ann Lee")])
    try more.say("user_id:ann email:claimed@b.test", from: "backend")
    try more.say("user_id:a email:claimed@b.test", [("name", "Ann Lee")], from: "backend")
    #expect(try more.details().isEmpty)
    #expect(LikelyDuplicates.mostValues == 10)
  }
}
