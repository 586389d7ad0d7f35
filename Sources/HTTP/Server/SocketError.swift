import Glibc

/// A call of the operating system that failed.
public struct SocketError: Error, Equatable, CustomStringConvertible {
  /// The call, with what it was about.
  public var call: String
  /// The number of the error.
  public var number: Int32

  init(call: String, number: Int32 = errno) {
    self.call = call
    self.number = number
  }

  /// The call and the error in words.
  public var description: String { "\(call): \(strerror(number).map { String(cString: $0) } ?? "error \(number)")" }
}
