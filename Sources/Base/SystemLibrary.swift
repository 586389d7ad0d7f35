import COpenSSL

/// A library of the system, as it is on this machine and as it was where the program was built.
package struct SystemLibrary: Sendable {
  package let name: String
  /// The version that is loaded.
  package let version: String
  /// The version that the program was built with.
  package let built: String
  /// Whether it has all that the program was built to use.
  package let suits: Bool

  /// A library.
  package init(_ name: String, version: String, built: String, suits: Bool) {
    self.name = name
    self.version = version
    self.built = built
    self.suits = suits
  }

  /// OpenSSL: within a major version newer ones have all that older ones have (its policy since 3.0).
  package static var openSSL: SystemLibrary {
    let (major, minor) = (OPENSSL_version_major(), OPENSSL_version_minor())
    return SystemLibrary(
      "OpenSSL", version: "\(major).\(minor).\(OPENSSL_version_patch())",
      built: "\(OPENSSL_VERSION_MAJOR).\(OPENSSL_VERSION_MINOR).\(OPENSSL_VERSION_PATCH)",
      suits: major == OPENSSL_VERSION_MAJOR && minor >= OPENSSL_VERSION_MINOR)
  }
}
