import Glibc

/// A call of the operating system that failed.
public struct SocketError: Error, Equatable, CustomStringConvertible {
  /// The call, with what it was about.
  public var call: String
  /// The number of the error.
  public var number: Int32
  /// The resolver's own words, where a host's name could not be made an address.
  public var resolution: String?

  init(call: String, number: Int32 = errno) {
    self.call = call
    self.number = number
  }

  /// A host whose name the resolver (getaddrinfo(3)) could not make an address of.
  init(host: String, reason: Int32) {
    call = "resolve \(host)"
    number = reason == EAI_SYSTEM ? errno : EADDRNOTAVAIL
    resolution = gai_strerror(reason).map { String(cString: $0) } ?? "error \(reason)"
  }

  /// The call and the error in words.
  public var description: String {
    "\(call): \(resolution ?? strerror(number).map { String(cString: $0) } ?? "error \(number)")"
  }
}
