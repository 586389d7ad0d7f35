import Base
import SQL
import TestKit
import Testing

@testable import Customers

private let day: Double = 24

extension Town {
  /// Computed traits by which pages may become summaries.
  static let permitted = [
    #"{"name": "all", "function": "count", "type": "page"}"#,
    #"{"name": "homes", "function": "count", "type": "page", "event": "Home"}"#,
    #"{"name": "month", "function": "count", "type": "page", "days": 30}"#,
    #"{"name": "url", "function": "last", "type": "page", "property": "/properties/url", "days": 30}"#,
    #"{"name": "orders", "function": "sum", "property": "/properties/total"}"#,
  ]
}

@Test(arguments: Following.allCases)
func `what is computed stays what it was`(following: Following) throws {
  let town = try Town.withPages()
  if following == .before || following == .between { for definition in Town.permitted { try town.define(definition) } }
  if following == .between { try town.follow() }
  try town.view("Home", hoursAgo: 32 * day)
  if following == .newVersion {
    try town.define(#"{"name": "all", "function": "count"}"#)
    try town.follow()
  }
  if following != .never && following != .after { for definition in Town.permitted { try town.define(definition) } }
  let expected = ["all 6", "homes 5", "month 1", "orders 0", #"url "/Home""#]
  if following != .never && following != .after { #expect(try town.computed() == expected) }
  #expect(try town.sumUp("pages").events == 5)
  // Defined later, a count has what the summaries say.
  if following == .never || following == .after { for definition in Town.permitted { try town.define(definition) } }
  #expect(try town.computed() == expected)
  if following != .never { try town.follow() }
  #expect(try town.computed() == expected && town.findings() == [])
  town.store.clock.advance(by: .seconds(30 * 86_400))
  #expect(try town.sumUp("pages").events == 1)
  #expect(try town.computed() == ["all 6", "homes 5", "month 0", "orders 0"])
  #expect(try town.findings() == [])
  // An event of a day whose others are summed is taken out of the log: the day is counted anew.
  var days = ComputedDays()
  for summary in try town.entries(.summary) { days.insert(summary) }
  try town.store.database.write { [days] in try ComputedStore.recount(days, in: $0) }
  #expect(try town.computed().prefix(2) == ["all 6", "homes 5"] && town.findings() == [])
}

@Test(arguments: [
  (#"{"name": "url", "function": "last", "type": "page", "property": "/properties/url"}"#, false),
  (#"{"name": "url", "function": "sum", "type": "page", "event": "Sale", "property": "/x"}"#, false),
  (#"{"name": "url", "function": "count", "type": "page", "days": 31}"#, false),
  (#"{"name": "url", "function": "first", "type": "page", "property": "/x", "days": 30}"#, true),
  (#"{"name": "url", "function": "first", "type": "page", "property": "/x", "active": false}"#, true),
  (#"{"name": "url", "function": "first", "type": "screen", "property": "/x"}"#, true),
])
func `a class is left alone by which a computed trait reads the events`(definition: String, isFree: Bool) throws {
  let town = try Town.withPages()
  try town.define(definition)
  let before = try town.computed()
  let receipt = try town.sumUp("pages")
  #expect(receipt.events == (isFree ? 4 : 0) && receipt.forbiddenBy == (isFree ? [] : ["url"]))
  #expect(try town.computed() == before && town.findings() == [])
}

@Test func `a trait over one event leaves the class of another alone`() throws {
  let town = try Town.withPages([#"{"name": "sales", "type": "page", "event": "Sale", "days": 30}"#])
  try town.define(
    #"{"name": "home", "function": "last", "type": "page", "event": "Home", "property": "/properties/url"}"#)
  #expect(try town.sumUp("sales").events == 1)
  try town.define(#"{"name": "any", "function": "last", "type": "page", "property": "/properties/url"}"#)
  #expect(try town.sumUp("sales").forbiddenBy == ["any"])
}

@Test func `a definition that comes between the look and the act is heeded`() throws {
  let town = try Town.withPages()
  let (asked, retention) = (town.store.clock.now, town.store.retention)
  let page = try #require(
    try town.store.database.read { try retention.page("pages", asked: asked, after: .init(), in: $0) })
  #expect(page.sequences.count == 4)
  try town.define(#"{"name": "url", "function": "last", "type": "page", "property": "/properties/url"}"#)
  let forbidden = try town.store.database.write { try retention.sumUp(page, "pages", asked: asked, in: $0) }
  #expect(forbidden.events == 0)
  // One that has not counted the events yet has to count them first.
  try town.define(#"{"name": "url", "function": "count", "active": false}"#)
  try town.define(#"{"name": "all", "function": "count", "type": "page"}"#)
  let early = try town.store.database.write { try retention.sumUp(page, "pages", asked: asked, in: $0) }
  #expect(early.events == 0)
  try town.follow()
  // So is a class that was changed, and what has happened to an event.
  try town.retain(#"{"name": "pages", "type": "page", "days": 35}"#)
  try town.view("Other", hoursAgo: 0, id: "p1")
  let (fewer, last) = try town.store.database.write { session in
    (try retention.sumUp(page, "pages", asked: asked, in: session), try EventLog.last(in: session))
  }
  #expect(fewer.events == 2)
  #expect(try town.store.database.read { try EventLog.last(in: $0) } == last)
  #expect(try town.findings() == [])
}
