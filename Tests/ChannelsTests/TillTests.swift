import Base
import Customers
import TestKit
import Testing

@testable import Channels

private let received = Instant(milliseconds: 1_767_400_000_000)

/// A receipt of two lines that adds up; `changes` replaces members, nil takes one away.
private func receipt(_ changes: [String: String?] = [:]) -> String {
  var members: [(String, String?)] = [
    ("store_id", #""m-1""#), ("register_id", #""2""#), ("shift_no", "118"), ("receipt_no", "45"),
    ("operator", #""Olga""#), ("kind", #""sale""#), ("issued_at", #""2026-01-02T15:04:05+03:00""#),
    ("currency", #""RUB""#),
    (
      "lines",
      #"[{"line":1,"gtin":"4601234567893","sku":"mug","name":"Mug","qty":"2","unit_price_minor":45000,"discount_minor":1000,"total_minor":89000},{"line":2,"sku":"cheese","qty":"0.335","uom":"kg","unit_price_minor":100000,"total_minor":33500}]"#
    ),
    ("tenders", #"[{"kind":"card","amount_minor":122500}]"#), ("totals", #"{"total_minor":122500}"#),
    ("loyalty_card", #""77000123""#),
  ]
  for (name, value) in changes {
    members.removeAll { $0.0 == name }
    members.append((name, value))
  }
  return "{" + members.compactMap { name, value in value.map { #""\#(name)":\#($0)"# } }.joined(separator: ",") + "}"
}

private func receive(_ text: String, country: String? = nil) throws -> Reception {
  try TillChannel().receive(Delivery(body: Array(text.utf8), receivedAt: received, country: country))
}

private func event(_ changes: [String: String?] = [:], country: String? = nil) throws -> Event {
  let item = try receive(receipt(changes), country: country).items[0]
  return try #require(item.event, "\(item.faults)")
}

private func properties(_ event: Event) throws -> JSON {
  try #require(try JSONDocument(event.body).root["properties"])
}

private func text(_ json: JSON?) -> String { json.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "-" }

private func defects(_ changes: [String: String?]) throws -> [String] {
  let event = try event(changes)
  return try properties(event)["defects"]?.elements.compactMap { $0["pointer"]?.string } ?? []
}

@Test func `a till is a channel like any other`() throws {
  let refund = receipt(["kind": #""refund""#, "receipt_no": "46", "original_receipt": #"{"receipt_no":45}"#])
  let nobody = receipt(["receipt_no": "47", "loyalty_card": nil, "phone": #""8 916 123-45-67""#, "offline": "true"])
  try ChannelConformance.check(TillChannel(), #"{"receipts":[\#(receipt()),\#(refund),\#(nobody)]}"#)
}

// MARK: What a receipt becomes

@Test func `a receipt is an order, with decimals for Segment and the till's own amounts beside them`() throws {
  let event = try event()
  #expect(event.kind == .track && event.name == "Order Completed" && event.messageID == "receipt:m-1/2/118/45")
  #expect(event.at.text == "2026-01-02T12:04:05.000Z" && event.originalAt == event.at && event.receivedAt == received)
  #expect(who(event) == ["card:77000123"] && event.mentions.allSatisfy { !$0.isProved })
  let properties = try properties(event)
  #expect(
    ["order_id", "affiliation", "total", "currency", "defects", "operator", "shift_no", "lines"].map {
      text(properties.member($0))
    } == [#""m-1/2/118/45""#, #""m-1""#, "1225.00", #""RUB""#, "-", #""Olga""#, "118", "-"])
  #expect(
    text(properties["products"])
      == #"[{"sku":"mug","product_id":"mug","price":450.00,"quantity":2,"total":890.00,"discount":10.00,"line":1,"gtin":"4601234567893","name":"Mug","qty":"2","unit_price_minor":45000,"discount_minor":1000,"total_minor":89000},{"sku":"cheese","product_id":"cheese","price":1000.00,"quantity":0.335,"total":335.00,"line":2,"qty":"0.335","uom":"kg","unit_price_minor":100000,"total_minor":33500}]"#
  )
}

@Test(arguments: [
  (#""sale""#, nil, "Order Completed", "m-1/2/118/45"),
  (#""refund""#, #"{"shift_no":117,"receipt_no":9}"#, "Order Refunded", "m-1/2/117/9"),
  (#""refund""#, #"{"store_id":"k-1","receipt_no":"9"}"#, "Order Refunded", "k-1/2/118/9"),
  (#""refund""#, #""W-17""#, "Order Refunded", "W-17"), (#""refund""#, nil, "Order Refunded", "m-1/2/118/45"),
  (#""void""#, #"{"receipt_no":44}"#, "Order Cancelled", "m-1/2/118/44"),
])
func `what is taken back or cancelled is the order of the first receipt`(
  kind: String, original: String?, name: String, order: String
) throws {
  let event = try event(["kind": kind, "original_receipt": original])
  #expect(event.name == name && event.messageID == "receipt:m-1/2/118/45")
  #expect(try properties(event)["order_id"]?.string == order)
}

@Test func `a void needs no lines`() throws {
  let event = try event(["kind": #""void""#, "lines": nil, "totals": nil, "tenders": nil])
  #expect(try text(properties(event)["products"]) == "[]" && text(properties(event)["total"]) == "0.00")
}

@Test func `no two receipts have one id, however their names are spelled`() throws {
  let names = [("a/b", "c"), ("a", "b/c"), ("a%2Fb", "c"), ("a b", "c")]
  let ids = try names.map { try event(["store_id": "\"\($0.0)\"", "register_id": "\"\($0.1)\""]).messageID }
  #expect(Set(ids).count == 4)
  let long = String(repeating: "x", count: TillChannel.longestName)
  let id = try event(["store_id": "\"\(long)\"", "register_id": "\"\(long)\""]).messageID
  #expect(id.utf8.count == 72 && id.hasPrefix("receipt:"))
}

@Test(arguments: [
  (#""79160000001""#, #""8 916 123-45-67""#, "RU", ["card:79160000001", "phone:+79161234567"]),
  (nil, #""8 916 123-45-67""#, "RU", ["phone:+79161234567"]),
  (nil, #""8 916 123-45-67""#, nil, ["anonymous_id:receipt:m-1/2/118/45"]),
  (nil, nil, nil, ["anonymous_id:receipt:m-1/2/118/45"]), (#""0000""#, nil, nil, ["anonymous_id:receipt:m-1/2/118/45"]),
  ("77000123", nil, nil, ["card:77000123"]),
])
func `a receipt is its customer's, else it stands at a place of its own`(
  card: String?, phone: String?, country: String?, names: [String]
) throws {
  #expect(try who(event(["loyalty_card": card, "phone": phone], country: country)) == names)
}

@Test func `how it was sent is no part of what it says`() throws {
  let body = try JSONDocument(event(["offline": "true", "seq": "7"]).body).root
  #expect(text(body["_metadata"]) == #"{"offline":true}"# && body["properties"]?["offline"] == nil)
  #expect(body["properties"]?["seq"]?.integer == 7)
}

@Test(arguments: [
  ("RUB", "122500", "1225.00"), ("rub", "-5", "-0.05"), ("JPY", "122500", "122500"), ("KWD", "122500", "122.500"),
  ("CLF", "1", "0.0001"), ("XYZ", "0", "0.00"), ("RUB", "1000000000000000", "10000000000000.00"),
])
func `money is what its currency's minor unit stands for`(currency: String, total: String, decimal: String) throws {
  let event = try event(["currency": "\"\(currency)\"", "totals": #"{"total_minor":\#(total)}"#])
  #expect(try text(properties(event)["total"]) == decimal)
  #expect(try text(properties(event)["totals"]) == #"{"total_minor":\#(total)}"#)
}

// MARK: Defects

@Test(
  arguments: [
    (["totals": #"{"total_minor":122501}"#], ["/totals/total_minor", "/tenders"]),
    (["tenders": #"[{"kind":"card","amount_minor":122400}]"#], ["/tenders"]),
    (["tenders": #"[{"kind":"card","amount_minor":130000}]"#], ["/tenders"]),
    (["tenders": #"[{"kind":"cash","amount_minor":130000}]"#], []),
    (
      [
        "tenders": #"[{"kind":"cash","amount_minor":130000}]"#,
        "totals": #"{"total_minor":122500,"change_minor":7500}"#,
      ],
      []
    ),
    (
      [
        "tenders": #"[{"kind":"cash","amount_minor":130000}]"#,
        "totals": #"{"total_minor":122500,"change_minor":7400}"#,
      ],
      ["/tenders"]
    ),
    (["discounts": #"[{"amount_minor":500}]"#], ["/totals/total_minor"]),
    (["discounts": #"[{"amount_minor":500},{"code":"X"}]"#, "totals": #"{"total_minor":122000}"#], ["/tenders"]),
    (
      ["lines": #"[{"sku":"a","qty":"1","unit_price_minor":5,"total_minor":6}]"#],
      ["/lines/0/total_minor", "/totals/total_minor"]
    ),
    (["lines": #"[{"gtin":"4601234567894","qty":"1","total_minor":122500}]"#], ["/lines/0/gtin"]),
    (["lines": #"[{"gtin":"12345","qty":"1","total_minor":122500}]"#], ["/lines/0/gtin"]),
    (["lines": #"[{"gtin":14601234567890,"qty":"1","total_minor":122500}]"#], []),
    (["totals": nil, "tenders": nil], []),
    (["loyalty_card": #""4276 1234 5678 9010""#], []),
    (["loyalty_card": #""4111 1111 1111 1111""#], ["/loyalty_card"]),
  ] as [([String: String?], [String])])
func `what does not add up is taken and noted`(changes: [String: String?], pointers: [String]) throws {
  #expect(try defects(changes) == pointers)
}

@Test func `a receipt says the same whenever it comes, also from a clock that is ahead`() throws {
  let changes = ["issued_at": #""2027-01-01T00:00:00Z""#] as [String: String?]
  let early = try event(changes)
  let late = try TillChannel().receive(
    Delivery(body: Array(receipt(changes).utf8), receivedAt: received + .seconds(90_000_000), country: "RU"))
  #expect(early.body == late.items[0].event?.body && early.at == received && early.originalAt != early.at)
}

// MARK: Payment cards

@Test func `numbers of payment cards are kept nowhere`() throws {
  let changes: [String: String?] = [
    "loyalty_card": #""4111-1111-1111-1111""#,
    "tenders":
      #"[{"kind":"card","amount_minor":122500,"masked_pan":"427612******1234","auth_code":"004512","track":";5555555555554444=2512","note":{"n":[4111111111111111,"4601234567893"]}}]"#,
  ]
  let event = try event(changes)
  let told = String(decoding: event.body, as: UTF8.self)
  #expect(who(event) == ["anonymous_id:receipt:m-1/2/118/45"])
  for hidden in ["4111", "5555", "427612", "1111-"] { #expect(!told.contains(hidden), "\(hidden)") }
  #expect(
    try text(properties(event)["tenders"])
      == #"[{"kind":"card","amount_minor":122500,"masked_pan":"************1234","auth_code":"004512","track":";************4444=2512","note":{"n":["************1111","4601234567893"]}}]"#
  )
  #expect(try properties(event)["loyalty_card"]?.string == "****-****-****-1111")
  // Nor of what is refused, item by item or as a whole.
  let refused = try receive(receipt(changes.merging(["kind": #""gift""#]) { $1 })).items[0]
  #expect(!String(decoding: refused.keptBody ?? [], as: UTF8.self).contains("4111"))
  #expect(
    String(decoding: TillChannel().redacted(Array("{ pan 4111 1111 1111 1111".utf8)), as: UTF8.self)
      == "{ pan **** **** **** 1111")
}

@Test func `a payment card is masked wherever it stands, and numbers of goods are not`() throws {
  let changes: [String: String?] = [
    "pan": #""4111111111111111""#, "operator": #""4111 1111 1111 1111 123""#,
    "payment": #"{"card_number":"4111111111111111","note":"9 4111111111111111 1227"}"#,
    "discounts": #"[{"card":4111111111111111}]"#,
    "lines":
      #"[{"line":1,"gtin":"4601230000011","sku":"mug","name":"4111-1111-1111-1111","qty":"1","unit_price_minor":122500,"total_minor":122500}]"#,
  ]
  let told = String(decoding: try event(changes).body, as: UTF8.self)
  #expect(!told.contains("411111") && !told.contains("1111 1111") && !told.contains("1111-1111"), "\(told)")
  // Its last digit is right for a card of 13 digits too.
  #expect(told.contains(#""gtin":"4601230000011""#))
}

// MARK: Faults

@Test func `of a receipt without end the first twenty faults are told`() throws {
  let lines = Array(repeating: "{}", count: TillChannel.mostLines).joined(separator: ",")
  let item = try receive(receipt(["lines": "[\(lines)]"])).items[0]
  #expect(item.faults.count == TillChannel.mostFaults)
}

@Test(
  arguments: [
    (["store_id": nil], ["/store_id"]), (["shift_no": #""""#], ["/shift_no"]), (["receipt_no": "[]"], ["/receipt_no"]),
    (["register_id": "\"\(String(repeating: "x", count: 65))\""], ["/register_id"]), (["kind": #""gift""#], ["/kind"]),
    (["kind": nil, "currency": nil], ["/kind", "/currency"]), (["currency": #""RUBL""#], ["/currency"]),
    (["currency": "643"], ["/currency"]), (["issued_at": #""2026-01-02T15:04:05""#], ["/issued_at"]),
    (["issued_at": #""2026-01-02""#], ["/issued_at"]), (["issued_at": "1767323045"], ["/issued_at"]),
    (["lines": nil], ["/lines"]), (["lines": "{}"], ["/lines"]), (["lines": "[5]"], ["/lines/0"]),
    (["lines": #"[{"qty":"1","total_minor":5}]"#], ["/lines/0"]),
    (["lines": #"[{"sku":"a","qty":"x","total_minor":5}]"#], ["/lines/0/qty"]),
    (["lines": #"[{"sku":"a","total_minor":5.5}]"#], ["/lines/0/qty", "/lines/0/total_minor"]),
    (["lines": #"[{"sku":["a"],"qty":"1"}]"#], ["/lines/0/sku", "/lines/0", "/lines/0/total_minor"]),
    (["totals": #"{"total_minor":1000000000000001}"#], ["/totals/total_minor"]),
    (["totals": #"{"total_minor":-9223372036854775808}"#], ["/totals/total_minor"]), (["totals": "5"], ["/totals"]),
    (["tenders": #"[{"kind":"card"}]"#], ["/tenders/0/amount_minor"]), (["tenders": #""cash""#], ["/tenders"]),
    (["tenders": #"["cash"]"#], ["/tenders/0/amount_minor"]),
    (["discounts": #"[{"amount_minor":"5"}]"#], ["/discounts/0/amount_minor"]),
    (["offline": "1", "seq": "-1"], ["/offline", "/seq"]), (["seq": "1.5"], ["/seq"]),
    (["original_receipt": "{}", "kind": #""refund""#], ["/original_receipt/receipt_no"]),
    (["original_receipt": "[1]"], ["/original_receipt"]), (["phone": "{}"], ["/phone"]),
  ] as [([String: String?], [String])])
func `a receipt that nobody can read is refused with every field at fault`(
  changes: [String: String?], pointers: [String]
) throws {
  let item = try receive(receipt(changes)).items[0]
  #expect(item.event == nil && item.faults.map { $0.pointer } == pointers)
}

@Test func `a delivery is one receipt or a list, and a bad one takes no good one with it`() throws {
  #expect(try receive(receipt()).list == nil)
  for (text, place) in [("[\(receipt()),5,{}]", ""), (#"{"receipts":[\#(receipt()),5,{}]}"#, "/receipts")] {
    let reception = try receive(text)
    #expect(reception.list == place && reception.items.map { $0.event != nil } == [true, false, false])
  }
  for text in ["5", #""x""#, "[]", #"{"receipts":[]}"#, #"{"receipts":{}}"#] {
    #expect(throws: Failure.self, "\(text)") { try receive(text) }
  }
  #expect(throws: JSONFailure.self) { try receive("{") }
}

@Test func `a delivery, a receipt and its lines have limits`() throws {
  func list(_ count: Int) -> String { "[" + [String](repeating: "{}", count: count).joined(separator: ",") + "]" }
  #expect(try receive(list(TillChannel.mostReceipts)).items.count == TillChannel.mostReceipts)
  #expect { try receive(list(TillChannel.mostReceipts + 1)) } throws: { ($0 as? Failure)?.code == .tooLarge }
  func lines(_ count: Int) -> String {
    "[" + [String](repeating: #"{"sku":"a","qty":"1","total_minor":1}"#, count: count).joined(separator: ",") + "]"
  }
  #expect(try receive(receipt(["lines": lines(1000)])).items[0].event != nil)
  #expect(try receive(receipt(["lines": lines(1001)])).items[0].faults.map { $0.pointer } == ["/lines"])
  let room = TillChannel.longestReceipt - receipt(["note": #""""#]).utf8.count
  for (count, isTaken) in [(room, true), (room + 1, false)] {
    let text = receipt(["note": "\"\(String(repeating: "x", count: count))\""])
    #expect(try (receive(text).items[0].event != nil) == isTaken)
  }
}

@Test func `every kind of source has its adapter`() {
  for kind in Source.Kind.allCases { #expect(kind.rawValue == "till" && kind.channel is TillChannel) }
}
