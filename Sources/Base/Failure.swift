/// What went wrong, in the words of the one who asked, with the cause kept for the operator.
///
/// Everything above the storage and network layers throws this and nothing else; `API` maps `code` to a status in one
/// exhaustive switch.
package struct Failure: Error, Sendable {
  /// The kinds of failure that a caller can act upon.
  package enum Code: String, Sendable, CaseIterable {
    /// The request is wrong and will stay wrong.
    case invalid
    /// No valid key came with it.
    case unauthorized
    /// The key may not do this.
    case forbidden
    /// There is no such thing, or the caller may not know of it.
    case notFound
    /// It was there and is gone for good.
    case gone
    /// It contradicts what stands.
    case conflict
    /// It exceeds a limit of size.
    case tooLarge
    /// Too many at once: try again after a while.
    case limited
    /// The server cannot do it now: try again after a while.
    case unavailable
    /// A defect of ours.
    case `internal`
  }

  /// One fault of one field: an RFC 6901 pointer into the body and the reason in words.
  package struct Fault: Hashable, Sendable {
    /// RFC 6901, for example `/batch/3/userId`; empty for the whole body.
    package var pointer: String
    /// What is wrong with it.
    package var reason: String

    /// A fault of the field at `pointer`.
    package init(_ pointer: String, _ reason: String) {
      self.pointer = pointer
      self.reason = reason
    }
  }

  package var code: Code
  /// Safe to show to the caller: no secret, no personal data of others, no path.
  package var message: String
  /// The fields at fault, where it is about fields.
  package var faults: [Fault]
  /// For the log only.
  package var cause: String?
  /// What the operator can do about it, for the log and the command line.
  package var hint: String?
  /// How long to wait before trying again, for `limited` and `unavailable`.
  package var retryAfter: Duration?

  /// A failure of the kind `code`.
  package init(
    _ code: Code, _ message: String, faults: [Fault] = [], cause: String? = nil, hint: String? = nil,
    retryAfter: Duration? = nil
  ) {
    self.code = code
    self.message = message
    self.faults = faults
    self.cause = cause
    self.hint = hint
    self.retryAfter = retryAfter
  }
}
