package import Base
import Channels
import Customers
package import HTTP
import SQL
import Synchronization

/// Counters of what was served, in Prometheus' text format (version 0.0.4).
package final class Metrics: Sendable {
  private struct RequestKey: Hashable, Sendable {
    var route: String
    var method: String
    var status: Int
  }

  private struct RequestCount: Sendable {
    var count = 0
    var seconds = 0.0
  }

  private let requests = Mutex<[RequestKey: RequestCount]>([:])
  private let accepted = Atomic<Int>(0)
  private let duplicates = Atomic<Int>(0)
  private let conflicts = Atomic<Int>(0)
  private let refused = Atomic<Int>(0)
  private let refusedKeys = Atomic<Int>(0)
  /// How often each source told other prices than ours.
  private let prices: @Sendable () -> [(source: String, differences: Int64)]
  private let startedAt: Instant

  /// - Parameter prices: how often each source told other prices than ours, as it was counted last.
  package init(startedAt: Instant, prices: @escaping @Sendable () -> [(source: String, differences: Int64)] = { [] }) {
    self.startedAt = startedAt
    self.prices = prices
  }

  /// Counts what became of a call's events, of which so many could not be read.
  func took(_ answers: Intake.Answers, refused count: Int) {
    if count > 0 { refused.add(count, ordering: .relaxed) }
    for answer in answers.answers {
      switch answer {
      case .accepted: accepted.add(1, ordering: .relaxed)
      case .duplicate: duplicates.add(1, ordering: .relaxed)
      case .conflict: conflicts.add(1, ordering: .relaxed)
      }
    }
  }

  func refusedKey() { refusedKeys.add(1, ordering: .relaxed) }

  /// Counts an answered request by its route's template.
  package func completed(_ exchange: CompletedExchange) {
    let key = RequestKey(
      route: exchange.route, method: exchange.method?.name ?? "", status: exchange.status.rawValue)
    let (seconds, attoseconds) = exchange.duration.components
    requests.withLock { requests in
      requests[key, default: RequestCount()].count += 1
      requests[key, default: RequestCount()].seconds += Double(seconds) + Double(attoseconds) * 1e-18
    }
  }

  func text(database: DatabaseCounters, live: LiveHub, webhooks: WebhookCounts, now: Instant) -> String {
    var text = ""
    func family(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: String)]) {
      text += "# HELP throughline_\(name) \(help)\n# TYPE throughline_\(name) \(kind)\n"
      for sample in samples { text += "throughline_\(name)\(sample.labels) \(sample.value)\n" }
    }
    let counted = requests.withLock { $0 }.sorted {
      ($0.key.route, $0.key.method, $0.key.status) < ($1.key.route, $1.key.method, $1.key.status)
    }
    func labels(_ key: RequestKey) -> String {
      #"{route="\#(key.route)",method="\#(key.method)",status="\#(key.status)"}"#
    }
    family(
      "http_requests_total", "counter", "Requests answered, by the route's template.",
      counted.map { (labels($0.key), "\($0.value.count)") })
    family(
      "http_request_seconds_total", "counter", "Time from a request's head to its answer.",
      counted.map { (labels($0.key), "\($0.value.seconds)") })
    family(
      "events_total", "counter", "Events by what became of them.",
      [
        (#"{status="accepted"}"#, "\(accepted.load(ordering: .relaxed))"),
        (#"{status="duplicate"}"#, "\(duplicates.load(ordering: .relaxed))"),
        (#"{status="conflict"}"#, "\(conflicts.load(ordering: .relaxed))"),
        (#"{status="invalid"}"#, "\(refused.load(ordering: .relaxed))"),
      ])
    family(
      "refused_keys_total", "counter", "Requests with a write key that is none.",
      [("", "\(refusedKeys.load(ordering: .relaxed))")])
    family("commits_total", "counter", "Transactions made durable.", [("", "\(database.commits)")])
    family("committed_writes_total", "counter", "Callers' writes in them.", [("", "\(database.jobs)")])
    family(
      "failed_commits_total", "counter", "Transactions that could not be made durable.", [("", "\(database.failures)")])
    family("live_streams", "gauge", "Open streams of /v1/live.", [("", "\(live.count)")])
    family(
      "webhook_attempts_total", "counter", "Attempts to tell webhooks, by what came of them.",
      WebhookCounts.Outcome.allCases.map { (#"{outcome="\#($0.rawValue)"}"#, "\(webhooks.count($0))") })
    family(
      "webhook_lag_entries", "gauge", "Entries of the log that an active webhook is behind.",
      webhooks.places.map { (#"{webhook="\#($0.name)"}"#, "\(max(0, live.tail.place - $0.place + 1))") })
    family(
      "price_differences_total", "counter", "Prices that a source told and that are not ours.",
      prices().map { (#"{source="\#($0.source)"}"#, "\($0.differences)") })
    family(
      "uptime_seconds", "gauge", "Since the start.", [("", "\((now.milliseconds - startedAt.milliseconds) / 1000)")])
    return text
  }
}
