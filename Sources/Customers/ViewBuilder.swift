package import Base
import Dispatch
package import SQL
import Synchronization

/// Makes views anew from the log where this program works them out otherwise than the one that made their rows.
///
/// The next version is built in tables beside the present ones, which readers have and events keep up meanwhile, in
/// steps between which others write. When it has caught up with the log it takes their place, in one transaction. All
/// views are built together, because one may read another's rows. What was interrupted goes on at the next start.
package final class ViewBuilder: Sendable {
  /// Entries of one step: some milliseconds, in which other writes wait.
  static let step: Int64 = 100
  /// Rows of a replaced table that one step takes away.
  private static let dropped = 500

  /// How far it is.
  enum Progress: Sendable, Equatable {
    /// Nothing is left to do.
    case done
    /// So many entries of the log are built.
    case built(Int64)
    /// The next version has taken the place of the present one.
    case switched
    /// Rows of replaced tables are taken away.
    case sweeping
  }

  private let database: Database
  private let views: [any View]
  private let log: Log?
  private let queue = DispatchQueue(label: "throughline.views", qos: .utility)
  private let isStopping = Atomic<Bool>(false)
  /// The table beside each table of a view.
  private let beside: [String: String]

  /// - Parameter folds: all of them, in their order; those that are views are looked after.
  package init(database: Database, folds: [any Fold], log: Log? = nil) {
    self.database = database
    self.log = log
    views = folds.compactMap { $0 as? any View }
    let tables = views.flatMap { $0.tables.map { $0.name } }
    beside = Dictionary(uniqueKeysWithValues: tables.map { ($0, Self.next($0)) })
  }

  static func next(_ table: String) -> String { table + "_next" }
  static func former(_ table: String) -> String { table + "_former" }

  /// Begins in the background, where there is something to do.
  package func start() {
    queue.async { @Sendable [self] in
      do {
        try finish()
      } catch {
        log?.write(.error, "views cannot be made anew", ["cause": "\(error)"])
      }
    }
  }

  /// Ends after the step in hand; the rest is done after the next start.
  package func stop() {
    isStopping.store(true, ordering: .relaxed)
    queue.sync {}
  }

  /// Does all that there is to do, unless it is stopped.
  package func finish() throws {
    while !isStopping.load(ordering: .relaxed) {
      switch try advance() {
      case .done: return
      case .switched: log?.write(.info, "views made anew")
      case .built, .sweeping: break
      }
    }
  }

  /// Does one step.
  func advance() throws -> Progress { try database.write { [self] in try advance(in: $0) } }

  private func advance(in session: any Session) throws -> Progress {
    if try ViewVersion.outdated(views, in: session).isEmpty { return try sweep(session) ? .sweeping : .done }
    let known = Dictionary(uniqueKeysWithValues: try ViewVersion.all(in: session).map { ($0.name, $0) })
    let isBegun = views.allSatisfy { known[$0.name]?.next == $0.version && known[$0.name]?.built != nil }
    let from = isBegun ? views.first.flatMap { known[$0.name]?.built } ?? 0 : try begin(session)
    let entries = try EventLog.entries(after: from, limit: Self.step, in: session)
    let aside = BesideSession(session, beside)
    for entry in entries { for view in views { try view.apply(entry, in: aside) } }
    let built = entries.last?.sequence ?? from
    CrashPoint.pass("view.building")
    if built < (try EventLog.last(in: session)) {
      try session.execute(ViewVersionStatement.built, .integer(built))
      return .built(built)
    }
    try takePlace(session)
    CrashPoint.pass("view.switching")
    return .switched
  }

  private func begin(_ session: any Session) throws -> Int64 {
    for (table, next) in beside.sorted(by: { $0.key < $1.key }) {
      try session.dropTable(next)
      try session.makeTable(next, like: table)
    }
    for view in views { try session.execute(ViewVersionStatement.begin, .text(view.name), .integer(view.version)) }
    return 0
  }

  /// Takes the tables beside those of the views away, because the log was rewritten: what is being built is built from the
  /// beginning.
  static func restart(_ folds: [any Fold], in session: any Session) throws {
    for view in folds.compactMap({ $0 as? any View }) {
      for table in view.tables {
        try session.dropTable(next(table.name))
        try session.dropTable(former(table.name))
      }
    }
    try session.execute(ViewVersionStatement.restart)
  }

  private func takePlace(_ session: any Session) throws {
    for (table, next) in beside.sorted(by: { $0.key < $1.key }) {
      try session.dropTable(Self.former(table))
      try session.renameTable(table, to: Self.former(table))
      try session.renameTable(next, to: table)
    }
    try session.execute(ViewVersionStatement.switched)
  }

  /// Takes some rows of a replaced table away, since to drop it whole would keep the writer for as long as it is large.
  ///
  /// - Returns: false where there is none.
  private func sweep(_ session: any Session) throws -> Bool {
    let present = Set(try session.tables())
    for view in views {
      for table in view.tables where present.contains(Self.former(table.name)) {
        let former = Self.former(table.name)
        let key = table.key.joined(separator: ", ")
        let text = "DELETE FROM \(former) WHERE (\(key)) IN (SELECT \(key) FROM \(former) LIMIT \(Self.dropped))"
        try session.forEachRow(ofText: text, []) { _ in true }
        var isEmpty = true
        try session.forEachRow(ofText: "SELECT 1 FROM \(former) LIMIT 1", []) { _ in
          isEmpty = false
          return false
        }
        if isEmpty { try session.dropTable(former) }
        return true
      }
    }
    return false
  }
}
