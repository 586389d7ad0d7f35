/// Where one header field stands in the head: four offsets, eight bytes.
package struct HeaderSlot: Equatable, Sendable {
  package var nameOffset: UInt16
  package var nameLength: UInt16
  package var valueOffset: UInt16
  package var valueLength: UInt16
}

/// What a request's head says: offsets into the bytes that came, which are decoded when somebody asks.
package struct RequestHead: Equatable, Sendable {
  /// How the target was written.
  package enum Form: UInt8, Sendable {
    case origin
    case absolute
    case asterisk
  }

  package var method = Method.get
  package var form = Form.origin
  /// 1 for HTTP/1.1 and what is newer, 0 for HTTP/1.0.
  package var minorVersion: UInt8 = 1
  package var keepsAlive = true
  package var isChunked = false
  package var expectsContinue = false
  /// Nil where there is no Content-Length.
  package var contentLength: Int?
  /// The path; empty stands for `/` (RFC 9110, 4.2.3).
  package var path = 0..<0
  /// What stands behind the question mark.
  package var query = 0..<0
  /// Indices of the fields that the server itself reads often, noted in passing; -1 where there is none.
  package var acceptEncoding: Int16 = -1
  package var contentEncoding: Int16 = -1
  package var origin: Int16 = -1
  package var headerCount = 0
  /// The length of the whole head with its empty line.
  package var length = 0

  package init() {}
}

/// Why a request is refused by the server itself; the connection is closed after it.
package struct Refusal: Error, Equatable, Sendable {
  package var status: Status
  package var detail: String

  package init(_ status: Status, _ detail: String) {
    self.status = status
    self.detail = detail
  }
}

/// What the parser found in the bytes that are there so far.
package enum HeadOutcome: Equatable, Sendable {
  case complete
  case incomplete
  case refused(Refusal)
}
