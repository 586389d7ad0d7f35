import Base
import Channels
import Customers
import SQL
import TestKit

@testable import API

enum Fixture {
  /// Services over a database of their own, which is closed: enough for looking at routes.
  static func services() throws -> Services {
    let directory = TemporaryDirectory()
    let clock = SystemClock()
    let tokens = TokenSource(clock: clock, randomness: SystemRandomness())
    let database = try Database(
      engine: SQLiteEngine(path: directory.file("t.db"), memory: 1 << 20), migrations: Schema.migrations)
    defer { database.close() }
    let tail = try LogTail(database)
    let vault = try database.read { try Vault(TestKey(), tokens: tokens, in: $0) }
    let messages = MessageFold(seed: tokens.seed(16))
    let intake = Intake(database: database, folds: [messages], messages: messages, tokens: tokens)
    return Services(
      database: database, intake: intake,
      keyring: try database.read { try Keyring(in: $0) }, sources: try database.read { try SourceDirectory(in: $0) },
      vault: vault, endedSessions: try database.read { try EndedSessions(in: $0) },
      metrics: Metrics(startedAt: clock.now), tokens: tokens, clock: clock,
      log: Log(clock: clock, threshold: .error),
      jobs: JobRunner(
        database: database, export: Export(folds: [messages]),
        erasure: Erasure(intake: intake, messages: messages),
        retention: Retention(intake: intake, messages: messages), directory: directory.file("exports"),
        journal: directory.file("erasures"), clock: clock, log: Log(clock: clock, threshold: .error)),
      live: LiveHub(database: database, tail: tail),
      webhooks: WebhookRunner(
        database: database, intake: intake, tail: tail, vault: vault, tokens: tokens, chance: SystemRandomness(),
        clock: clock, log: Log(clock: clock, threshold: .error), sender: CurlSender { .nowhere }),
      webhookReach: { .publicOnly })
  }
}
