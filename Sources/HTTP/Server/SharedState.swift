import Glibc
import Synchronization

/// What all loops of a server share.
final class SharedState: Sendable {
  let router: Router
  let limits: Limits
  let observer: (any ServerObserver)?
  let tls: TLSContext?
  let serverName: String?
  /// How many loops wait with nothing to do.
  let waiting = Atomic<Int>(0)
  private let maximum: Int
  private let maximumPerSite: Int
  private let open = Mutex<(count: Int, sites: [PeerAddress: Int])>((0, [:]))

  /// - Throws: `TLSError`.
  init(_ configuration: ServerConfiguration, _ router: Router, _ observer: (any ServerObserver)?) throws(TLSError) {
    self.router = router
    self.observer = observer
    limits = configuration.limits
    serverName = configuration.serverName
    if let tls = configuration.tls { self.tls = try TLSContext(tls) } else { tls = nil }
    maximum = limits.connections ?? Self.affordableConnections()
    maximumPerSite = limits.connectionsPerAddress ?? max(1, maximum * 3 / 4)
  }

  /// As many as the process may have descriptors, less those that others need.
  private static func affordableConnections() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 512 }
    let descriptors = Int(clamping: limit.rlim_cur)
    return max(descriptors - Limits.reservedDescriptors, descriptors / 2)
  }

  var openConnections: Int { open.withLock { $0.count } }

  /// Counts a new connection in; false where there are too many.
  func admit(_ peer: PeerAddress) -> Bool {
    open.withLock { open in
      guard open.count < maximum else { return false }
      if !peer.isUnix {
        guard open.sites[peer.site, default: 0] < maximumPerSite else { return false }
        open.sites[peer.site, default: 0] += 1
      }
      open.count += 1
      return true
    }
  }

  /// Counts it out.
  func dismiss(_ peer: PeerAddress) {
    open.withLock { open in
      open.count -= 1
      guard !peer.isUnix, let count = open.sites[peer.site] else { return }
      open.sites[peer.site] = count > 1 ? count - 1 : nil
    }
  }
}
