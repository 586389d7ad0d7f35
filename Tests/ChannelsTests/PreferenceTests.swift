import Base
import Channels
import Customers
import TestKit
import Testing

/// What the first event of a call says that the person allows, for example `ads- analytics+`.
private func preferences(_ text: String, _ call: SegmentCall = .single(.track)) throws -> String {
  let items = try call.items(of: JSONDocument(Array(text.utf8)).root, receivedAt: clock.now, tokens: tokens)
  guard case .event(let event) = items[0] else { return "refused" }
  return event.preferences.map { $0.purpose + ($0.isGranted ? "+" : "-") }.joined(separator: " ")
}

@Test(arguments: [
  (#"{"categoryPreferences":{"Advertising":true,"Analytics":false}}"#, "advertising+ analytics-"),
  (#"{"categoryPreferences":{"C0001":true,"Data Sharing":true,"x":1,"y":null,"é":true,"":true}}"#, "c0001+"),
  (#"{"categoryPreferences":{"Ads":true,"ads":false,"ADS":true}}"#, "ads-"),
  (#"{"categoryPreferences":[true]}"#, ""), (#"{"categoryPreferences":null}"#, ""), (#"{}"#, ""), ("null", ""),
  (#""yes""#, ""),
])
func `an event says what the browser allows, and is never refused for it`(consent: String, expected: String) throws {
  #expect(try preferences(#"{"userId":"u","event":"E","context":{"consent":\#(consent)}}"#) == expected)
}

@Test func `a batch's preferences hold for each event without its own`() throws {
  let context = #""context":{"consent":{"categoryPreferences":{"ads":false}}}"#
  #expect(try preferences(#"{"batch":[{"type":"page","userId":"u"}],\#(context)}"#, .batch) == "ads-")
  let own = #"{"type":"page","userId":"u","context":{"consent":{"categoryPreferences":{"ads":true}}}}"#
  #expect(try preferences(#"{"batch":[\#(own)],\#(context)}"#, .batch) == "ads+")
}

@Test(arguments: [(64, 64), (65, 0)])
func `more preferences than a shop has purposes are none`(count: Int, taken: Int) throws {
  let list = (0..<count).map { #""p\#($0)":true"# }.joined(separator: ",")
  let told = try preferences(#"{"userId":"u","event":"E","context":{"consent":{"categoryPreferences":{\#(list)}}}}"#)
  #expect(told.split(separator: " ").count == taken)
}

@Test(arguments: ["document", "consent", "state", "merge", "undo", "review"])
func `no source sends what only requests make`(type: String) throws {
  #expect(try preferences(#"{"batch":[{"type":"\#(type)","userId":"u"}]}"#, .batch) == "refused")
}
