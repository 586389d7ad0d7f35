import Glibc

/// Who is at the other end of a connection.
public enum Peer: Hashable, Sendable {
  /// A machine, by its address in the usual spelling; an IPv4 address mapped into IPv6 is written as IPv4.
  case tcp(String)
  /// A process on this machine.
  case unix
}

/// The 16 bytes of a peer's address, as they are kept with an idle connection.
struct PeerAddress: Hashable, BitwiseCopyable, Sendable {
  var high: UInt64
  var low: UInt64
  var isUnix: Bool

  static let unix = PeerAddress(high: 0, low: 0, isUnix: true)

  /// The address that `accept` gave.
  init(_ storage: inout sockaddr_storage) {
    self = withUnsafeBytes(of: &storage) { raw in
      switch Int32(raw.loadUnaligned(as: sockaddr.self).sa_family) {
      case AF_INET:
        let address = raw.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr
        return PeerAddress(high: 0, low: 0xFFFF_0000_0000 | UInt64(UInt32(bigEndian: address)), isUnix: false)
      case AF_INET6:
        let offset = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 8
        return PeerAddress(
          high: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
          low: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)), isUnix: false)
      default: return .unix
      }
    }
  }

  private init(high: UInt64, low: UInt64, isUnix: Bool) {
    self.high = high
    self.low = low
    self.isUnix = isUnix
  }

  /// What one site usually owns: an IPv4 address, or the /64 network of an IPv6 one.
  var site: PeerAddress {
    isUnix || high == 0 ? self : PeerAddress(high: high, low: 0, isUnix: false)
  }

  var peer: Peer {
    if isUnix { return .unix }
    let isMapped = high == 0 && low >> 32 == 0xFFFF
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    if isMapped {
      var address = in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian)
      inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
    } else {
      var words = (high.bigEndian, low.bigEndian)
      inet_ntop(AF_INET6, &words, &text, socklen_t(text.count))
    }
    return .tcp(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }
}
