import Base
import HTTP
import SQL

extension Failure {
  /// How long a client waits when it hears "not now": a queue of writes empties in less.
  private static let soon: Duration = .seconds(1)
  /// How long it waits when somebody must first make room.
  private static let later: Duration = .seconds(30)

  /// What any error of the lower floors is to a caller.
  init(telling error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let failure as JSONFailure:
      self.init(
        .invalid, "the body is no JSON", faults: [.init("", "\(failure.reason) at byte \(failure.offset)")])
    case let failure as SQLFailure:
      switch failure.code {
      case .overloaded, .busy:
        self.init(.unavailable, "too much is waiting to be written; try again", retryAfter: Self.soon)
      case .full:
        self.init(
          .unavailable, "there is no room to keep anything", cause: "\(failure)", hint: "make room on the disk",
          retryAfter: Self.later)
      case .readOnly, .cannotOpen:
        self.init(.unavailable, "nothing can be kept now", cause: "\(failure)", retryAfter: Self.later)
      case .corrupt, .newer, .constraint, .other:
        self.init(.internal, "the server failed", cause: "\(failure)", hint: "throughline verify")
      }
    default: self.init(.internal, "the server failed", cause: "\(error)")
    }
  }
}

extension Problem {
  /// The problem that tells a failure.
  init(_ failure: Failure) {
    let status: Status =
      switch failure.code {
      case .invalid: .badRequest
      case .unauthorized: .unauthorized
      case .forbidden: .forbidden
      case .notFound: .notFound
      case .gone: .gone
      case .conflict: .conflict
      case .tooLarge: .contentTooLarge
      case .limited: .tooManyRequests
      case .unavailable: .serviceUnavailable
      case .internal: .internalServerError
      }
    var headers: [Header] = []
    if let wait = failure.retryAfter {
      let seconds = "\(max(wait.components.seconds, 1))"
      headers.append(Header("Retry-After", seconds))
      // What some of Segment's SDKs look at instead.
      if failure.code == .limited { headers.append(Header("X-RateLimit-Reset", seconds)) }
    }
    if failure.code == .unauthorized { headers.append(Header("WWW-Authenticate", "Bearer")) }
    self.init(
      status, failure.message, errors: failure.faults.map { (pointer: $0.pointer, reason: $0.reason) },
      headers: headers)
  }
}
