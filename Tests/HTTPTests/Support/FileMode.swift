import Glibc

enum FileMode {
  /// The permission bits of a file, or nil where there is none.
  static func of(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
  }
}
