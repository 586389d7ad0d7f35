import Base
package import Customers
package import SQL

/// What becomes of points when it is decided who is who.
extension Loyalty {
  /// Completes the outcome of an entry that changes who is who.
  package static func decide(_ entry: inout LogEntry, in session: any Session) throws {
    switch entry.event.kind {
    case .undo: try part(&entry, in: session)
    case .erasure: try erase(&entry, in: session)
    default: try inherit(&entry, in: session)
    }
  }

  /// Settles an undo.
  ///
  /// What an order or an open hold of one side took from accounts of the other goes back there, with its
  /// old expiry, and is charged to its own account, below zero as a shortage.
  ///
  /// A hold is a promise, so it keeps its points; what it owes is forgiven with its end, or becomes what its order owes.
  private static func part(_ entry: inout LogEntry, in session: any Session) throws {
    guard !entry.outcome.cuts.isEmpty else { return }
    let parts = try CustomerParts.parts(after: entry.outcome, in: session)
    var books = try LoyaltyBooks(entry.outcome, in: session)
    let now = entry.event.receivedAt
    let origins = Set(parts.keys)
    try lapse(of: origins, books.accounts(of: origins), at: now, &books, &entry.outcome)
    var taken: [(net: LoyaltyBooks.Net, cause: LoyaltyVerdict.Cause)] = []
    for origin in parts.keys.sorted() {
      for (net, cause) in try books.foreign(at: origin) where net.points < 0 {
        let owners = net.account > 0 ? [net.account] : try books.members(of: net.account)
        if owners.contains(where: { $0 == origin || parts[$0] != nil && parts[$0] == parts[origin] }) { continue }
        taken.append((net, cause))
      }
    }
    for (net, cause) in taken { try books.giveBack(-net.points, to: [net], at: now, .undo, cause) }
    for (net, cause) in taken {
      guard let stand = cause.stand else { continue }
      let own = try books.account(of: stand)
      try books.charge(-net.points, to: [own], debtor: own, at: now, .undo, cause)
    }
    try books.write(to: &entry.outcome)
  }

  /// Closes the accounts of an erased person.
  ///
  /// His open holds are void, what is left there is forfeited and what he owes forgiven, and he is in no household any
  /// more. The books stay.
  private static func erase(_ entry: inout LogEntry, in session: any Session) throws {
    let erased = Set(entry.outcome.erased)
    guard !erased.isEmpty else { return }
    var books = try LoyaltyBooks(entry.outcome, in: session)
    let now = entry.event.receivedAt
    let households = try books.accounts(of: erased).filter { $0 < 0 }.sorted()
    for hold in try books.openHolds(of: erased.sorted()) {
      try release(hold, .voided, .void, at: now, &books, &entry.outcome)
    }
    for origin in erased.sorted() {
      if try books.account(of: origin) < 0 { books.note { $0.memberships.append(.init(origin: origin, account: 0)) } }
      try books.close(origin)
    }
    books.restored = books.restored.filter { !erased.contains($0.key) }
    for household in households {
      if try books.members(of: household).isEmpty {
        try books.close(household)
      } else {
        // The timer may have been his, and goes with him.
        _ = try books.expire(household, at: now)
        try LoyaltyExpiry.planAgain(household, after: now, &entry.outcome, in: session)
      }
    }
    try books.write(to: &entry.outcome)
  }

  /// A name that is only now tied to a customer earns for the household in which he is.
  private static func inherit(_ entry: inout LogEntry, in session: any Session) throws {
    let ties = entry.outcome.ties.filter { $0.merge == nil }
    guard !ties.isEmpty, entry.event.kind.isSegments || entry.event.kind == .identifier else { return }
    var books = try LoyaltyBooks(entry.outcome, in: session)
    guard try books.hasHouseholds else { return }
    let opened = Set(entry.outcome.opened.map { $0.number })
    for tie in ties {
      for (new, old) in [(tie.first, tie.second), (tie.second, tie.first)]
      where opened.contains(new) && !opened.contains(old) {
        let account = try books.account(of: old)
        if account < 0 { books.note { $0.memberships.append(.init(origin: new, account: account)) } }
      }
    }
    try books.write(to: &entry.outcome)
  }
}
