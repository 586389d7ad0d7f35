import CLinux
import Dispatch
import Glibc
import Synchronization

/// An HTTP/1.1 server on BSD sockets.
///
/// It runs one event loop for each core, each with its own listener of the same port, and hands whole requests to the
/// handlers of its router. It is started once and stopped once.
public final class Server: Sendable {
  private struct State {
    var loops: [Loop] = []
    var addresses: [ServerConfiguration.Listener] = []
    var hasStarted = false
    var unixPaths: [String] = []
  }

  private let configuration: ServerConfiguration
  private let shared: SharedState
  private let state = Mutex(State())
  private let done = DispatchGroup()

  /// Makes a server, which opens nothing yet but its certificate.
  ///
  /// - Throws: `TLSError`.
  public init(configuration: ServerConfiguration, router: Router, observer: (any ServerObserver)? = nil) throws {
    self.configuration = configuration
    shared = try SharedState(configuration, router, observer)
  }

  /// Opens the listeners and begins to serve.
  ///
  /// - Throws: `SocketError` where an address is taken or cannot be listened on; nothing stays open then.
  public func start() throws {
    // A write to a closed socket must be an error, not the end of the process; `send` says so itself, OpenSSL and
    // others do not.
    signal(SIGPIPE, SIG_IGN)
    try state.withLock { state in
      precondition(!state.hasStarted, "a server is started once")
      state.hasStarted = true
      let count = max(1, configuration.loops ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
      var listeners = [[Listener]](repeating: [], count: count)
      do {
        for listener in configuration.listeners { try open(listener, &listeners, &state) }
        for index in 0..<count {
          state.loops.append(Loop(shared, listeners[index], try makeReadiness(index), done: done))
        }
      } catch {
        for listener in listeners.joined() { Glibc.close(listener.token.descriptor) }
        for path in state.unixPaths { unlink(path) }
        state.loops = []
        throw error
      }
      for loop in state.loops {
        done.enter()
        loop.readiness.start(loop)
      }
    }
  }

  /// Where the server listens, with the ports that were picked.
  public var addresses: [ServerConfiguration.Listener] { state.withLock { $0.addresses } }

  /// The port of the first TCP listener; 0 where there is none.
  public var port: Int {
    for case .tcp(_, let port) in addresses { return port }
    return 0
  }

  /// Stops serving, and returns when it is over.
  ///
  /// New connections are refused. Requests that have begun are finished and answered with `Connection: close`, idle
  /// connections are closed, event streams are ended. What is open after `grace` is closed. It waits, so it must not
  /// be called by a handler.
  public func stop(grace: Duration = .seconds(10)) {
    let loops = state.withLock { state in
      for path in state.unixPaths { unlink(path) }
      state.unixPaths = []
      return state.loops
    }
    for loop in loops { loop.post(CollectionOfOne(.stop(grace: grace))) }
    done.wait()
  }

  /// Reads the certificate and the key again, for connections from now on; those that are open go on.
  ///
  /// - Throws: `TLSError`, and the old ones stay in use.
  public func reloadCertificates() throws { try shared.tls?.reload() }

  /// What the server has done so far.
  public var statistics: Statistics {
    let loops = state.withLock { $0.loops }
    var sum = Statistics()
    sum.openConnections = shared.openConnections
    for counters in loops.map(\.counters) {
      sum.accepted += counters.accepted.total
      sum.turnedAway += counters.turnedAway.total
      sum.answered += counters.answered.total
      sum.refused += counters.refused.total
      sum.slowReaders += counters.slowReaders.total
      sum.openStreams += counters.openStreams.total
    }
    return sum
  }

  private func makeReadiness(_ index: Int) throws(SocketError) -> any Readiness {
    switch configuration.readiness {
    case .epoll: try EpollReadiness(label: "http.loop.\(index)")
    case .dispatch: DispatchReadiness(label: "http.loop.\(index)")
    }
  }

  private func open(
    _ listener: ServerConfiguration.Listener, _ listeners: inout [[Listener]], _ state: inout State
  ) throws(SocketError) {
    switch listener {
    case .unix(let path):
      let descriptor = try ListeningSocket.unix(path)
      state.unixPaths.append(path)
      state.addresses.append(listener)
      // The kernel spreads connections over listeners of a port, but not of a path: there all loops wait for one.
      for index in listeners.indices {
        let own = index == 0 ? descriptor : fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard own >= 0 else { throw SocketError(call: "dup \(path)") }
        listeners[index].append(Listener(descriptor: own, isTCP: false))
      }
    case .tcp(let host, let port):
      var picked = port
      for address in try ListeningSocket.resolve(host, port) {
        if !configuration.sharesPort { try ListeningSocket.probe(address) }
        var address = address
        for index in listeners.indices {
          let (descriptor, bound) = try ListeningSocket.tcp(address, isShared: true)
          address = bound
          picked = bound.port
          listeners[index].append(Listener(descriptor: descriptor, isTCP: true))
        }
      }
      state.addresses.append(.tcp(host, picked))
    }
  }
}
