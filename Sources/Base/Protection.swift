import Glibc

/// Named protections that a test takes away, to see that what they protect from is noticed then.
///
/// In debug builds `THROUGHLINE_WITHOUT=stock.available,loyalty.covered` runs without these. Release builds have all of
/// them, whatever the environment says.
package enum Protection {
  #if DEBUG
  /// The variable that takes protections away; none in release builds, where it is an unknown setting.
  package static let variable: String? = "THROUGHLINE_WITHOUT"
  #else
  package static let variable: String? = nil
  #endif

  /// Whether the protection of that name is there.
  @inline(__always)
  package static func holds(_ name: StaticString) -> Bool {
    #if DEBUG
    return !removed.contains(name.description)
    #else
    return true
    #endif
  }

  #if DEBUG
  private static let removed: Set<String> = {
    guard let text = variable.flatMap({ getenv($0) }).map({ String(cString: $0) }) else { return [] }
    return Set(text.split(separator: ",").map(String.init))
  }()
  #endif
}
