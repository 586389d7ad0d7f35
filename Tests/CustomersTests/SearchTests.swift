import Base
import SQL
import TestKit
import Testing

@testable import Customers

/// A customer as a search answers him, in one line: his name, how near, and why.
private func found(_ town: Town, _ query: String, limit: Int = 50) throws -> [String] {
  try town.store.database.read { session in
    let page = try CustomerSearch.json(of: SearchQuery(query), after: nil, limit: limit, in: session)
    return try JSONDocument(page.json).root["data"]?.elements.map { row in
      let matches = row["matches"]?.elements.map { "\($0["field"]?.string ?? "")=\($0["value"]?.string ?? "")" } ?? []
      let proved = row["identifiers"]?.elements.map { $0["verified"]?.bool == true ? " proved" : " claimed" } ?? []
      return "\(row["name"]?.string ?? "-") \(row["match"]?.string ?? "") \(matches.joined(separator: ", "))"
        + proved.joined()
    } ?? []
  }
}

/// The names of those whom a query finds, sorted.
private func names(_ town: Town, _ query: String) throws -> [String] {
  try found(town, query).map { String($0.split(separator: "|")[0]) }.sorted()
}

extension Town {
  /// Tells traits of a user, whose id the backend proves.
  fileprivate func tell(
    _ who: String, _ traits: [(String, String)], from source: String = "backend", late: Duration = .zero
  ) throws {
    store.clock.advance(by: .seconds(1))
    let now = store.clock.now
    try store.send(
      [Self.event(store.tokens.next("msg_"), who, at: now - late, receivedAt: now, traits: traits)], from: source)
  }
}

/// Six people, each with a `|` behind the name, so that the name can be told from the reasons.
private func town() throws -> Town {
  let town = try Town()
  let people: [(String, [(String, String)])] = [
    (
      "user_id:u1 email:anna.shcherbakova@mail.test phone:+79161234567",
      [("name", "Анна Щербакова|"), ("city", "Казань")]
    ),
    (
      "user_id:u2 card:4400-1234",
      [("name", "Jürgen Groß-Müller|"), ("street", "Königstraße 5"), ("postalCode", "70173")]
    ),
    ("user_id:u3 phone:+79031112233", [("name", "Алёна Ёлкина|")]),
    ("user_id:u4 email:иван@почта.рф", [("name", "王小明|")]),
    ("user_id:u5", [("name", "مُحَمَّد علي|")]), ("user_id:u6", [("name", "Mary O’Brien|")]),
  ]
  for (who, traits) in people { try town.tell(who, traits, from: "prover") }
  return town
}

