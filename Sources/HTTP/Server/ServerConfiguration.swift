/// How a server listens and within which limits.
public struct ServerConfiguration: Sendable {
  /// Where connections are accepted.
  public enum Listener: Sendable, Hashable {
    /// A name or address, and a port; port 0 picks a free one.
    case tcp(String, Int)
    /// A path for a Unix socket, made with mode 0600 and removed at the end. TLS is not spoken there.
    case unix(String)
  }

  /// What tells the loops that sockets are ready.
  public enum Readiness: String, Sendable, CaseIterable {
    /// Linux's epoll: the default, because it was measured to serve half as much again.
    case epoll
    /// Dispatch sources: portable.
    case dispatch
  }

  /// Where connections are accepted.
  public var listeners: [Listener]
  /// Certificates for the TCP listeners; nil for plain text.
  public var tls: TLSConfiguration?
  /// Sizes and times.
  public var limits: Limits
  /// How many event loops there are; nil takes one for each core.
  public var loops: Int?
  /// What tells the loops that sockets are ready.
  public var readiness: Readiness
  /// The `Server` field; nil tells nothing.
  public var serverName: String?
  /// Whether another process may listen at the same port, for a restart without a gap.
  ///
  /// If not, `start` refuses a port that is taken, which the kernel itself would share with the same user.
  public var sharesPort: Bool

  /// A configuration; all but the listeners have defaults.
  public init(
    listeners: [Listener], tls: TLSConfiguration? = nil, limits: Limits = Limits(), loops: Int? = nil,
    readiness: Readiness = .epoll, serverName: String? = nil, sharesPort: Bool = false
  ) {
    self.listeners = listeners
    self.tls = tls
    self.limits = limits
    self.loops = loops
    self.readiness = readiness
    self.serverName = serverName
    self.sharesPort = sharesPort
  }
}
