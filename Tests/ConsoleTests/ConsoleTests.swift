import HTTP
import Testing

@testable import Console

@Suite struct ConsoleTests {
  /// Scripts and style together: what a telephone on a slow network takes before it shows anything.
  static let mostBytes = 80_000
  private static let languages = ["en.js", "ru.js"]
  /// Scripts, style and words together that come after the first page.
  static let mostLaterBytes = 25_000
  /// What is loaded when it is needed, and why the first page does without it.
  private static let later = [
    // A customer's cart, orders and points: many have none.
    "shop.js", "goods.js", "orders.js", "points.js", "shop.css",
    // Dialogs that few open.
    "traits.js", "undo.js",
  ]
  /// The words of those, of which he loads his own language's.
  private static let laterLanguages = ["shop.en.js", "shop.ru.js"]
  /// What only the API's reference loads: the page with its module and its style.
  private static let reference = ["docs.html", "docs.js", "docs.css"]

  private static var loadedLater: [String] { later + laterLanguages }

  /// The bytes of these files, and of the largest of the languages.
  private func size(of names: [String], _ languages: [String]) -> Int {
    func count(_ name: String) -> Int { Console.files.first { $0.name == name }?.bytes.count ?? 0 }
    return names.reduce(languages.map(count).max() ?? 0) { $0 + count($1) }
  }

  @Test func `what one person loads stays small`() {
    let others = Self.languages + Self.reference + Self.loadedLater
    let loaded = Console.files.map { $0.name }.filter {
      ($0.hasSuffix(".js") || $0.hasSuffix(".css")) && !others.contains($0)
    }
    let size = size(of: loaded, Self.languages)
    #expect(loaded.count > 10)
    #expect(size < Self.mostBytes, "\(size) bytes")
  }

  @Test func `what is loaded later is small too, and is not on the first page`() throws {
    let size = size(of: Self.later, Self.laterLanguages)
    #expect(size < Self.mostLaterBytes, "\(size) bytes")
    let page = try #require(Console.files.first { $0.name == "index.html" })
    let text = String(decoding: page.bytes, as: UTF8.self)
    for name in Self.loadedLater {
      #expect(Console.files.contains { $0.name == name }, "\(name)")
      #expect(!text.contains(name), "\(name)")
    }
  }

  @Test func `nothing of the first page imports what is loaded later`() {
    for (name, bytes) in Console.files where name.hasSuffix(".js") && !Self.loadedLater.contains(name) {
      let text = String(decoding: bytes, as: UTF8.self)
      for other in Self.loadedLater { #expect(!text.contains("from \"./\(other)\""), "\(name) imports \(other)") }
    }
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

  @Test func `the page names each module of the first page, so that they load at once`() throws {
    let page = try #require(Console.files.first { $0.name == "index.html" })
    let text = String(decoding: page.bytes, as: UTF8.self)
    let others = ["index.html"] + Self.languages + Self.reference + Self.loadedLater
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
