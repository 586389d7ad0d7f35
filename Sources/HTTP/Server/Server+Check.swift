import Glibc

extension Server {
  /// Whether a server could listen there now: it opens the port and closes it again.
  ///
  /// - Throws: `SocketError` where the host has no address or the port is taken.
  public static func check(_ host: String, _ port: Int) throws(SocketError) {
    for address in try ListeningSocket.resolve(host, port) { try ListeningSocket.probe(address) }
  }
}
