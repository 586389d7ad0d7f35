package import SQL

/// A recount of one thing that always holds, by other code than the code that wrote it.
package protocol Check: Sendable {
  /// What the check is called in reports.
  var name: String { get }
  /// Recounts and tells each difference.
  func run(in session: any Session, _ report: (String) -> Void) throws
}

/// Every check, over one snapshot.
package struct Verification: Sendable {
  private let checks: [any Check]
  private let folds: [any Fold]

  /// How many differences of one check are told: the first ones show where to look.
  private static let mostFindings = 20

  /// - Parameter folds: the folds whose tables are there, which bring their own checks.
  package init(folds: [any Fold]) {
    self.folds = folds
    checks =
      [StorageCheck(), TablesCheck(folds: folds), LogCheck()] + folds.flatMap { $0.checks }
      + [ComputedCheck(), ErasureCheck(folds: folds), SummaryCheck()]
  }

  /// The names of the checks, in their order.
  package var names: [String] { checks.map { $0.name } }

  /// The checks that do not run because their views are about to be made anew.
  package func postponed(in session: any Session) throws -> Set<String> {
    try ViewVersion.outdated(folds, in: session).intersection(names)
  }

  /// Runs every check that is not postponed and answers what does not hold.
  package func run(in session: any Session) throws -> [Finding] {
    var findings: [Finding] = []
    let postponed = try postponed(in: session)
    for check in checks where !postponed.contains(check.name) {
      var count = 0
      do {
        try check.run(in: session) { detail in
          count += 1
          if count <= Self.mostFindings { findings.append(Finding(check.name, detail)) }
        }
      } catch let failure as SQLFailure where failure.code == .corrupt {
        // The other checks may still tell what is whole.
        findings.append(Finding(check.name, "cannot be read: \(failure.message)"))
      }
    }
    return findings
  }
}

/// The engine's own check of its file.
struct StorageCheck: Check {
  let name = "storage"

  func run(in session: any Session, _ report: (String) -> Void) throws {
    for damage in try session.damage() { report(damage) }
  }
}

/// Every table belongs to a fold or is one of our own few, and every one of those is there.
struct TablesCheck: Check {
  let name = "tables"
  let folds: [any Fold]

  func run(in session: any Session, _ report: (String) -> Void) throws {
    let owned = Set(folds.flatMap { $0.tables.map { $0.name } } + Schema.ownTables)
    let present = Set(try session.tables())
    let besides = folds.compactMap { $0 as? any View }.flatMap { $0.tables.map { $0.name } }.flatMap {
      [ViewBuilder.next($0), ViewBuilder.former($0)]
    }
    for table in present.subtracting(owned).subtracting(besides).sorted() { report("no fold owns the table \(table)") }
    for table in owned.subtracting(present).sorted() { report("the table \(table) is missing") }
  }
}
