import API
package import Base
import Channels
import Commerce
import Console
import Customers
import Glibc
import HTTP
import SQL

/// One running server: it opens, migrates, wires, runs and stops.
public final class Node: Sendable {
  private let store: Store
  private let server: Server
  private let control: Server
  private let reads: ReadCounter
  private let jobs: JobRunner
  private let messages: MessageSweeper
  private let views: ViewBuilder
  private let numbering: NumberingRunner
  private let computed: ComputedRunner
  private let timers: TimerRunner
  private let webhooks: WebhookRunner
  private let prices: ParityWatch
  private let log: Log
  private let stopping: Duration
  private let scheme: String
  private let address: String
  private let port: Int

  /// Opens the data directory and makes everything ready to listen.
  ///
  /// - Throws: what stands in the way, in words for the operator.
  package init(_ configuration: Configuration) throws {
    try configuration.check()
    let clock = SystemClock()
    log = Log(clock: clock, threshold: configuration.logLevel)
    let directory = DataDirectory(path: configuration.data)
    try directory.make()
    try directory.take()
    store = try Store(directory, memory: configuration.memory << 20, clock: clock, masterKey: configuration.masterKey)
    if store.vault.isWhole {
      try store.vault.prepare(store.database, now: clock.now)
    } else {
      log.write(
        .error, "the master key does not open the secrets of the database: no token is good and none is given out",
        ["hint": "put back master.key or the setting masterKey; where it is lost, throughline secret forget"])
    }
    prices = ParityWatch(database: store.database, log: log)
    let metrics = Metrics(startedAt: clock.now) { [prices] in prices.totals }
    jobs = JobRunner(
      database: store.database, export: Export(folds: store.folds), erasure: store.erasure,
      retention: store.retention, directory: directory.exports, journal: directory.erasures, clock: clock, log: log)
    messages = MessageSweeper(database: store.database, log: log)
    views = ViewBuilder(database: store.database, folds: store.folds, log: log)
    numbering = NumberingRunner(database: store.database, intake: store.intake, clock: clock, log: log)
    computed = ComputedRunner(database: store.database, log: log)
    let retention = RetentionRound(clock: clock) { [jobs] in jobs.wake() }
    timers = TimerRunner(
      database: store.database, intake: store.intake,
      acts: [ConsentEnd(), retention] + store.features.flatMap { $0.acts }, clock: clock, log: log)
    let live = LiveHub(database: store.database, tail: store.tail)
    // A shop may become one for practice while it is served; where that cannot be read, nothing leaves.
    let reach: @Sendable () -> WebhookReach = { [database = store.database] in
      WebhookReach(
        allowsPrivate: configuration.webhooksPrivateAddresses,
        isPractice: (try? database.read { try Setting.isPractice(in: $0) }) ?? true)
    }
    webhooks = WebhookRunner(
      database: store.database, intake: store.intake, tail: store.tail, vault: store.vault, tokens: store.tokens,
      chance: SystemRandomness(), clock: clock, log: log, sender: CurlSender(reach))
    let services = Services(
      database: store.database, intake: store.intake, keyring: store.keyring, sources: store.sources,
      vault: store.vault, endedSessions: store.endedSessions,
      metrics: metrics, tokens: store.tokens, clock: clock, log: log, jobs: jobs, live: live,
      webhooks: webhooks, webhookReach: reach, country: configuration.country)
    reads = services.reads
    let observer = Observer(metrics: metrics, log: log, logsRequests: configuration.accessLog)
    server = try Server(
      configuration: ServerConfiguration(
        listeners: [.tcp(configuration.host, configuration.port)], tls: Self.tls(configuration)),
      router: Router(Routes.all(services).map { $0.route } + Console.routes), observer: observer)
    stopping = .seconds(configuration.stopSeconds)
    scheme = configuration.certificate == nil ? "http" : "https"
    address = configuration.host
    port = configuration.port
    unlink(directory.socket)
    control = try Server(
      configuration: ServerConfiguration(listeners: [.unix(directory.socket)], loops: 1),
      router: Router(
        Control(administration: Administration(store: store)) { [server, scheme, address] in
          Self.url(scheme, address, server.port)
        }.routes), observer: nil)
  }

  private static func tls(_ configuration: Configuration) -> TLSConfiguration? {
    guard let certificate = configuration.certificate, let key = configuration.certificateKey else { return nil }
    return TLSConfiguration(certificateChainFile: certificate, privateKeyFile: key)
  }

  /// Listens.
  ///
  /// - Returns: the URL that it listens at.
  /// - Throws: what stands in the way, and everything is closed then.
  public func start() throws -> String {
    try control.start()
    do {
      try server.start()
    } catch let error as SocketError {
      control.stop(grace: .zero)
      store.database.close()
      throw Self.told(error, address, port)
    }
    store.tail.onAdvance { [messages, tail = store.tail] in messages.logGrew(to: tail.place) }
    jobs.start()
    views.start()
    numbering.start()
    computed.start()
    timers.start()
    webhooks.start()
    prices.start()
    log.write(.info, "started", ["url": url])
    return url
  }

  /// Why it cannot be listened at an address, for the operator.
  static func told(_ error: SocketError, _ host: String, _ port: Int) -> Failure {
    if let resolution = error.resolution {
      return Failure(
        .unavailable, "the host name \(host) cannot be resolved: \(resolution)",
        hint: "--host takes this machine's name or address, or 0.0.0.0 for all of its networks")
    }
    return Failure(
      .unavailable, "cannot listen at \(host):\(port): \(String(cString: strerror(error.number)))",
      hint: error.number == EADDRINUSE ? "another program does; --port 0 picks a free port" : nil)
  }

  /// Reads the certificate's files anew.
  public func reload() {
    guard scheme == "https" else { return }
    do {
      try server.reloadCertificates()
      log.write(.info, "certificates reloaded")
    } catch {
      log.write(.error, "certificates not reloaded", ["cause": "\(error)"])
    }
  }

  /// Finishes what runs, then closes everything.
  public func stop() {
    log.write(.info, "stopping")
    server.stop(grace: stopping)
    control.stop(grace: stopping)
    reads.flush()
    jobs.stop()
    messages.stop()
    views.stop()
    numbering.stop()
    computed.stop()
    timers.stop()
    webhooks.stop()
    prices.stop()
    store.database.close()
    log.write(.info, "stopped")
  }

  private var url: String { Self.url(scheme, address, server.port) }

  private static func url(_ scheme: String, _ address: String, _ port: Int) -> String {
    "\(scheme)://\(address.contains(":") ? "[\(address)]" : address):\(port)"
  }
}

/// Counts what the HTTP server tells, and logs what its operator should know.
private struct Observer: ServerObserver {
  let metrics: Metrics
  let log: Log
  let logsRequests: Bool

  func completed(_ exchange: CompletedExchange) {
    metrics.completed(exchange)
    guard logsRequests else { return }
    log.write(
      .info, "request",
      [
        "method": exchange.method?.name ?? "", "route": exchange.route, "status": "\(exchange.status.rawValue)",
        "microseconds": "\(exchange.duration / .microseconds(1))", "bytesIn": "\(exchange.bytesIn)",
        "bytesOut": "\(exchange.bytesOut)",
      ])
  }

  func note(_ message: String) { log.write(.warning, message) }
}
