/// Every size and time that a client could otherwise stretch at the server's cost.
///
/// Each default says why it is what it is. A size is the largest that is still taken.
public struct Limits: Sendable {
  /// The head of a request.
  ///
  /// Browsers with large cookies stay under 8 KiB; twice that refuses nobody honest.
  public var headBytes = 16 << 10
  /// Header fields in a head.
  ///
  /// Browsers behind two proxies send about 40.
  public var headers = 100
  /// The address with its query.
  ///
  /// 8,000 is what RFC 9110 (4.1) asks for at least.
  public var targetBytes = 8 << 10
  /// A body, both as it comes and unpacked, where the route does not say otherwise.
  ///
  /// Twice a tracking SDK's batch.
  public var bodyBytes = 1 << 20
  /// Chunk extensions in a whole body.
  ///
  /// Nobody uses them.
  public var chunkExtensionBytes = 1 << 10
  /// Trailer fields after a chunked body, which are dropped.
  public var trailerBytes = 4 << 10

  /// From a connection's opening, or a head's first byte, to the head's end.
  ///
  /// A phone on a bad line needs two round trips; arriving bytes do not renew it.
  public var headTime = Duration.seconds(10)
  /// What a body's arrival may take beyond its size divided by `minimumRate`.
  public var bodyTime = Duration.seconds(15)
  /// What taking an answer may take beyond its size divided by `minimumRate`.
  public var writeTime = Duration.seconds(15)
  /// Bytes a second under which a client is too slow to be waited for: a quarter of the worst mobile line.
  public var minimumRate = 2 << 10
  /// Between requests.
  ///
  /// A minute keeps a page's connection open while somebody reads.
  public var idleTime = Duration.seconds(60)
  /// From the handler's call to its answer, after which the server answers 503 for it.
  public var answerTime = Duration.seconds(60)
  /// How long, after an early refusal, what the client still sends is read, lest a reset takes the answer from it.
  public var lingerTime = Duration.seconds(2)
  /// How much is read then: more than lies in the buffers of both machines when the refusal is sent.
  public var lingerBytes = 4 << 20

  /// Connections in all; nil takes the descriptors that the process may have, less `reservedDescriptors`.
  public var connections: Int?
  /// Connections from one address (IPv6: one /64); nil takes three quarters of all, so that a proxy in front is not
  /// throttled and yet nobody can shut all others out.
  public var connectionsPerAddress: Int?
  /// Descriptors that are left to the database, to logs and to outgoing connections.
  public static let reservedDescriptors = 128

  /// Answers gathered for one connection before they are sent and its client must read before it is served on.
  ///
  /// One answer may go beyond it.
  public var outputBytes = 128 << 10
  /// Bytes of further requests that are read while one is being answered.
  public var readAheadBytes = 64 << 10
  /// What an event stream holds for a reader that is slower than its events; beyond it the stream is closed, and the
  /// reader comes back with the id of the last event that it has.
  public var streamBytes = 256 << 10
  /// How often an idle event stream says a comment, so that proxies (usually a minute) keep it open.
  public var heartbeat = Duration.seconds(15)

  /// The limits with their defaults.
  public init() {}

  var head: HeadParser.Bounds { .init(bytes: headBytes, headers: headers, targetBytes: targetBytes) }
}
