import Base
import Commerce
import Customers
import HTTP
import SQL

/// An open data directory: the database with everything that works on it.
struct Store: Sendable {
  let database: Database
  let tail: LogTail
  let intake: Intake
  let messages: MessageFold
  let folds: [any Fold]
  let features: [any Feature]
  let keyring: Keyring
  let sources: SourceDirectory
  let vault: Vault
  let endedSessions: EndedSessions
  let tokens: TokenSource
  let clock: any Clock

  /// Takes persons out of it.
  var erasure: Erasure { Erasure(intake: intake, messages: messages) }

  /// Makes its old events into summaries.
  var retention: Retention { Retention(intake: intake, messages: messages) }

  /// Every fold of the log.
  ///
  /// - Parameter seed: the installation's own, under which message ids are hashed.
  static func folds(seed: [UInt8]) -> (all: [any Fold], messages: MessageFold) {
    let messages = MessageFold(seed: seed)
    let groundFloor: [any Fold] = [
      messages, SearchFold(), QualityFold(), IdentityFold(), TraitFold(), DocumentFold(), ConsentFold(),
      ResumeStateFold(), TokenFold(), SourceQualityFold(), TimerFold(),
    ]
    return (groundFloor + Commerce.folds, messages)
  }

  static let migrations = (Schema.migrations + Commerce.migrations).sorted { $0.number < $1.number }

  /// Opens the database, which is made when it is not there.
  ///
  /// - Parameters:
  ///   - memory: bytes that the database may keep pages in.
  ///   - name: what the operator calls its file, where he does not know it by its path.
  ///   - masterKey: the configuration's; without it the directory's file has it.
  /// - Throws: what stands in the way, with what the operator can do about it.
  init(
    _ directory: DataDirectory, memory: Int, clock: any Clock = SystemClock(), named name: String? = nil,
    masterKey: [UInt8]? = nil
  ) throws {
    let tokens = TokenSource(clock: clock, randomness: SystemRandomness())
    do {
      database = try Database(
        engine: SQLiteEngine(path: directory.database, memory: memory), migrations: Self.migrations,
        together: { AnswerGathering.gather($0) })
      tail = try LogTail(database)
      let seed = try database.write { try Setting.messageSeed(in: $0, tokens: tokens) }
      let folds = Self.folds(seed: seed)
      self.folds = folds.all
      messages = folds.messages
      features = [Commerce(tokens: tokens)]
      intake = Intake(
        database: database, folds: folds.all, messages: messages, tokens: tokens, features: features)
      keyring = try database.read { try Keyring(in: $0) }
      sources = try database.read { try SourceDirectory(in: $0) }
      let holder = MasterKey(directory, configured: masterKey)
      vault = try database.read { try Vault(holder, tokens: tokens, in: $0) }
      endedSessions = try database.read { try EndedSessions(in: $0) }
    } catch let failure as SQLFailure {
      throw Self.told(failure, name ?? directory.database)
    }
    self.tokens = tokens
    self.clock = clock
  }

  /// The number of the newest migration that a directory's database has been through; 0 for an empty one.
  ///
  /// - Parameter name: what the operator calls its file, where he does not know it by its path.
  /// - Throws: what stands in the way, with what the operator can do about it.
  static func migration(of directory: DataDirectory, named name: String? = nil) throws -> Int64 {
    do {
      let session = try SQLiteEngine(path: directory.database, memory: 0).openReader()
      defer { session.close() }
      guard try session.tables().contains("migration") else { return 0 }
      return try session.lastMigration()
    } catch let failure as SQLFailure {
      throw told(failure, name ?? directory.database)
    }
  }

  /// Whether everything in a directory was made up by `demo`.
  ///
  /// - Throws: what stands in the way, with what the operator can do about it.
  static func isPractice(_ directory: DataDirectory) throws -> Bool {
    do {
      let session = try SQLiteEngine(path: directory.database, memory: 0).openReader()
      defer { session.close() }
      return try session.tables().contains("setting") && Setting.isPractice(in: session)
    } catch let failure as SQLFailure {
      throw told(failure, directory.database)
    }
  }

  /// Whether a directory's shop has webhooks; false where its database cannot say.
  static func hasWebhooks(in directory: DataDirectory) -> Bool {
    guard let session = try? SQLiteEngine(path: directory.database, memory: 0).openReader() else { return false }
    defer { session.close() }
    return (try? WebhookStore.all(in: session).contains { $0.webhook.isActive }) ?? false
  }

  /// One clear line for each way in which a database cannot be opened.
  static func told(_ failure: SQLFailure, _ file: String) -> Failure {
    switch failure.code {
    case .busy:
      Failure(
        .unavailable, "\(file) is locked by another program", hint: "end the program that holds it, such as sqlite3")
    case .readOnly:
      Failure(.unavailable, "\(file) cannot be written", hint: "check its owner, its mode and the file system")
    case .corrupt:
      Failure(
        .unavailable, "\(file) is damaged or no database of ours: \(failure.message)",
        hint: "throughline restore puts a backup in its place")
    case .newer(let number):
      Failure(
        .unavailable, "\(file) was written by a newer program (migration \(number))",
        hint: "run that program, or restore a backup from before")
    case .full: Failure(.unavailable, "there is no room for \(file)", hint: "make room on the disk")
    case .cannotOpen:
      Failure(.unavailable, "\(file) cannot be opened: \(failure.message)", hint: "check its owner and mode")
    case .constraint, .overloaded, .other: Failure(.internal, "\(file): \(failure.message)")
    }
  }
}
