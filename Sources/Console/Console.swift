import CConsole
package import HTTP

/// The agents' console and the developers' reference of the API: pages, modules and style, from memory.
///
/// It knows nothing of customers: what it shows it asks of the same API as everybody, by the cookie of the person who
/// has signed in.
package enum Console {
  /// Where the pages stand; each names what it loads.
  static let pages = ["index.html": "/", "docs.html": "/docs"]

  /// Nothing but what this server itself serves, and no script or style within the page: what a customer's name may
  /// hold can do nothing there.
  static let policy = [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
    "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
  ].joined(separator: "; ")

  private static let headers = [
    Header("Content-Security-Policy", policy),
    Header("X-Content-Type-Options", "nosniff"),
    Header("Referrer-Policy", "no-referrer"),
    Header("Cross-Origin-Opener-Policy", "same-origin"),
    Header("Cross-Origin-Resource-Policy", "same-origin"),
  ]

  /// The pages, and what they load below `/console/`.
  package static var routes: [Route] {
    files.map { name, bytes in
      StaticFile(bytes, name: name, headers: headers).route(pages[name] ?? "/console/\(name)")
    }
  }

  /// The files as they are embedded.
  static var files: [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    while let name = console_file_at(files.count).name {
      let file = console_file_at(files.count)
      files.append((String(cString: name), Array(UnsafeBufferPointer(start: file.bytes, count: file.length))))
    }
    return files
  }
}
