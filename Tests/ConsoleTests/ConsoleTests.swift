import HTTP
import Testing

@testable import Console

@Suite struct ConsoleTests {
  /// Scripts and style together: what a telephone on a slow network takes before it shows anything.
  static let mostBytes = 80_000
  private static let languages = ["en.js", "ru.js"]
  /// What only the API's reference loads: the page with its module and its style.
  private static let reference = ["docs.html", "docs.js", "docs.css"]

  @Test func `what one person loads stays small`() {
    // Of the languages he loads his own.
    let largest = Self.languages.compactMap { name in Console.files.first { $0.name == name }?.bytes.count }.max() ?? 0
    let loaded = Console.files.filter {
      ($0.name.hasSuffix(".js") || $0.name.hasSuffix(".css")) && !(Self.languages + Self.reference).contains($0.name)
    }
    let size = loaded.reduce(largest) { $0 + $1.bytes.count }
    #expect(loaded.count > 10)
    #expect(size < Self.mostBytes, "\(size) bytes")
  }

  @Test func `the reference is small`() {
    let files = Console.files.filter { Self.reference.contains($0.name) }
    #expect(files.count == Self.reference.count)
    #expect(files.reduce(0) { $0 + $1.bytes.count } < 20_000)
  }

  @Test func `every file is served, and the pages where people look for them`() throws {
    let patterns = Console.routes.map { $0.pattern }
    #expect(patterns.contains("/") && patterns.contains("/docs"))
    #expect(Set(patterns).count == patterns.count)
    #expect(patterns.allSatisfy { ["/", "/docs"].contains($0) || $0.hasPrefix("/console/") })
    _ = try Router(Console.routes)
  }

  @Test func `the page names each module but the languages, so that they load at once`() throws {
    let page = try #require(Console.files.first { $0.name == "index.html" })
    let text = String(decoding: page.bytes, as: UTF8.self)
    let others = ["index.html"] + Self.languages + Self.reference
    for (name, _) in Console.files where !others.contains(name) {
      #expect(text.contains("\"/console/\(name)\""), "\(name)")
    }
  }

  @Test(arguments: ["index.html", "docs.html"])
  func `a page names no other host, and has no script or style within it`(name: String) throws {
    let page = try #require(Console.files.first { $0.name == name })
    let text = String(decoding: page.bytes, as: UTF8.self)
    #expect(!text.contains("http://") && !text.contains("https://"))
    #expect(!text.contains("style=") && !text.contains("<style") && !text.contains("onclick"))
  }

  @Test func `the policy lets in no other host and no inline script or style`() {
    for word in ["unsafe", "*", "http", "blob:"] { #expect(!Console.policy.contains(word)) }
    #expect(Console.policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"))
  }
}
