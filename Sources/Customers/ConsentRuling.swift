import Base
package import SQL

/// What was decided about the consents that an event changes.
///
/// A change of consent is recorded at *every* origin that the customer has at that moment, not only where its event
/// stands: so whatever a later undo parts from him takes a withdrawal along, and no side is written to that had said no.
/// A grant is recorded there too, bound to where its event stands: it counts only as long as that origin belongs to the
/// customer. Else a customer with two names could never say yes again after a no that both of them keep; and after an
/// undo a yes stays with the one who said it.
package struct ConsentRuling: Sendable {
  /// The origins of the customer at that time, in order, where there are more than the one that the event stands with.
  package var covers: [Origin.Number] = []
  /// The purposes that the event's own preferences grant; a request's changes stand in its body.
  package var granted: [String] = []
  /// The purposes that the event's own preferences withdraw.
  package var withdrawn: [String] = []

  package init() {}

  /// The event by which Segment's SDKs say that somebody has just decided about his preferences.
  private static let decision = "Segment Consent Preference Updated"

  /// Decides which of the event's preferences say something new.
  ///
  /// SDKs stamp all preferences on every call, so only those count that differ from what stood at that place and time.
  /// And a stamp, unlike the event of a decision, is no new yes to what was withdrawn elsewhere: who has told an agent
  /// to stop is not signed up again by the next page that his browser opens.
  init(of event: Event, _ outcome: Outcome, from source: String, in session: any Session) throws {
    guard let origin = outcome.origin, !event.preferences.isEmpty else { return }
    let isDecision = event.kind == .track && event.name == Self.decision
    for preference in event.preferences {
      let last = try session.first(
        of: ConsentStatement.last, .integer(origin), .text(preference.purpose), .integer(event.at.milliseconds)
      ) { (state: $0.text(0), source: $0.text(1)) }
      let said: Consent.State = preference.isGranted ? .granted : .withdrawn
      if last?.state == said.rawValue { continue }
      if said == .granted, let last, last.source != source, !isDecision { continue }
      if preference.isGranted { granted.append(preference.purpose) } else { withdrawn.append(preference.purpose) }
    }
    if !granted.isEmpty || !withdrawn.isEmpty { covers = try Self.covered(by: outcome, in: session) }
  }

  /// What a request at `origin` changes is for every origin of that customer.
  package init(requestAt origin: Origin.Number, in session: any Session) throws {
    covers = try Self.covered(by: Outcome(.matched, origin: origin), in: session)
  }

  /// The origins of the customer whom the event stands with, as it leaves him: with those that it ties to him.
  private static func covered(by outcome: Outcome, in session: any Session) throws -> [Origin.Number] {
    guard let origin = outcome.origin else { return [] }
    var covered: Set<Origin.Number> = [origin]
    func add(_ origin: Origin.Number, asVisitor: Bool) throws {
      covered.insert(origin)
      if outcome.opened.contains(where: { $0.number == origin }) { return }
      let leader = try OriginStore.leader(of: origin, in: session)
      // Of a visitor whom only claims hold together, a proof takes the one origin along.
      guard leader.isKnown || asVisitor else { return }
      covered.formUnion(try OriginStore.origins(ofCustomer: leader.number, in: session).map { $0.number })
    }
    try add(origin, asVisitor: outcome.ties.isEmpty)
    for tie in outcome.ties {
      try add(tie.first, asVisitor: false)
      try add(tie.second, asVisitor: false)
    }
    return covered.count > 1 ? covered.sorted() : []
  }

  // MARK: In the log

  /// Writes it as a member of an outcome, or nothing where it says nothing.
  func write(to writer: inout JSONWriter) {
    if covers.isEmpty, granted.isEmpty, withdrawn.isEmpty { return }
    writer.key("consent")
    writer.object { writer in
      writer.list("covers", covers)
      writer.list("granted", granted)
      writer.list("withdrawn", withdrawn)
    }
  }

  /// What an outcome's member says.
  init(json: JSON?) {
    covers = json?["covers"]?.elements.compactMap { $0.integer } ?? []
    granted = json?["granted"]?.elements.compactMap { $0.string } ?? []
    withdrawn = json?["withdrawn"]?.elements.compactMap { $0.string } ?? []
  }
}

extension JSONWriter {
  fileprivate mutating func list(_ name: String, _ values: [some JSONWritable]) {
    if values.isEmpty { return }
    key(name)
    array { writer in
      for value in values { writer.value(value) }
    }
  }
}
