import Base
import HTTP

/// Tells what this server's own pages send from what pages of others make a browser send.
enum SameOrigin {
  /// What the console sends with every request.
  ///
  /// A page of another origin can set no such field without asking first, and is told no. It stands in for the fields
  /// that browsers leave out of reads over plain HTTP in a network.
  static let mark: HeaderName = "Throughline-Console"

  /// - Throws: `forbidden` where a page of another origin may have sent it.
  static func require(of request: borrowing Request) throws {
    guard isSent(by: request) else {
      throw Failure(.forbidden, "a session is for this server's own pages; a program brings Authorization: Bearer KEY")
    }
  }

  /// By Fetch Metadata, which no page can write; where the browser sends none, by the origin; by the mark, where it
  /// sends neither.
  private static func isSent(by request: borrowing Request) -> Bool {
    if let site = request.header("Sec-Fetch-Site") { return site == "same-origin" }
    guard let origin = request.header("Origin") else { return request.header(mark) != nil }
    guard let host = request.header("Host") else { return false }
    return origin == "\(request.isSecure ? "https" : "http")://\(host)"
  }
}
