package import Base
import CZlib

extension SystemLibrary {
  /// The library zlib: its first number must be the one that the program was built with (zlib.h).
  package static var zlib: SystemLibrary {
    let version = String(cString: zlibVersion())
    return SystemLibrary("zlib", version: version, built: ZLIB_VERSION, suits: version.first == ZLIB_VERSION.first)
  }
}
