/// Is told of every answered request, for access logs and metrics.
///
/// It is called on the event loops, so it must not block. It learns templates, never paths, because paths hold
/// personal data.
public protocol ServerObserver: Sendable {
  /// A request was answered, or refused by the server itself.
  func completed(_ exchange: CompletedExchange)
  /// Something happened to the server that its operator should know.
  func note(_ message: String)
}

/// One answered request, without anything personal.
public struct CompletedExchange: Sendable {
  /// The template of the route, or empty where no route served it.
  public var route: String
  /// The method, or nil where the head could not be read.
  public var method: Method?
  /// The status of the answer.
  public var status: Status
  /// From the head's arrival to the answer's writing.
  public var duration: Duration
  /// The size of the head and the body as they came.
  public var bytesIn: Int
  /// The size of the answer's head and body.
  public var bytesOut: Int
}
