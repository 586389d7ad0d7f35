import Base
import Channels
import Customers
import TestKit
import Testing

// MARK: Countries

@Test(
  arguments: [
    // The country of the source or the configuration, the event, what the person is named by beside his userId.
    (nil, #""traits":{"phone":"8 (916) 123-45-67"}"#, []),
    (nil, #""traits":{"phone":"+79161234567"}"#, ["phone:+79161234567"]),
    ("RU", #""traits":{"phone":"8 (916) 123-45-67"}"#, ["phone:+79161234567"]),
    ("RU", #""traits":{"phone":89161234567}"#, ["phone:+79161234567"]),
    (nil, #""traits":{"phone":"8 (916) 123-45-67","address":{"country":"RU"}}"#, ["phone:+79161234567"]),
    ("US", #""traits":{"phone":"8 (916) 123-45-67","address":{"country":" ru "}}"#, ["phone:+79161234567"]),
    ("US", #""traits":{"phone":"(201) 555-0123","address":{"country":"RU"}}"#, []),
    (
      "RU", #""traits":{"phone":"020 7946 0018"},"context":{"traits":{"address":{"country":"GB"}}}"#,
      ["phone:+442079460018"]
    ),
    ("RU", #""traits":{"phone":"89161234567","address":{"country":""}}"#, ["phone:+79161234567"]),
    ("RU", #""traits":{"phone":"89161234567","address":{"country":null}}"#, ["phone:+79161234567"]),
    ("RU", #""traits":{"phone":"89161234567","address":{"city":"Riga"}}"#, ["phone:+79161234567"]),
    ("RU", #""traits":{"phone":"89161234567","address":"Riga"}"#, ["phone:+79161234567"]),
    // A country that we cannot read is not the source's.
    ("RU", #""traits":{"phone":"9161234567","address":{"country":"United States"}}"#, []),
    ("RU", #""traits":{"phone":"9161234567","address":{"country":7}}"#, []),
    (
      "RU",
      #""context":{"externalIds":[{"type":"phone","id":"89161234567"},{"type":"whatsapp","id":"8 916 123-45-67"}]}"#,
      ["phone:+79161234567", "whatsapp:+79161234567"]
    ),
  ] as [(String?, String, [String])])
func `a national number is its address's country's, else the source's`(
  country: String?, fields: String, expected: [String]
) throws {
  let body = #"{"userId":"u",\#(fields)}"#
  let item = try SegmentCall.single(.identify).items(
    of: JSONDocument(Array(body.utf8)).root, receivedAt: clock.now, country: country, tokens: tokens)[0]
  #expect(item.event.map(who) == ["user_id:u"] + expected)
}

// MARK: Blocked values

@Test(
  arguments: [
    (.track, #""event":"e","userId":"null","anonymousId":"a""#, ["anonymous_id:a"]),
    (.track, #""event":"e","userId":"u","anonymousId":"undefined""#, ["user_id:u"]),
    (.track, #""event":"e","userId":0,"context":{"device":{"id":"d"}}"#, ["device:d"]),
    (
      .track,
      #""event":"e","userId":"u","context":{"device":{"id":"unknown"},"externalIds":[{"type":"card","id":"0000"}]}"#,
      ["user_id:u"]
    ),
    (.identify, #""userId":"guest","traits":{"email":"ann@b.test"}"#, ["email:ann@b.test"]),
    (.identify, #""userId":"u","traits":{"email":"team@shop.test","phone":"+7 999 999-99-99"}"#, ["user_id:u"]),
    (.alias, #""userId":"u","previousId":"null""#, ["user_id:u"]),
    (.alias, #""userId":"null","previousId":"p""#, ["anonymous_id:p"]),
  ] as [(Event.Kind, String, [String])])
func `a blocked value names nobody and is kept`(kind: Event.Kind, fields: String, expected: [String]) throws {
  let event = try event("{\(fields)}", kind)
  #expect(who(event) == expected)
  #expect(String(decoding: event.body, as: UTF8.self) == "{\(fields)}")
}

@Test func `a blocked address stays a trait`() throws {
  let event = try event(#"{"userId":"u","traits":{"email":"team@shop.test"}}"#, .identify)
  #expect(who(event) == ["user_id:u"] && traits(event) == [#"email="team@shop.test""#])
}

@Test(
  arguments: [
    (.track, #"{"event":"e","userId":"null"}"#, ["/userId"]),
    (.track, #"{"event":"e","userId":"0000","anonymousId":"undefined"}"#, ["/userId", "/anonymousId"]),
    (.page, #"{"anonymousId":"00000000-0000-0000-0000-000000000000"}"#, ["/anonymousId"]),
    (.identify, #"{"userId":"test","traits":{"email":"team@b.test"}}"#, ["/userId"]),
    (.alias, #"{"userId":"null","previousId":"none"}"#, ["/userId", "/previousId"]),
    (.track, #"{"event":"e","userId":"null","anonymousId":{}}"#, ["/anonymousId", "/userId"]),
  ] as [(Event.Kind, String, [String])])
func `an event of nobody but blocked values is refused`(kind: Event.Kind, text: String, pointers: [String]) throws {
  let item = try read(text, .single(kind))[0]
  #expect(item.faults.map { $0.pointer } == pointers)
  #expect(item.faults.contains { $0.reason == "is a value that identifies nobody" })
  #expect(item.keptBody == Array(text.utf8))
}

// MARK: What reaches nobody

@Test(
  arguments: [
    (#""phone":"8 (916) 123-45-67","email":"ann@b.test""#, []), (#""phone":"12","email":"ann@""#, ["email", "phone"]),
    (#""phone":12"#, ["phone"]), (#""phone":null,"email":" ""#, []), (#""phone":{},"email":true"#, ["email", "phone"]),
    (#""phone":"+79999999999","email":"team@b.test""#, ["email", "phone"]),
    (#""phone":"020 7946 0018","address":{"country":"GB"}"#, []), (#""phone":"020 7946 0018""#, ["phone"]),
  ] as [(String, [String])])
func `a phone and an address that reach nobody are told, what is not given is not`(
  traits: String, expected: [String]
) throws {
  let body = #"{"userId":"u","traits":{\#(traits)},"context":{"externalIds":[{"type":"phone","id":"89161234567"}]}}"#
  let item = try SegmentCall.single(.identify).items(
    of: JSONDocument(Array(body.utf8)).root, receivedAt: clock.now, country: "RU", tokens: tokens)[0]
  #expect(item.event?.unusable == expected)
}
