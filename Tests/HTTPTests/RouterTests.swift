import Testing

@testable import HTTP

@Suite struct RouterTests {
  private static func route(_ method: HTTP.Method, _ pattern: String, slash: Bool = false) -> Route {
    Route(method, pattern, options: RouteOptions(allowsTrailingSlash: slash)) { _, _ in }
  }

  private static func table() throws -> Router {
    try Router([
      route(.get, "/"), route(.get, "/v1/customers"), route(.get, "/v1/customers/{customer}"),
      route(.post, "/v1/customers/search"), route(.get, "/v1/customers/{customer}/cart"),
      route(.put, "/v1/customers/{customer}/cart/lines/{sku}"), route(.post, "/v1/t", slash: true),
      route(.get, "/v1/an-address-longer-than-eight"), route(.get, "/v1/an-addrefs-longer-than-eight"),
      route(.head, "/own"), route(.get, "/own"), route(.options, "/own"),
    ])
  }

  /// What the router says to a request line: the template with its parameters, or a word.
  private static func look(_ method: HTTP.Method, _ target: String) throws -> String {
    let bytes = Array(target.utf8)
    var head = RequestHead()
    head.method = method
    head.path = 0..<bytes.count
    var parameters = [PathParameter](
      repeating: PathParameter(offset: 0, length: 0), count: Router.maximumParameters)
    return try bytes.withUnsafeBufferPointer { buffer in
      switch try table().match(head, #require(buffer.baseAddress), &parameters) {
      case .route(let route):
        let values = route.parameterNames.indices.map { index in
          let start = Int(parameters[index].offset)
          let range = UnsafeBufferPointer(rebasing: buffer[start..<start + Int(parameters[index].length)])
          return PercentCoding.decode(range) ?? "?"
        }
        return ([route.template] + values).joined(separator: " ")
      case .options(let node): return "allow \(node.allow)"
      case .wrongMethod(let node): return "only \(node.allow)"
      case .notFound: return "nothing"
      case .malformed: return "malformed"
      }
    }
  }

  @Test(arguments: [
    (HTTP.Method.get, "/", "/"), (.get, "", "/"), (.get, "/v1/customers", "/v1/customers"),
    (.get, "/v1/customers/", "nothing"), (.get, "/v1//customers", "nothing"), (.get, "//", "nothing"),
    (.get, "/v1/customers/17", "/v1/customers/{customer} 17"),
    (.get, "/v1/customers/email:ann%40x.example", "/v1/customers/{customer} email:ann@x.example"),
    (.get, "/v1/customers/a%2Fb", "/v1/customers/{customer} a/b"),
    (.get, "/v1/customers/%D0%AF", "/v1/customers/{customer} Я"),
    (.get, "/v1/customers/a+b", "/v1/customers/{customer} a+b"), (.get, "/v1/customers/%ff", "malformed"),
    (.get, "/v1/customers/%4", "malformed"), (.get, "/v1/customers/%zz", "malformed"),
    (.get, "/v1/customers/%00", "malformed"), (.get, "/v1/customers/search", "only POST, OPTIONS"),
    (.post, "/v1/customers/search", "/v1/customers/search"),
    (.post, "/v1/customers/%73earch", "/v1/customers/search"),
    (.get, "/v1/customers/search/cart", "/v1/customers/{customer}/cart search"),
    (.put, "/v1/customers/1/cart/lines/A%2F1", "/v1/customers/{customer}/cart/lines/{sku} 1 A/1"),
    (.get, "/v1/customers/1/cart/lines/A", "only PUT, OPTIONS"), (.get, "/v1", "nothing"),
    (.head, "/v1/customers", "/v1/customers"), (.options, "/v1/customers", "allow GET, HEAD, OPTIONS"),
    (.delete, "/v1/customers", "only GET, HEAD, OPTIONS"), (.options, "/own", "/own"), (.head, "/own", "/own"),
    (.post, "/v1/t", "/v1/t"), (.post, "/v1/t/", "/v1/t"), (.post, "/v1/t//", "nothing"),
    (.get, "/v1/an-address-longer-than-eight", "/v1/an-address-longer-than-eight"),
    (.get, "/v1/an-addrefs-longer-than-eight", "/v1/an-addrefs-longer-than-eight"),
    (.get, "/v1/an-addr", "nothing"), (.get, "/../v1/customers", "nothing"),
  ])
  func `an address finds its route`(method: HTTP.Method, target: String, found: String) throws {
    #expect(try Self.look(method, target) == found)
  }

  @Test(arguments: [
    ["/a", "/a"], ["/{a}", "/{b}"], ["/x/{a}/y", "/x/{b}/y"], ["a"], [""], ["/a//b"], ["/a/"], ["/{}"], ["/{a}{b}"],
    ["/{a}/{a}"], ["/a b"], ["/a?b"], ["/x{a}"], ["/a%20b"],
    ["/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}"],
  ])
  func `a doubtful table is refused`(patterns: [String]) {
    #expect(throws: RoutingError.self) { try Router(patterns.map { Self.route(.get, $0) }) }
  }

  @Test func `names of parameters may differ from route to route`() throws {
    _ = try Router([Self.route(.get, "/x/{a}"), Self.route(.put, "/x/{b}"), Self.route(.get, "/x/{c}/y")])
  }
}
