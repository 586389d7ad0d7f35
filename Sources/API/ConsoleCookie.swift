import Base
import HTTP

/// The cookie of a console's session (RFC 6265bis): out of reach of scripts, and sent by pages of this origin only.
enum ConsoleCookie {
  /// Over TLS the name itself makes browsers refuse one that another host or an insecure page has set.
  private static func name(isSecure: Bool) -> String {
    isSecure ? "__Host-throughline_session" : "throughline_session"
  }

  /// What it is called in the OpenAPI document.
  static let name = name(isSecure: false)

  /// The session's text, as the request brings it.
  static func value(in request: borrowing Request) -> String? {
    guard let header = request.header("Cookie") else { return nil }
    let name = name(isSecure: request.isSecure)
    for pair in header.split(separator: ";") {
      let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, parts[0] == name, !parts[1].isEmpty { return String(parts[1]) }
    }
    return nil
  }

  /// The field that has the browser keep `text` for so long.
  static func setting(_ text: String, for life: Duration, isSecure: Bool) -> Header {
    let rest = "Path=/; HttpOnly; SameSite=Strict; Max-Age=\(life.components.seconds)\(isSecure ? "; Secure" : "")"
    return Header("Set-Cookie", "\(name(isSecure: isSecure))=\(text); \(rest)")
  }

  /// The field that has it forgotten.
  static func removing(isSecure: Bool) -> Header { setting("", for: .zero, isSecure: isSecure) }
}
