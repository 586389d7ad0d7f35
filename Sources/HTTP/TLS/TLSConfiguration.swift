/// Where a server's certificate stands, and how old a client may be.
public struct TLSConfiguration: Sendable {
  /// The oldest protocol that is spoken; older ones are broken.
  public enum Version: Sendable {
    /// TLS 1.2, which old tills and phones still speak.
    case tls12
    /// TLS 1.3.
    case tls13
  }

  /// A PEM file with the certificate and those that lead to its root.
  public var certificateChainFile: String
  /// A PEM file with the private key.
  public var privateKeyFile: String
  /// The oldest protocol that is spoken.
  public var minimumVersion: Version

  /// The files are read when the server is made, and again when it is told to.
  public init(certificateChainFile: String, privateKeyFile: String, minimumVersion: Version = .tls12) {
    self.certificateChainFile = certificateChainFile
    self.privateKeyFile = privateKeyFile
    self.minimumVersion = minimumVersion
  }
}

extension TLSConfiguration {
  /// The first and the last second, since 1970, at which the certificate is valid.
  ///
  /// - Throws: `TLSError` where the certificate or the key cannot be read, or do not belong together.
  public func validity() throws(TLSError) -> (first: Int, last: Int) { try TLSContext(self).validity() }
}

/// Why a certificate cannot be used.
public struct TLSError: Error, CustomStringConvertible {
  /// What failed, with OpenSSL's reason.
  public var description: String
}
