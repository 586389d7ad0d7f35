/// The answer that is owed to one request; it may be kept, and used from any thread.
///
/// It is answered once. A second answer is a programmer's error: trapped in debug builds where it can be told from a
/// late one, and otherwise ignored. An answer to a client that has gone is dropped.
public struct Exchange: Sendable {
  let connection: Connection
  let serial: UInt32
  let packing: Packing

  var loop: Loop { connection.loop }

  init(_ connection: Connection) {
    self.connection = connection
    serial = connection.serial
    packing = connection.packing
  }

  /// Keeps what follows from pages of other origins, where the route's policy would let them read it.
  ///
  /// It is for a route whose policy suits some of its callers: called by the handler, before it returns.
  public func keepFromOtherOrigins() {
    assert(loop.isCurrent && connection.serial == serial, "the handler says so, before it answers")
    connection.origin = nil
  }

  /// Whether the handler may do work of a millisecond where it runs, because that delays nobody or no other thread would do
  /// it sooner.
  ///
  /// Asked by the handler, before it returns, and once for each piece of work.
  public var hasTime: Bool { loop.isCurrent && loop.takeTime() }

  /// Answers the request.
  public func respond(_ response: Response) {
    if loop.isCurrent {
      loop.answer(self, response)
    } else {
      loop.post(CollectionOfOne(.answer(self, packing.applied(to: response))))
    }
  }

  /// Answers with a stream of server-sent events.
  ///
  /// - Parameters:
  ///   - headers: fields beside those of the stream itself.
  ///   - retry: how long the client waits before it comes back, told to it first.
  ///   - bufferBytes: what is held for a slow reader; nil takes the server's limit.
  public func stream(headers: [Header] = [], retry: Duration? = nil, bufferBytes: Int? = nil) -> EventStream {
    let stream = EventStream(
      loop: loop, headers: headers, retry: retry, bound: bufferBytes ?? loop.shared.limits.streamBytes)
    if loop.isCurrent {
      loop.begin(stream, self)
    } else {
      loop.post(CollectionOfOne(.stream(self, stream)))
    }
    return stream
  }
}
