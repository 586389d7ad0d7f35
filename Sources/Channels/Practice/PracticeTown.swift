package import Base
package import Customers

/// The histories of a town that never was: its people, and what they did in a year at every door of a shop, as
/// Segment-shaped calls in the order of their coming.
///
/// People look before they register, sign in on several browsers, carry cards, share a telephone in the family, mistype
/// their addresses; tills send late, and now and then a call comes twice. The same scale, seed and end give the same
/// calls, byte by byte. Only those who are about to do something are in memory, a few words each.
package struct PracticeTown: Sendable {
  /// A call as a source makes it.
  package struct Call: Sendable {
    package var source: String
    package var receivedAt: Instant
    /// A batch of Segment's.
    package var body: [UInt8]
    /// How many events it has.
    package var count: Int
  }

  /// A town has at most ten million people: as many as a large chain has cards.
  package static let mostPeople = 10_000_000
  /// Everybody does at least so much and at most so much.
  package static let events = 5..<51
  private static let year = Duration.seconds(365 * 86_400)
  /// How long one history takes at most, and how late a call may come.
  private static let longestHistory = Duration.seconds(120 * 86_400)
  private static let longestDelay = Duration.seconds(3 * 86_400)
  /// Sources gather what they have to say for so long, or until it is so much.
  private static let gathering = Duration.seconds(1800)
  private static let mostGathered = 200

  /// The doors, of which the page's alone can be written by anybody.
  package static var sources: [Source] {
    get throws {
      [
        try Source(name: page, channel: "web", trust: .anonymous),
        try Source(name: site, channel: "site", trust: .verified),
        try Source(name: till, channel: "store", trust: .verified),
        try Source(name: desk, channel: "phone", trust: .verified),
      ]
    }
  }

  static let page = "practice-page"
  static let site = "practice-site"
  static let till = "practice-till"
  static let desk = "practice-desk"

  /// Somebody who will do something next.
  private struct Next {
    var at: Instant
    var person: Int
    var step: Int
    var steps: Int
    var chance: PracticeChance
  }

  /// What is on its way.
  private struct Sent {
    var at: Instant
    var source: String
    var event: [UInt8]
  }

  private let scale: Int
  private let seed: UInt64
  private let name: String
  private let start: Instant
  private var came = 0
  private var active: PracticeQueue<Next>
  private var sent: PracticeQueue<Sent>

  /// - Parameters:
  ///   - scale: how many people it has, from 1 to `mostPeople`.
  ///   - seed: which town of that size.
  ///   - end: nothing happens after it.
  package init(scale: Int, seed: UInt64, until end: Instant) {
    self.scale = scale
    self.seed = seed
    name = "t\(seed)x\(scale)"
    start = end - Self.year
    active = PracticeQueue { $0.at < $1.at || ($0.at == $1.at && $0.person < $1.person) }
    sent = PracticeQueue { $0.at < $1.at || ($0.at == $1.at && $0.event.lexicographicallyPrecedes($1.event)) }
  }

  /// The calls that come next, one for each source that has something to say; none when the year is over.
  package mutating func next() -> [Call] {
    var gathered: [(source: String, events: [[UInt8]])] = []
    var (first, last, count): (Instant?, Instant, Int) = (nil, start, 0)
    while let event = take() {
      if let first, event.at > first + Self.gathering || count >= Self.mostGathered {
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
      Call(source: source, receivedAt: last, body: Self.batch(events, sentAt: last), count: events.count)
    }
  }

  private static func batch(_ events: [[UInt8]], sentAt: Instant) -> [UInt8] {
    var writer = JSONWriter(capacity: events.reduce(64) { $0 + $1.count + 1 })
    writer.object { writer in
      writer.field("sentAt", sentAt.text)
      writer.key("batch")
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
    let (source, event) = act.event()
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
