/// Which addresses of the internet protocols are somebody else's machine in public, and which are not.
///
/// The blocks are those of IANA's registries of special-purpose addresses (RFC 6890 and its updates).
package enum NetworkAddress {
  /// Blocks of IPv4: the address and how many bits of it count.
  private static let special: [(address: UInt32, bits: UInt32)] = [
    (0x0000_0000, 8),  // 0.0.0.0/8: this network
    (0x0A00_0000, 8),  // 10.0.0.0/8: private
    (0x6440_0000, 10),  // 100.64.0.0/10: shared by carriers; a metadata service of one cloud
    (0x7F00_0000, 8),  // 127.0.0.0/8: this machine
    (0xA83F_8110, 32),  // 168.63.129.16: a cloud's own service in every machine of it
    (0xA9FE_0000, 16),  // 169.254.0.0/16: link-local; metadata services of most clouds
    (0xAC10_0000, 12),  // 172.16.0.0/12: private
    (0xC000_0000, 24),  // 192.0.0.0/24: protocols; a metadata service of one cloud
    (0xC000_0200, 24),  // 192.0.2.0/24: documentation
    (0xC058_6300, 24),  // 192.88.99.0/24: 6to4 relays
    (0xC0A8_0000, 16),  // 192.168.0.0/16: private
    (0xC612_0000, 15),  // 198.18.0.0/15: benchmarks
    (0xC633_6400, 24),  // 198.51.100.0/24: documentation
    (0xCB00_7100, 24),  // 203.0.113.0/24: documentation
    (0xE000_0000, 3),  // 224.0.0.0 and all above: multicast, reserved, broadcast
  ]

  /// Blocks within 2000::/3, the only part of IPv6 that is given out to machines in public.
  private static let specialOfSix: [(address: [UInt8], bits: Int)] = [
    ([0x20, 0x01, 0x00, 0x00], 23),  // 2001::/23: protocols, Teredo among them
    ([0x20, 0x01, 0x0D, 0xB8], 32),  // 2001:db8::/32: documentation
    ([0x20, 0x02], 16),  // 2002::/16: 6to4, which leads to any address of IPv4
    ([0x3F, 0xFF, 0x00], 20),  // 3fff::/20: documentation
  ]

  /// Whether an address is a machine in public.
  ///
  /// - Parameter address: 4 or 16 bytes in network order.
  package static func isPublic(_ address: [UInt8]) -> Bool {
    if let four = four(of: address) {
      return !special.contains { four >> (32 - $0.bits) == $0.address >> (32 - $0.bits) }
    }
    guard address.count == 16, address[0] & 0xE0 == 0x20 else { return false }
    return !specialOfSix.contains { block in
      (0..<block.bits).allSatisfy { bit in
        (address[bit / 8] ^ block.address[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
      }
    }
  }

  /// Whether an address is this machine.
  package static func isLoopback(_ address: [UInt8]) -> Bool {
    if let four = four(of: address) { return four >> 24 == 127 }
    return address.count == 16 && address.dropLast().allSatisfy { $0 == 0 } && address[15] == 1
  }

  /// The address of IPv4, also where it is written as one of IPv6 (::ffff:0:0/96).
  private static func four(of address: [UInt8]) -> UInt32? {
    let isMapped = address.count == 16 && address.prefix(10).allSatisfy { $0 == 0 } && address[10...11] == [0xFF, 0xFF]
    guard address.count == 4 || isMapped else { return nil }
    return address.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// Which addresses webhooks may go to.
package enum WebhookReach: Sendable {
  /// Machines in public, over TLS alone.
  case publicOnly
  /// Every machine: the shop's operator has allowed its own.
  case everywhere
  /// This machine alone: a practice shop where the operator has allowed that.
  case loopbackOnly
  /// None: a practice shop.
  case nowhere

  /// - Parameters:
  ///   - allowsPrivate: whether the operator has allowed private addresses.
  ///   - isPractice: whether the shop's customers were made up.
  package init(allowsPrivate: Bool, isPractice: Bool) {
    self = isPractice ? (allowsPrivate ? .loopbackOnly : .nowhere) : allowsPrivate ? .everywhere : .publicOnly
  }

  /// Whether an address of 4 or 16 bytes may be connected to.
  package func allows(_ address: [UInt8]) -> Bool {
    switch self {
    case .publicOnly: NetworkAddress.isPublic(address)
    case .everywhere: true
    case .loopbackOnly: NetworkAddress.isLoopback(address)
    case .nowhere: false
    }
  }

  /// Whether a message may go without TLS.
  package var allowsPlain: Bool {
    switch self {
    case .everywhere, .loopbackOnly: true
    case .publicOnly, .nowhere: false
    }
  }
}