@Suite struct SearchTests {
  @Test(arguments: [
    ("анна", ["Анна Щербакова"]), ("АННА щерб", ["Анна Щербакова"]), ("anna shcher", ["Анна Щербакова"]),
    ("Scherbakova", ["Анна Щербакова"]), ("Щербакова казань", ["Анна Щербакова"]), ("kazan", ["Анна Щербакова"]),
    ("анна елкина", []), ("елкина", ["Алёна Ёлкина"]), ("ёлк", ["Алёна Ёлкина"]), ("ALENA", ["Алёна Ёлкина"]),
    ("jurgen", ["Jürgen Groß-Müller"]), ("mueller", ["Jürgen Groß-Müller"]), ("Gross", ["Jürgen Groß-Müller"]),
    ("groß-müller", ["Jürgen Groß-Müller"]), ("konigstrasse", ["Jürgen Groß-Müller"]),
    ("70173", ["Jürgen Groß-Müller"]),
    ("王", ["王小明"]), ("王小", ["王小明"]), ("小明", []), ("محمد", ["مُحَمَّد علي"]), ("علي محم", ["مُحَمَّد علي"]),
    ("obrien", ["Mary O’Brien"]), ("O'Brien Mary", ["Mary O’Brien"]), ("❤️🎉", []), ("%", []),
    ("а%", ["Анна Щербакова", "Алёна Ёлкина"]), ("_", []),
    ("' OR 1=1 --", []),
    ("*", []), ("\u{0}", []), ("%нна", ["Анна Щербакова"]), ("", []), ("   ", []),
    // Phones, by any four digits, however they are typed.
    ("+7 916 123-45-67", ["Анна Щербакова"]), ("8 (916) 123 45 67", ["Анна Щербакова"]),
    ("9161234567", ["Анна Щербакова"]),
    ("8 916 123", ["Анна Щербакова"]), ("8 916 12", []), ("4567", ["Анна Щербакова"]),
    ("1234", ["Jürgen Groß-Müller", "Анна Щербакова"].filter { $0.hasPrefix("А") }),
    ("1612", ["Анна Щербакова"]), ("567", []), ("анна 4567", ["Анна Щербакова"]), ("елкина 4567", []),
    ("7916", ["Анна Щербакова"]),
    // Addresses of mail, whole and by parts.
    ("anna.shcherbakova@mail.test", ["Анна Щербакова"]), ("ANNA.SHCH", ["Анна Щербакова"]),
    ("shcherbakova@mail.test", ["Анна Щербакова"]),
    ("mail.test", ["Анна Щербакова"]), ("@mail.test", []),
    ("Иван@Почта.РФ", ["王小明"]),
    // Cards and user ids.
    ("4400-1234", ["Jürgen Groß-Müller"]), ("4400 1234", ["Jürgen Groß-Müller"]), ("44001234", ["Jürgen Groß-Müller"]),
    ("4400", ["Jürgen Groß-Müller"]), ("u3", ["Алёна Ёлкина"]), ("U3", ["Алёна Ёлкина"]),
  ])
  func `who is found`(query: String, expected: [String]) throws {
    #expect(try names(Self.shared.get(), query) == expected.sorted())
  }

  private static let shared = Result { try town() }

