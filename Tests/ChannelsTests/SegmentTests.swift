import Base
import Channels
import Customers
import TestKit
import Testing

// MARK: Recorded requests

/// segment-analytics-python 2.4.0: all six calls in one batch.
private let segmentPython = #"""
  {"batch":[
  {"integrations":{},"anonymousId":null,"timestamp":"2026-11-22T03:39:19.975+00:00","context":{"library":{"name":"analytics-python","version":"2.4.0"}},"type":"identify","userId":"u-17","traits":{"email":"ann@example.test","phone":"+12015550200"},"messageId":"ee0f703a-1"},
  {"integrations":{},"anonymousId":"an-1","properties":{"cart_id":"c1","product_id":"p1","price":19.5,"quantity":1},"timestamp":"2026-01-02T03:04:05.000+00:00","context":{"library":{"name":"analytics-python","version":"2.4.0"}},"userId":"u-17","type":"track","event":"Product Added","messageId":"ee0f703a-2"},
  {"integrations":{},"anonymousId":null,"properties":{"url":"https://shop.test/"},"timestamp":"2026-11-22T03:39:19.975+00:00","context":{},"category":"Shop","type":"page","name":"Home","userId":"u-17","messageId":"ee0f703a-3"},
  {"integrations":{},"anonymousId":null,"properties":{},"timestamp":"2026-11-22T03:39:19.975+00:00","context":{},"category":"app","type":"screen","name":"Cart","userId":"u-17","messageId":"ee0f703a-4"},
  {"integrations":{},"anonymousId":null,"groupId":"g1","traits":{"name":"G"},"timestamp":"2026-11-22T03:39:19.975+00:00","context":{},"type":"group","userId":"u-17","messageId":"ee0f703a-5"},
  {"integrations":{},"previousId":"an-1","timestamp":"2026-11-22T03:39:19.975+00:00","context":{},"userId":"u-17","type":"alias","anonymousId":null,"messageId":"ee0f703a-6"}],
  "sentAt":"2026-11-22T03:39:20.476340+00:00","writeKey":"WK_TEST"}
  """#

@Test func `Segment's Python SDK is understood as it was recorded`() throws {
  let received = try #require(Instant("2026-11-22T03:39:20.500Z"))
  let items = try SegmentCall.batch.items(
    of: JSONDocument(Array(segmentPython.utf8)).root, receivedAt: received, tokens: tokens)
  let events = items.compactMap { $0.event }
  #expect(items.map { $0.faults }.flatMap { $0 } == [])
  #expect(
    events.map { "\($0.kind.rawValue) \($0.name ?? "-") \(who($0).joined(separator: " "))" } == [
      "identify - user_id:u-17 email:ann@example.test phone:+12015550200",
      "track Product Added user_id:u-17 anonymous_id:an-1",
      "page Home user_id:u-17", "screen Cart user_id:u-17", "group - user_id:u-17",
      "alias - user_id:u-17 anonymous_id:an-1",
    ])
  #expect(events.map { $0.messageID } == (1...6).map { "ee0f703a-\($0)" })
  #expect(events.map { traits($0) } == [[#"email="ann@example.test""#, #"phone="+12015550200""#], [], [], [], [], []])
  // The sender's clock was 24 ms behind when it sent.
  #expect(events[0].at.text == "2026-11-22T03:39:19.999Z" && events[1].at.text == "2026-01-02T03:04:05.024Z")
  #expect(
    events[1].originalAt?.text == "2026-01-02T03:04:05.000Z" && events[1].sentAt?.text == "2026-11-22T03:39:20.476Z")
  #expect(
    events.allSatisfy { $0.envelope == nil && $0.receivedAt == received && $0.mentions.allSatisfy { !$0.isProved } })
}

@Test func `RudderStack's Python SDK is understood as it was recorded, with its traits in the context`() throws {
  let text =
    #"{"batch":[{"integrations":{"All":true},"anonymousId":null,"timestamp":"2026-11-22T03:39:22.408830+00:00","context":{"traits":{"email":"bob@example.test"},"library":{"name":"rudder"}},"type":"identify","userId":"u-9","messageId":"9a70","channel":"server"}],"sentAt":"2026-11-22T03:39:22.500000+00:00"}"#
  let event = try #require(try read(text)[0].event)
  #expect(who(event) == ["user_id:u-9", "email:bob@example.test"])
  #expect(traits(event) == [#"email="bob@example.test""#])
}

@Test func `a browser's event carries its key and its clock in the body`() throws {
  let text =
    #"{"type":"track","event":"Product Viewed","anonymousId":"an-1","properties":{},"messageId":"ajs-next-1","writeKey":"WK","sentAt":"2026-01-02T03:04:00Z","timestamp":"2026-01-02T03:03:59Z","_metadata":{"retryCount":1}}"#
  let event = try event(text)
  #expect(event.at.text == "2026-01-02T03:04:04.000Z")
  #expect(String(decoding: event.body, as: UTF8.self) == text.replacing(#""writeKey":"WK","#, with: ""))
}

// MARK: Fields

@Test(arguments: [
  (#""userId":"u1""#, ["user_id:u1"]), (#""userId":" u1 ","anonymousId":null"#, ["user_id:u1"]),
  (#""userId":17"#, ["user_id:17"]), (#""userId":1.50"#, ["user_id:1.50"]),
  (#""userId":"","anonymousId":"a""#, ["anonymous_id:a"]),
  (#""userId":"  ","anonymousId":8"#, ["anonymous_id:8"]),
  (#""userId":"u","anonymousId":"a""#, ["user_id:u", "anonymous_id:a"]),
  (#""userId":"u","previousId":"p""#, ["user_id:u"]), (#""userId":"u","context":null"#, ["user_id:u"]),
  (#""userId":"u","context":{"device":{"id":"d1"}}"#, ["user_id:u", "device:d1"]),
  (#""userId":"u","context":{"device":{"id":1}}"#, ["user_id:u"]),
  (#""userId":"u","context":{"device":"d1"}"#, ["user_id:u"]),
  (
    #""userId":"u","context":{"externalIds":[{"type":"card","id":"4000 1234"},{"type":"email","id":"A@b.test"},{"type":"card","id":40001234}]}"#,
    ["user_id:u", "card:40001234", "email:a@b.test"]
  ),
  (
    #""userId":"u","context":{"externalIds":[{"type":"anonymous_id","id":"x"},{"type":"payment_card","id":"x"},{"type":"email","id":"x"},{"id":"x"},5,null]}"#,
    ["user_id:u"]
  ),
  (#""userId":"u","context":{"externalIds":{"type":"card","id":"1"}}"#, ["user_id:u"]),
  // Only an identify says whose an address is.
  (#""userId":"u","traits":{"email":"a@b.test"}"#, ["user_id:u"]),
  (#""userId":"\#(String(repeating: "x", count: 256))""#, ["user_id:\(String(repeating: "x", count: 256))"]),
])
func `an event names its person`(fields: String, expected: [String]) throws {
  #expect(who(try event(#"{"event":"e",\#(fields)}"#)) == expected)
}

@Test(arguments: [
  (#""traits":{"email":"A@b.test","phone":"+1 201 555 0200"}"#, ["email:a@b.test", "phone:+12015550200"]),
  (
    #""context":{"traits":{"email":"old@b.test","phone":"+12015550200"}},"traits":{"email":"new@b.test"}"#,
    ["email:new@b.test", "phone:+12015550200"]
  ),
  (#""context":{"traits":{"email":"old@b.test"}},"traits":{"email":null}"#, []),
  (#""traits":{"email":"none","phone":"12"}"#, []), (#""traits":{"email":5,"phone":12015550200}"#, []),
  (#""traits":null"#, []),
])
func `an identify names its person by address and number too`(fields: String, expected: [String]) throws {
  #expect(who(try event(#"{"userId":"u",\#(fields)}"#, .identify)) == ["user_id:u"] + expected)
}

@Test(arguments: [
  (
    #""traits":{"a":1,"b":null,"c":{"d":[true]},"price":100.10}"#,
    ["a=1", "b=null", #"c={"d":[true]}"#, "price=100.10"]
  ),
  (#""context":{"traits":{"a":1,"b":2}},"traits":{"b":3,"c":4}"#, ["a=1", "b=3", "c=4"]),
  (
    #""traits":{"first_name":"Ann","last_name":"Lee","created_at":"2020","other_name":"x"}"#,
    [#"firstName="Ann""#, #"lastName="Lee""#, #"createdAt="2020""#, #"other_name="x""#]
  ),
  (#""context":{"traits":{"firstName":"A"}},"traits":{"first_name":"B"}"#, [#"firstName="B""#]),
  (#""traits":{"first_name":"A","firstName":"B"}"#, [#"firstName="B""#]), (#""traits":{}"#, []),
  (#""context":{"traits":null}"#, []),
])
func `traits come from the context and from the event, which wins`(fields: String, expected: [String]) throws {
  #expect(traits(try event(#"{"userId":"u",\#(fields)}"#, .identify)) == expected)
}

@Test(
  arguments: [
    (.track, #""event":" Order Completed ""#, "Order Completed"), (.track, #""event":5"#, "5"),
    (.page, #""name":"Home","category":"Shop""#, "Home"),
    (.page, #""category":"Shop""#, "Shop"), (.page, #""name":null"#, nil), (.screen, #""name":"Cart""#, "Cart"),
    (.identify, #""name":"x""#, nil), (.group, #""groupId":"g1","name":"x""#, nil), (.alias, #""previousId":"p""#, nil),
  ] as [(Event.Kind, String, String?)])
func `an event has its name`(kind: Event.Kind, fields: String, name: String?) throws {
  #expect(try event(#"{"userId":"u",\#(fields)}"#, kind).name == name)
}

@Test(
  arguments: [
    (.track, #"{"event":"e"}"#, [""]), (.track, #"{"event":"e","userId":"","anonymousId":" "}"#, [""]),
    (.track, #"{"event":"e","userId":null,"anonymousId":null}"#, [""]),
    (.track, #"{"event":"e","userId":{}}"#, ["/userId"]),
    (.track, #"{"event":"e","userId":true,"anonymousId":[]}"#, ["/userId", "/anonymousId"]),
    (.track, #"{"event":"e","userId":"a\u0000b"}"#, ["/userId"]),
    (.track, #"{"event":"e","userId":"a\nb"}"#, ["/userId"]),
    (.track, #"{"event":"e","userId":"\#(String(repeating: "x", count: 257))"}"#, ["/userId"]),
    (.track, #"{"userId":"u"}"#, ["/event"]), (.track, #"{"userId":"u","event":""}"#, ["/event"]),
    (.track, #"{"userId":"u","event":{}}"#, ["/event"]),
    (.track, #"{"userId":"u","event":"a\u0000b"}"#, ["/event"]),
    (.group, #"{"userId":"u"}"#, ["/groupId"]), (.alias, #"{"userId":"u"}"#, ["/previousId"]),
    (.alias, #"{"userId":"u","previousId":{}}"#, ["/previousId"]),
    (.track, #"{"userId":"u","event":"e","timestamp":"yesterday"}"#, ["/timestamp"]),
    (.track, #"{"userId":"u","event":"e","timestamp":1700000000}"#, ["/timestamp"]),
    (.track, #"{"userId":"u","event":"e","sentAt":{}}"#, ["/sentAt"]),
    (
      .track, #"{"userId":"u","event":"e","properties":[],"context":"x","integrations":1}"#,
      ["/context", "/properties", "/integrations"]
    ),
    (.identify, #"{"userId":"u","traits":[],"context":{"traits":5}}"#, ["/context/traits", "/traits"]),
    (.identify, #"{"userId":"u","traits":{"a\u0000":1}}"#, ["/traits"]),
    (.track, #"{"userId":"u","event":"e","messageId":{}}"#, ["/messageId"]),
    (.track, #"{"userId":"u","event":"e","messageId":"a\u0001"}"#, ["/messageId"]),
    (.track, #"{"userId":"u","event":"e","messageId":"\#(String(repeating: "é", count: 101))"}"#, ["/messageId"]),
    // A hundred and one characters that look like one.
    (
      .track, #"{"userId":"u","event":"e","messageId":"a\#(String(repeating: "\u{301}", count: 100))"}"#, ["/messageId"]
    ),
    (.track, #"{"messageId":[],"timestamp":"x"}"#, ["/messageId", "/event", "", "/timestamp"]),
  ] as [(Event.Kind, String, [String])])
func `what is wrong is told all at once, by its place`(kind: Event.Kind, text: String, pointers: [String]) throws {
  let item = try read(text, .single(kind))[0]
  #expect(item.faults.map { $0.pointer } == pointers)
  #expect(item.keptBody == Array(text.utf8))
}

@Test(arguments: [
  (#""m""#, "m"), (#"" m ""#, "m"), ("17", "17"),
  (#""\#(String(repeating: "é", count: 100))""#, String(repeating: "é", count: 100)),
])
func `a message keeps its id`(id: String, expected: String) throws {
  #expect(try event(#"{"userId":"u","event":"e","messageId":\#(id)}"#).messageID == expected)
}

@Test(arguments: ["", #","messageId":null"#, #","messageId":"  ""#])
func `a message without an id is given one, another each time`(field: String) throws {
  let ids = try (1...2).map { _ in try event(#"{"userId":"u","event":"e"\#(field)}"#).messageID }
  #expect(ids.allSatisfy { $0.hasPrefix("msg_") } && ids[0] != ids[1])
}

@Test(
  arguments: [
    ("identify", .identify), ("track", .track), ("page", .page), ("screen", .screen), ("group", .group),
    ("alias", .alias), ("document", nil),
    ("Track", nil), ("", nil),
  ] as [(String, Event.Kind?)])
func `in a batch each event names its kind, and no document comes in that way`(type: String, kind: Event.Kind?) throws {
  let fields = #""userId":"u","event":"e","groupId":"g","previousId":"p""#
  let item = try read(#"{"batch":[{"type":"\#(type)",\#(fields)}]}"#)[0]
  #expect(item.event?.kind == kind)
  #expect(item.faults.map { $0.pointer } == (kind == nil ? ["/type"] : []))
  // Alone, the path says it.
  #expect(try event(#"{"type":"\#(type)",\#(fields)}"#, .page).kind == .page)
}

// MARK: Batches

@Test(arguments: ["{}", #"{"batch":null}"#, #"{"batch":{}}"#, #"{"batch":[]}"#, "[]", "5"])
func `a call that is none is refused as a whole`(text: String) {
  let failure = #expect(throws: Failure.self) { _ = try read(text) }
  #expect(failure?.code == .invalid)
}

@Test func `a bad event takes no good one with it`() throws {
  let good = #"{"type":"track","event":"e","userId":"u","messageId":"good"}"#
  let items = try read(#"{"batch":[\#(good),5,{"type":"track","messageId":"bad"},null,[],"x",\#(good)]}"#)
  #expect(items.map { $0.event?.messageID } == ["good", nil, nil, nil, nil, nil, "good"])
  #expect(
    items.map { $0.keptBody.map { String(decoding: $0, as: UTF8.self) } }[1...5] == [
      "5", #"{"type":"track","messageId":"bad"}"#, "null", "[]", #""x""#,
    ])
  guard case .refused(let id, _, _) = items[2] else { return }
  #expect(id == "bad")
}

@Test func `the key is never kept`() throws {
  let item = #"{"type":"track","writeKey":"secret","event":"e","userId":"u"}"#
  let text =
    #"{"writeKey":"secret","context":{"ip":"x"},"batch":[\#(item),{"write\u004bey":"secret"}],"integrations":{"All":false}}"#
  let items = try read(text)
  let kept = items.flatMap { ($0.event?.body ?? []) + ($0.event?.envelope ?? []) + ($0.keptBody ?? []) }
  #expect(!String(decoding: kept, as: UTF8.self).contains("secret"))
  #expect(
    items[0].event.map { String(decoding: $0.body, as: UTF8.self) } == #"{"type":"track","event":"e","userId":"u"}"#)
  #expect(
    items[0].event?.envelope.map { String(decoding: $0, as: UTF8.self) }
      == #"{"context":{"ip":"x"},"integrations":{"All":false}}"#)
}

@Test func `what a batch says of all holds for each, unless it says otherwise itself`() throws {
  let text = #"""
    {"context":{"device":{"id":"d1"},"traits":{"email":"all@b.test","city":"Riga"},"externalIds":[{"type":"card","id":"C1"}]},
    "batch":[{"type":"identify","userId":"u1"},
    {"type":"identify","userId":"u2","context":{"device":{"id":"d2"},"traits":{"email":"own@b.test"},"externalIds":[]}}]}
    """#
  let events = try read(text).compactMap { $0.event }
  #expect(
    events.map { who($0) } == [
      ["user_id:u1", "email:all@b.test", "device:d1", "card:C1"], ["user_id:u2", "email:own@b.test", "device:d2"],
    ])
  #expect(events.map { traits($0).count } == [2, 1])
}

/// A track call of exactly that many bytes.
private func padded(_ bytes: Int, key: String = "") -> String {
  let (head, tail) = (#"{"type":"track","event":"e","userId":"u","properties":{"x":""#, #""}}"#)
  return head.replacing("{\"type\"", with: "{\(key)\"type\"")
    + String(repeating: "x", count: bytes - head.utf8.count - tail.utf8.count) + tail
}

@Test func `an event has at most 32 KiB, less its key`() throws {
  let limit = SegmentCall.longestEvent
  #expect(limit == 32_768)
  let items = try read(
    #"{"batch":[\#(padded(limit)),\#(padded(limit + 1)),\#(padded(limit, key: #""writeKey":"WK","#))]}"#)
  #expect(items.map { $0.event?.body.count } == [limit, nil, limit])
  #expect(items[1].faults.map { $0.pointer } == [""] && items[1].keptBody == [])
  #expect(try event(padded(limit)).body.count == limit)
  #expect(try read(padded(limit + 1), .single(.track))[0].event == nil)
}

@Test func `what is too long is not kept, whatever it is`() throws {
  let long = String(repeating: "x", count: SegmentCall.longestEvent)
  let items = try read(#"{"batch":["\#(long)",["\#(long)"],"\#(long.dropLast(2))"]}"#)
  #expect(items.map { $0.keptBody?.count } == [0, 0, SegmentCall.longestEvent])
}

@Test func `a batch has at most 2,500 events`() throws {
  func batch(_ count: Int) -> String { #"{"batch":[\#(Array(repeating: "1", count: count).joined(separator: ","))]}"# }
  #expect(try read(batch(2500)).count == 2500)
  let failure = #expect(throws: Failure.self) { _ = try read(batch(2501)) }
  #expect(failure?.code == .tooLarge && failure?.faults.map { $0.pointer } == ["/batch"])
}

@Test(arguments: [
  // How long the batch's context is as it is kept, with how many events.
  (SegmentCall.longestEnvelope, 1, true), (SegmentCall.longestEnvelope + 1, 1, false),
  (SegmentCall.longestEnvelope, 128, true),
  (SegmentCall.longestEnvelope, 129, false), (1677, 2500, true), (1678, 2500, false),
])
func `what a batch says of all is bounded by what is kept of it`(bytes: Int, events: Int, isTaken: Bool) throws {
  let (head, tail) = (#"{"context":{"x":""#, #""}}"#)
  let context = String(repeating: "x", count: bytes - head.utf8.count - tail.utf8.count)
  let list = Array(repeating: #"{"type":"page","userId":"u"}"#, count: events).joined(separator: ",")
  let text = #"{"context":{"x":"\#(context)"},"batch":[\#(list)]}"#
  if isTaken {
    #expect(try read(text).map { $0.event?.envelope?.count } == Array(repeating: bytes, count: events))
  } else {
    let failure = #expect(throws: Failure.self) { _ = try read(text) }
    #expect(failure?.code == .tooLarge && failure?.faults.map { $0.pointer } == ["/context"])
  }
}

@Test(arguments: [(20, true), (21, false)])
func `an event names at most 20 ids beside its own`(count: Int, isTaken: Bool) throws {
  let ids = (0..<count).map { #"{"type":"device","id":"d\#($0)"}"# }.joined(separator: ",")
  let item = try read(#"{"userId":"u","context":{"externalIds":[\#(ids)]}}"#, .single(.page))[0]
  #expect((item.event != nil) == isTaken)
  #expect(item.faults.map { $0.pointer } == (isTaken ? [] : ["/context/externalIds"]))
}

// MARK: Times

@Test(
  arguments: [
    // When it happened, when it was sent, when it was received, whether it is an import, when it happened then.
    ("2026-01-02T10:00:00Z", "2026-01-02T10:00:05Z", "2026-01-02T09:50:06Z", false, "2026-01-02T09:50:01.000Z"),
    ("2026-01-02T10:00:00Z", nil, "2026-01-02T11:00:00Z", false, "2026-01-02T10:00:00.000Z"),
    ("2026-01-02T10:00:00Z", nil, "2026-01-02T09:00:00Z", false, "2026-01-02T09:00:00.000Z"),
    (nil, "2026-01-02T10:00:00Z", "2026-01-02T11:00:00Z", false, "2026-01-02T10:00:00.000Z"),
    (nil, "2026-01-02T12:00:00Z", "2026-01-02T11:00:00Z", false, "2026-01-02T11:00:00.000Z"),
    (nil, nil, "2026-01-02T11:00:00Z", false, "2026-01-02T11:00:00.000Z"),
    ("2026-01-02T10:00:05Z", "2026-01-02T10:00:00Z", "2026-01-02T10:00:00Z", false, "2026-01-02T10:00:00.000Z"),
    ("1900-01-01", nil, "2026-01-02T11:00:00Z", false, "1900-01-01T00:00:00.000Z"),
    ("1900-01-01", "1900-01-02", "2026-01-02T11:00:00Z", false, "2026-01-01T11:00:00.000Z"),
    ("2100-01-01", nil, "2026-01-02T11:00:00Z", false, "2026-01-02T11:00:00.000Z"),
    ("2100-01-01", "2100-01-02", "2026-01-02T11:00:00Z", false, "2026-01-01T11:00:00.000Z"),
    // An import's old events keep their times; its new ones are corrected.
    ("2020-01-01T00:00:00Z", "2026-01-02T12:00:00Z", "2026-01-02T11:00:00Z", true, "2020-01-01T00:00:00.000Z"),
    ("2020-01-01T00:00:00Z", "2026-01-02T12:00:00Z", "2026-01-02T11:00:00Z", false, "2019-12-31T23:00:00.000Z"),
    ("2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z", "2026-01-02T11:00:00Z", true, "2026-01-01T11:00:00.000Z"),
    ("2026-01-01T11:59:59.999Z", "2026-01-02T12:00:00Z", "2026-01-02T11:00:00Z", true, "2026-01-01T11:59:59.999Z"),
    ("2100-01-01", "2026-01-02T12:00:00Z", "2026-01-02T11:00:00Z", true, "2026-01-02T11:00:00.000Z"),
    // Clocks that lead out of the years that can be told.
    ("0001-01-01", "9999-12-31", "2026-01-02T11:00:00Z", false, "0001-01-01T00:00:00.000Z"),
    ("9999-12-31", "0001-01-01", "2026-01-02T11:00:00Z", false, "2026-01-02T11:00:00.000Z"),
  ] as [(String?, String?, String, Bool, String)])
func `an event happened at a time of our clock`(
  original: String?, sent: String?, received: String, isImport: Bool, at: String
) throws {
  let received = try #require(Instant(received))
  let time = EventTime.effective(
    original: original.flatMap { Instant($0) }, sent: sent.flatMap { Instant($0) }, received: received,
    isImport: isImport)
  #expect(time.text == at)
  // The same through a call.
  func field(_ name: String, _ value: String?) -> String { value.map { #","\#(name)":"\#($0)""# } ?? "" }
  let text = #"{"batch":[{"type":"page","userId":"u"\#(field("timestamp", original))}]\#(field("sentAt", sent))}"#
  let call = isImport ? SegmentCall.historicalBatch : .batch
  let event = try call.items(of: JSONDocument(Array(text.utf8)).root, receivedAt: received, tokens: tokens)[0].event
  #expect(event?.at.text == at)
}

@Test func `an event's own clock goes before the batch's, and old names of a time are read`() throws {
  let text = #"""
    {"sentAt":"2026-01-01T00:00:00Z","batch":[{"type":"page","userId":"u","sentAt":"2026-01-01T01:00:00Z"},
    {"type":"page","userId":"u","originalTimestamp":"2025-12-31T00:00:00Z","timestamp":null}]}
    """#
  let events = try read(text).compactMap { $0.event }
  #expect(events.map { $0.sentAt?.text } == ["2026-01-01T01:00:00.000Z", "2026-01-01T00:00:00.000Z"])
  #expect(events[1].originalAt?.text == "2025-12-31T00:00:00.000Z")
}

@Test func `an event with thousands of traits is read in no time, since a loop waits`() throws {
  let traits = (0..<3500).map { "\"\($0)\":1" }.joined(separator: ",")
  let item = #"{"type":"identify","userId":"u","context":{"traits":{\#(traits)}}}"#
  let started = ContinuousClock.now
  let items = try read(#"{"batch":[\#(Array(repeating: item, count: 16).joined(separator: ","))]}"#)
  #expect(items.allSatisfy { $0.event?.traits.count == 3500 })
  // Each with each took half a second for one event.
  #expect(ContinuousClock.now - started < .seconds(6))
}

@Test(arguments: [
  (
    #"{"userId":17,"event":"e","context":{"userHash":"ab","ip":"x"}}"#,
    #"{"userId":17,"event":"e","context":{"ip":"x"}}"#
  ),
  (#"{"userId":17,"event":"e","context":{"token":"t","userHash":"ab"}}"#, #"{"userId":17,"event":"e","context":{}}"#),
  (
    #"{"userId":17,"event":"e","properties":{"token":"t"},"context":{"ip":"x"}}"#,
    #"{"userId":17,"event":"e","properties":{"token":"t"},"context":{"ip":"x"}}"#
  ),
])
func `what proves whose an event is is kept nowhere`(text: String, kept: String) throws {
  #expect(String(decoding: try event(text).body, as: UTF8.self) == kept)
  let batch = try read(
    #"{"context":{"token":"t","userHash":"ab","ip":"x"},"batch":[{"type":"track",\#(text.dropFirst())]}"#)
  let one = try #require(batch[0].event)
  #expect(one.envelope.map { String(decoding: $0, as: UTF8.self) } == #"{"context":{"ip":"x"}}"#)
  // The event's own context goes before the batch's.
  let own = text.contains("ab")
  #expect(one.evidence?.userHash == "ab")
  #expect(one.evidence?.token == "t")
  #expect(one.evidence?.userID == "17")
  #expect(try event(text).evidence?.userHash == (own ? "ab" : nil))
}
