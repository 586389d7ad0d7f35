import CLinux
import Glibc

/// Opens the sockets that a server listens on.
enum ListeningSocket {
  /// Where a socket listens, as the kernel knows it.
  struct Address {
    var storage: sockaddr_storage
    var length: socklen_t

    var family: Int32 { Int32(storage.ss_family) }

    /// The port that was picked.
    var port: Int {
      withUnsafeBytes(of: storage) { raw in
        family == AF_INET6
          ? Int(UInt16(bigEndian: raw.loadUnaligned(as: sockaddr_in6.self).sin6_port))
          : Int(UInt16(bigEndian: raw.loadUnaligned(as: sockaddr_in.self).sin_port))
      }
    }
  }

  /// The kernel cuts it to its own limit (net.core.somaxconn).
  static let backlog: Int32 = 4096

  /// What the kernel holds for a connection before the client's window lets it go.
  ///
  /// Without it the kernel takes up to 4 MiB for each client that does not read, out of what all connections share.
  private static let unsentBytes: Int32 = 128 << 10

  /// The addresses of a host; for port 0 one, because another might not have the same port free.
  static func resolve(_ host: String, _ port: Int) throws(SocketError) -> [Address] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, String(port), &hints, &list)
    guard result == 0 else { throw SocketError(host: host, reason: result) }
    defer { freeaddrinfo(list) }
    var found: [Address] = []
    var next = list
    while let entry = next {
      next = entry.pointee.ai_next
      guard let address = entry.pointee.ai_addr else { continue }
      var storage = sockaddr_storage()
      withUnsafeMutableBytes(of: &storage) {
        $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen)))
      }
      found.append(Address(storage: storage, length: entry.pointee.ai_addrlen))
    }
    guard port == 0 else { return found }
    return Array((found.filter { $0.family == AF_INET } + found).prefix(1))
  }

  /// A TCP socket that listens, and where.
  ///
  /// Its options are inherited by the connections. Without `TCP_NODELAY` an answer in two sends takes 40 ms.
  static func tcp(_ address: Address, isShared: Bool) throws(SocketError) -> (descriptor: Int32, address: Address) {
    let descriptor = try make(address.family)
    do {
      try set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
      if isShared { try set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
      try set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
      try set(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, unsentBytes)
      if address.family == AF_INET6 { try set(descriptor, Int32(IPPROTO_IPV6), Int32(IPV6_V6ONLY), 1) }
      try bindAndListen(descriptor, address)
      return (descriptor, try name(of: descriptor))
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  /// Fails where somebody listens there already.
  static func probe(_ address: Address) throws(SocketError) {
    guard address.port != 0 else { return }
    Glibc.close(try tcp(address, isShared: false).descriptor)
  }

  /// A Unix socket that listens, for the owner of the process alone.
  ///
  /// A socket that nobody listens on any more is left by a process that died, and is replaced.
  static func unix(_ path: String) throws(SocketError) -> Int32 {
    let address = try unixAddress(path)
    let descriptor = try make(AF_UNIX)
    do throws(SocketError) {
      if connectTo(address) { throw SocketError(call: "listen \(path)", number: EADDRINUSE) }
      if errno == ECONNREFUSED { unlink(path) }
      try bindOnly(descriptor, address)
      // Before it listens nobody can connect, so nobody can slip in between.
      guard chmod(path, 0o600) == 0 else { throw SocketError(call: "chmod \(path)") }
      guard listen(descriptor, backlog) == 0 else { throw SocketError(call: "listen \(path)") }
      return descriptor
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  private static func unixAddress(_ path: String) throws(SocketError) -> Address {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw SocketError(call: "listen \(path)", number: ENAMETOOLONG)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    var storage = sockaddr_storage()
    withUnsafeMutableBytes(of: &storage) { target in
      withUnsafeBytes(of: address) { target.copyMemory(from: $0) }
    }
    return Address(storage: storage, length: socklen_t(MemoryLayout<sockaddr_un>.size))
  }

  private static func connectTo(_ address: Address) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let isConnected = withPointer(address) { connect(descriptor, $0, address.length) } == 0
    let error = errno
    Glibc.close(descriptor)
    errno = error
    return isConnected
  }

  private static func make(_ family: Int32) throws(SocketError) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(family, type, 0)
    guard descriptor >= 0 else { throw SocketError(call: "socket") }
    return descriptor
  }

  private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) throws(SocketError) {
    var value = value
    guard setsockopt(descriptor, level, option, &value, 4) == 0 else { throw SocketError(call: "setsockopt") }
  }

  private static func bindAndListen(_ descriptor: Int32, _ address: Address) throws(SocketError) {
    try bindOnly(descriptor, address)
    guard listen(descriptor, backlog) == 0 else { throw SocketError(call: "listen") }
  }

  private static func bindOnly(_ descriptor: Int32, _ address: Address) throws(SocketError) {
    guard withPointer(address, { bind(descriptor, $0, address.length) }) == 0 else { throw SocketError(call: "bind") }
  }

  private static func name(of descriptor: Int32) throws(SocketError) -> Address {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard result == 0 else { throw SocketError(call: "getsockname") }
    return Address(storage: storage, length: length)
  }

  private static func withPointer<R>(_ address: Address, _ use: (UnsafePointer<sockaddr>) -> R) -> R {
    withUnsafePointer(to: address.storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { use($0) }
    }
  }
}
