import Dispatch
import Glibc
import HTTP
import Synchronization

/// Both ways of waiting: every test over sockets runs on each.
let everyReadiness = ServerConfiguration.Readiness.allCases

/// A server for one test, and what its handlers need.
struct TestServer {
  let server: Server
  let log: Log

  var port: Int { server.port }

  func client(receiveBuffer: Int32? = nil) throws -> Client { try Client(port: port, receiveBuffer: receiveBuffer) }

  /// One request on a connection of its own.
  func exchange(_ request: String) throws -> Client.Reply { try client().exchange(request) }

  /// Waits for something that the server does by itself.
  func eventually(_ isTrue: () -> Bool) -> Bool {
    for _ in 0..<1000 {
      if isTrue() { return true }
      usleep(10_000)
    }
    return false
  }
}

/// Remembers what a server has said.
final class Log: ServerObserver {
  private let contents = Mutex<(exchanges: [CompletedExchange], notes: [String])>(([], []))

  func completed(_ exchange: CompletedExchange) { contents.withLock { $0.exchanges.append(exchange) } }
  func note(_ message: String) { contents.withLock { $0.notes.append(message) } }

  var exchanges: [CompletedExchange] { contents.withLock { $0.exchanges } }
  var notes: [String] { contents.withLock { $0.notes } }
}

/// Runs a server for as long as `use` runs.
func withServer<R>(
  _ readiness: ServerConfiguration.Readiness, limits: Limits = Limits(), routes: [Route] = [],
  tls: TLSConfiguration? = nil, unixPath: String? = nil, loops: Int = 2, _ use: (TestServer) throws -> R
) throws -> R {
  let log = Log()
  var configuration = ServerConfiguration(
    listeners: [.tcp("127.0.0.1", 0)], tls: tls, limits: limits, loops: loops, readiness: readiness)
  if let unixPath { configuration.listeners.append(.unix(unixPath)) }
  let server = try Server(configuration: configuration, router: Router(commonRoutes + routes), observer: log)
  try server.start()
  defer { server.stop(grace: .milliseconds(100)) }
  return try use(TestServer(server: server, log: log))
}

/// Where handlers that answer later do so.
private let later = DispatchQueue(label: "tests.later", attributes: .concurrent)

let commonRoutes: [Route] = [
  Route(.get, "/hello") { _, exchange in exchange.respond(.text("hello")) },
  Route(.post, "/echo") { request, exchange in
    exchange.respond(Response(.ok, contentType: "application/octet-stream", body: request.copyBody()))
  },
  Route(.post, "/size", options: RouteOptions(maximumBody: 1000)) { request, exchange in
    exchange.respond(.text("\(request.bodyCount)"))
  },
  Route(.get, "/later/{text}") { request, exchange in
    let text = request.parameter("text") ?? ""
    later.async { @Sendable in exchange.respond(.text(text)) }
  },
  Route(.post, "/later") { request, exchange in
    let body = request.copyBody()
    later.async { @Sendable in exchange.respond(Response(.ok, contentType: "text/plain", body: body)) }
  },
  Route(.get, "/slow/{milliseconds}") { request, exchange in
    let milliseconds = Int(request.parameter("milliseconds") ?? "") ?? 0
    later.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { @Sendable in exchange.respond(.text("slow")) }
  },
  Route(.get, "/big/{bytes}") { request, exchange in
    let count = Int(request.parameter("bytes") ?? "") ?? 0
    exchange.respond(
      Response(.ok, contentType: "application/octet-stream", body: [UInt8](repeating: 0x41, count: count)))
  },
  Route(.get, "/never") { _, _ in },
  Route(
    .post, "/private",
    options: RouteOptions(admission: { request in
      request.header("Authorization") == nil ? .problem(Problem(.unauthorized)) : nil
    })
  ) { request, exchange in exchange.respond(.text("\(request.bodyCount)")) },
]