  /// Every letter of a name left out, doubled, replaced, or swapped with the next one.
  @Test(arguments: ["Анна Щербакова", "Mary Brown", "Jörg Schmidt", "Екатерина Шишкина"])
  func `one mistake of any kind at any place finds the word`(name: String) throws {
    let town = try Town()
    try town.tell("user_id:u1", [("name", name)])
    var missed: [String] = []
    for word in FoldedText.words(of: name, limit: 9) {
      let letters = Array(word)
      for place in letters.indices {
        var spellings = [letters, letters, letters, letters]
        spellings[0].remove(at: place)
        spellings[1].insert("ж", at: place)
        spellings[2][place] = "q"
        if place > 0 { spellings[3].swapAt(place, place - 1) }
        missed += try spellings.map { String($0) }.filter { try found(town, $0) == [] }
      }
    }
    #expect(missed == [])
    // Two mistakes are too many, and one in a short word.
    for query in ["Щербуквоа", "bworm", "аян", "мая"] { #expect(try found(town, query) == []) }
  }

  @Test func `the nearest goes first, then the known, then the last active`() throws {
    let town = try Town()
    try town.tell("anonymous_id:a1", [("name", "Иван A")], from: "page")
    try town.tell("user_id:u1", [("name", "Иван B")])
    try town.tell("user_id:u2", [("name", "Иван C")])
    try town.tell("user_id:u3", [("name", "Иванов D")])
    try town.tell("user_id:u4", [("name", "Ивен E")])
    let order = try found(town, "иван").map { String($0.split(separator: " ")[1]) }
    #expect(order == ["C", "B", "A", "D", "E"])
    town.store.clock.advance(by: .seconds(1))
    try town.send("user_id:u1", from: "backend")
    #expect(try found(town, "иван").map { String($0.split(separator: " ")[1]) } == ["B", "C", "A", "D", "E"])
  }

  @Test func `a page goes on where the last one ended`() throws {
    let town = try Town()
    for number in 0..<23 { try town.tell("user_id:u\(number)", [("name", number % 3 == 0 ? "Иванов" : "Иван")]) }
    var seen: [String] = []
    var cursor: CustomerSearch.Cursor?
    var pages = 0
    repeat {
      let after = cursor
      let page = try town.store.database.read {
        try CustomerSearch.json(of: SearchQuery("иван"), after: after, limit: 5, in: $0)
      }
      seen += try JSONDocument(page.json).root["data"]?.elements.compactMap { $0["id"]?.string } ?? []
      cursor = try page.next.map { try #require(CustomerSearch.Cursor($0.text)) }
      pages += 1
    } while cursor != nil
    #expect(pages == 5 && seen.count == 23 && Set(seen).count == 23)
    for text in ["", "1.2.3", "0.0.0.0.0", "3.0.0.0", "0.2.0.0", "zzzzzzzzzzzzzzzz.0.0.0", "0.0.-.0"] {
      #expect(CustomerSearch.Cursor(text) == nil, "\(text)")
    }
    #expect(CustomerSearch.Cursor("0.0.-1y2p0ij32e8e8.0") != nil)
  }

  @Test func `a claim leads to who claims it, a proof to who proved it, and it says so`() throws {
    let town = try Town()
    try town.tell("user_id:u1 phone:+79161234567", [("name", "Claimant")])
    #expect(try found(town, "1234567") == ["Claimant prefix phone=+79161234567 claimed"])
    try town.tell("user_id:u2 phone:+79161234567", [("name", "Owner")], from: "prover")
    #expect(
      try found(town, "+79161234567") == [
        "Owner exact phone=+79161234567 proved", "Claimant exact phone=+79161234567 claimed",
      ])
    // Words and numbers stand at different places of one customer.
    #expect(try found(town, "claimant 4567").count == 1)
    #expect(try found(town, "owner 4567").count == 1)
  }

  @Test(arguments: ["+79161234567", "+380671234567", "+4930123", "+3725012345", "+498912345678901"])
  func `any piece of a number of four digits and more finds it, and three do not`(number: String) throws {
    let town = try Town()
    try town.tell("user_id:u1 phone:\(number)", [("name", "Caller")])
    try town.tell("user_id:u2 phone:+12018887766", [("name", "Other")])
    let digits = Array(number.dropFirst())
    var missed: [String] = []
    for first in digits.indices {
      for last in digits.indices where last > first {
        let piece = String(digits[first...last])
        let isFound = try found(town, piece).contains { $0.hasPrefix("Caller") }
        if isFound != (piece.count >= SearchedFields.shortestFragment) { missed.append(piece) }
      }
    }
    #expect(missed == [])
  }

  /// More people of one name than a search reads: it says so, and with a second word that is rare it finds all.
  @Test func `frequent words are told to be incomplete, a rare word beside them makes them complete`() throws {
    let town = try Town()
    let now = town.store.clock.now
    let count = Int(SearchIndex.mostPosts) + 60
    for batch in 0..<count / 40 {
      try town.store.send(
        (0..<40).map { number in
          let user = batch * 40 + number
          return Town.event(
            "m\(user)", "user_id:u\(user)", receivedAt: now,
            traits: [("name", user == 3 ? "Анна Редкая" : "Анна Петрова"), ("city", "Казань")])
        }, from: "backend")
    }
    func answer(_ query: String) throws -> (count: Int, isComplete: Bool) {
      try town.store.database.read { session in
        let page = try CustomerSearch.json(of: SearchQuery(query), after: nil, limit: 100, in: session)
        let root = try JSONDocument(page.json).root
        return (root["data"]?.count ?? 0, root["complete"]?.bool ?? true)
      }
    }
    for query in ["анна", "анна петрова", "петрова казань анна", "петр ан"] {
      let (count, isComplete) = try answer(query)
      #expect(count == 100 && !isComplete, "\(query)")
    }
    for query in ["редкая", "анна редкая", "казань анна редк", "анна u7", "u3 редкая"] {
      let (count, isComplete) = try answer(query)
      #expect(count == 1 && isComplete, "\(query)")
    }
  }

  @Test func `a number of a completed order leads to its customer`() throws {
    let town = try Town()
    try town.tell("user_id:u1", [("name", "Buyer")])
    func order(_ name: String, _ number: String) throws {
      try town.store.send(
        [
          Town.event(
            town.store.tokens.next("msg_"), "user_id:u1", receivedAt: town.store.clock.now, kind: .track, name: name,
            properties: [("order_id", number)])
        ], from: "backend")
    }
    let longest = String(repeating: "9", count: SearchedFields.longestOrder)
    for number in ["n-1001", longest, longest + "9"] { try order("Order Completed", number) }
    try order("Product Viewed", "n-2002")
    #expect(try found(town, "N-1001") == ["Buyer exact order=N-1001"])
    #expect(try found(town, "n-10") == ["Buyer prefix order=N-1001"])
    #expect(try found(town, longest) == ["Buyer exact order=\(longest)"])
    for number in ["n-2002", "n-1", longest + "9"] { #expect(try found(town, number) == []) }
    #expect(try town.findings() == [])
  }

  @Test func `a changed trait takes its old words away, a late one changes nothing`() throws {
    let town = try Town()
    try town.tell("user_id:u1", [("name", "Анна Петрова")])
    try town.tell("user_id:u1", [("name", "Анна Иванова")], from: "till")
    try town.tell("user_id:u1", [("name", "Анна Сидорова")])
    #expect(try found(town, "петрова") == [])
    #expect(try found(town, "сидорова").count == 1 && found(town, "иванова").count == 1)
    try town.tell("user_id:u1", [("name", "Late")], late: .seconds(60))
    #expect(try found(town, "late") == [])
    try town.tell("user_id:u1", [("name", "")], from: "till")
    #expect(try found(town, "иванова") == [] && found(town, "анна").count == 1)
    #expect(try town.findings() == [])
  }

  @Test func `an event without a searched trait, an identifier or an order runs no statement`() throws {
    let town = try Town()
    try town.tell("user_id:u1", [("name", "Ann")])
    try town.tell("user_id:u1", [("size", "M"), ("plan", "gold")])
    let entry = try #require(try town.log().last)
    try town.store.database.read { session in
      let counter = CountingSession(session)
      try SearchFold().apply(entry, in: counter)
      #expect(counter.statements == 0)
      try SearchFold().apply(try #require(try town.log().first), in: counter)
      #expect(counter.statements > 0)
    }
  }

  @Test func `limits of a query hold, and one past them is refused by name`() throws {
    let longest = String(repeating: "я", count: SearchQuery.longest)
    _ = try SearchQuery(longest)
    let most = Array(repeating: "я", count: SearchQuery.mostTerms).joined(separator: " ")
    #expect(try SearchQuery(most).terms.count == SearchQuery.mostTerms)
    for text in [longest + "я", most + " я", String(repeating: "Анна ", count: 2_000)] {
      #expect { try SearchQuery(text) } throws: { ($0 as? Failure)?.faults.first?.pointer == "/q" }
    }
  }

  @Test func `what is erased is found no more, and the rest is`() throws {
    let town = try Town()
    try town.tell("user_id:u1 phone:+79161234567", [("name", "Анна Петрова")], from: "prover")
    try town.tell("user_id:u2", [("name", "Анна Иванова")])
    try town.store.database.write { session in
      var writer = JSONWriter()
      try writer.object { try SearchFold().export(of: [2, 1], to: &$0, in: session) }
      #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"search":{"words":["анна","петрова"],"orders":[]}}"#)
      try SearchFold().erase([1, 2], in: session)
    }
    let left = try town.store.database.read { session in
      var texts: [String] = []
      for table in ["search_posting", "search_token", "search_variant", "search_part"] {
        try session.forEachRow(ofText: "SELECT * FROM \(table)", []) { row in
          texts.append(row.text(0))
          return true
        }
      }
      return texts
    }
    #expect(try names(town, "анна") == ["Анна Иванова exact name=Анна Иванова"])
    #expect(!left.contains { $0.contains("петров") || $0.contains("petrov") || $0.contains("916") })
  }
}
