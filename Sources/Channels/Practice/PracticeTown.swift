package import Base
package import Customers

/// The histories of a town that never was: its people, and what they did in a year at every door of a shop, as calls in
/// the order of their coming.
///
/// People look before they register, sign in on several browsers, carry cards, share a telephone in the family, mistype
/// their addresses; tills send late, and now and then a call comes twice. The same scale, seed and end give the same
/// calls, byte by byte. Only those who are about to do something are in memory, a few words each.
package struct PracticeTown: Sendable {
  /// Which doors the shop has.
  package enum Doors: Sendable {
    /// Pages, till and telephone, all of which speak as Segment's SDKs do: what is measured with.
    case few
    /// The app, chat, mail and short messages too; the till speaks as tills do.
    case all
  }

  /// A call as a source makes it.
  package struct Call: Sendable {
    package var source: String
    package var receivedAt: Instant
    /// A batch of Segment's, or a list of receipts.
    package var body: [UInt8]
    /// The path that it is posted to.
    package var path: String
    /// How many events it has.
    package var count: Int
  }

  /// A town has at most ten million people: as many as a large chain has cards.
  package static let mostPeople = 10_000_000
  /// Everybody does at least so much and at most so much.
  package static let events = 5..<51
  /// So many towns have receipts of their own numbers; they share stores.
  private static let mostTowns: UInt64 = 90
  private static let year = Duration.seconds(365 * 86_400)
  /// How long one history takes at most, and how late a call may come.
  private static let longestHistory = Duration.seconds(120 * 86_400)
  private static let longestDelay = Duration.seconds(3 * 86_400)
  /// Sources gather what they have to say for so long, or until it is so much: posted, three days of it, since each
  /// call waits for the disk.
  private static let gathering = (few: Duration.seconds(1800), all: Duration.seconds(3 * 86_400))
  private static let mostGathered = (few: 200, all: 800)

  /// The doors, of which the page's and the app's can be written by anybody.
  package static func sources(_ doors: Doors) throws -> [Source] {
    let few = [
      try Source(name: page, channel: "web", trust: .anonymous),
      try Source(name: site, channel: "site", trust: .verified),
      try Source(name: till, channel: "store", trust: .verified),
      try Source(name: desk, channel: "phone", trust: .verified),
    ]
    guard doors == .all else { return few }
    var sources =
      few + [
        try Source(name: app, channel: "app", trust: .anonymous),
        try Source(name: chat, channel: "chat", trust: .verified),
        try Source(name: mail, channel: "email", trust: .verified),
        try Source(name: sms, channel: "sms", trust: .verified),
      ]
    sources[2].kind = .till
    // Who registers types the number of his card, and the site looks at whether it is his.
    sources[1].proves.insert(.card)
    return sources
  }

  static let page = "practice-page"
  static let site = "practice-site"
  static let till = "practice-till"
  static let desk = "practice-desk"
  static let app = "practice-app"
  static let chat = "practice-chat"
  static let mail = "practice-mail"
  static let sms = "practice-sms"

  /// Somebody who will do something next.
  private struct Next {
    var at: Instant
    var person: Int
    var step: Int
    var steps: Int
    var chance: PracticeChance
    var bought: PracticeReceipt?
  }

  /// What is on its way.
  private struct Sent {
    var at: Instant
    var source: String
    var event: [UInt8]
  }

  private let scale: Int
  private let seed: UInt64
  private let doors: Doors
  /// What its people's ids begin with, which tells towns apart.
  package let name: String
  private let start: Instant
  private var came = 0
  private var receipts: Int
  private var active: PracticeQueue<Next>
  private var sent: PracticeQueue<Sent>

  /// - Parameters:
  ///   - scale: how many people it has, from 1 to `mostPeople`.
  ///   - seed: which town of that size.
  ///   - end: nothing happens after it.
  ///   - doors: which doors the shop has.
  package init(scale: Int, seed: UInt64, until end: Instant, doors: Doors = .few) {
    self.scale = scale
    self.seed = seed
    self.doors = doors
    name = Self.name(scale: scale, seed: seed)
    start = end - Self.year
    receipts = Int((seed &- 1) % Self.mostTowns) * Self.mostPeople
    active = PracticeQueue { $0.at < $1.at || ($0.at == $1.at && $0.person < $1.person) }
    sent = PracticeQueue { $0.at < $1.at || ($0.at == $1.at && $0.event.lexicographicallyPrecedes($1.event)) }
  }

  /// What the ids of a town's people begin with.
  package static func name(scale: Int, seed: UInt64) -> String { "t\(seed)x\(scale)" }

  /// The calls that come next, one for each source that has something to say; none when the year is over.
  package mutating func next() -> [Call] {
    var gathered: [(source: String, events: [[UInt8]])] = []
    var (first, last, count): (Instant?, Instant, Int) = (nil, start, 0)
    let gathering = doors == .few ? Self.gathering.few : Self.gathering.all
    let most = doors == .few ? Self.mostGathered.few : Self.mostGathered.all
    while let event = take() {
      if let first, event.at > first + gathering || count >= most {
        sent.insert(event)
        break
      }
      first = first ?? event.at
      last = event.at
      count += 1
      if let index = gathered.firstIndex(where: { $0.source == event.source }) {
        gathered[index].events.append(event.event)
      } else {
        gathered.append((event.source, [event.event]))
      }
    }
    return gathered.map { source, events in
      let isTill = doors == .all && source == Self.till
      return Call(
        source: source, receivedAt: last, body: batch(events, sentAt: last, isTill ? "receipts" : "batch"),
        path: isTill ? "/hooks/\(source)" : "/v1/batch", count: events.count)
    }
  }

  private func batch(_ events: [[UInt8]], sentAt: Instant, _ list: String) -> [UInt8] {
    var writer = JSONWriter(capacity: events.reduce(64) { $0 + $1.count + 1 })
    writer.object { writer in
      // Posted, it comes long after it was sent, and no clock is to be corrected by that.
      if doors == .few { writer.field("sentAt", sentAt.text) }
      writer.key(list)
      writer.array { for event in events { $0.raw(event) } }
    }
    return writer.bytes
  }

  /// The event that comes next.
  private mutating func take() -> Sent? {
    while true {
      if came < scale, active.first.map({ coming(came) <= $0.at }) ?? true {
        admit()
        continue
      }
      // Whatever is still done comes later than it is done.
      guard let next = active.first, sent.first.map({ next.at < $0.at }) ?? true else { return sent.popFirst() }
      _ = active.popFirst()
      act(next)
    }
  }

  /// When somebody comes for the first time: one after the other through the year.
  private func coming(_ person: Int) -> Instant {
    let room = (Self.year - Self.longestHistory - Self.longestDelay) / .milliseconds(1)
    return Instant(milliseconds: start.milliseconds + Int64(room * Double(person) / Double(scale)))
  }

  private mutating func admit() {
    var chance = PracticeChance(seed, 3, UInt64(came))
    // Most do little, some do much.
    let least = min(chance.number(Self.events), chance.number(Self.events))
    active.insert(
      Next(at: coming(came), person: came, step: 0, steps: min(least, chance.number(Self.events)), chance: chance))
    came += 1
  }

  private mutating func act(_ now: Next) {
    var now = now
    let person = PracticePerson(now.person, of: name, seed: seed)
    var act = PracticeAct(person, step: now.step, at: now.at, id: "\(name)-\(now.person)-\(now.step)", now.chance)
    let (source, event) =
      doors == .few ? act.event() : act.event(atAnyDoor: &now.bought, receipts: &receipts)
    var arrival = now.at
    if source == Self.till, act.chance.happens(15) { arrival = arrival + .seconds(act.chance.number(3600..<48 * 3600)) }
    sent.insert(Sent(at: arrival, source: source, event: event))
    // A retry whose first answer was lost.
    if act.chance.happens(1) { sent.insert(Sent(at: arrival + .seconds(3600), source: source, event: event)) }
    now.chance = act.chance
    now.step += 1
    guard now.step < now.steps else { return }
    let pause = Self.longestHistory / now.steps
    now.at = now.at + .seconds(now.chance.number(30..<max(31, Int(pause / .seconds(1)))))
    active.insert(now)
  }
}
