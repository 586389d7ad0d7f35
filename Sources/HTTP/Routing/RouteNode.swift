/// One place in the tree of routes: what is served there, and which segments may follow.
final class RouteNode: Sendable {
  /// A static segment that may follow; its first eight bytes stand in one word, because most are no longer.
  private struct Child: Sendable {
    let word: UInt64
    let segment: [UInt8]
    let node: RouteNode
  }

  /// A path that is being looked up.
  struct Path {
    let bytes: UnsafePointer<UInt8>
    let end: Int
    let parameters: UnsafeMutablePointer<PathParameter>

    /// Whether the parameter can be decoded; one without an escape always can, because a target is ASCII.
    @inline(__always)
    func isDecodable(_ index: Int) -> Bool {
      let start = Int(parameters[index].offset)
      let count = Int(parameters[index].length)
      guard ByteScan.first(0x25, bytes, from: start, to: start &+ count) != nil else { return true }
      return PercentCoding.decode(UnsafeBufferPointer(start: bytes + start, count: count)) != nil
    }
  }

  /// The routes that end here, by the method's raw value.
  let methods: [CompiledRoute?]
  /// The `Allow` field for this place.
  let allow: String
  private let children: [Child]
  private let parameter: RouteNode?
  private let servesTrailingSlash: Bool

  private init(methods: [CompiledRoute?], children: [Child], parameter: RouteNode?) {
    self.methods = methods
    self.children = children
    self.parameter = parameter
    let allowed = Method.allCases.filter { method in
      method == .options || methods.indices.contains(Int(method.rawValue)) && methods[Int(method.rawValue)] != nil
    }
    allow = allowed.map(\.name).joined(separator: ", ")
    servesTrailingSlash = methods.contains { $0?.options.allowsTrailingSlash == true }
  }

  /// The route for a method that a preflight asks for by its name.
  func route(named name: String) -> CompiledRoute? {
    Method.allCases.first { $0.name == name }.flatMap { methods.isEmpty ? nil : methods[Int($0.rawValue)] }
  }

  /// The node for the rest of the path, whose next slash stands at `slash`.
  func find(_ path: Path, _ slash: Int, _ depth: Int) -> RouteNode? {
    let start = slash &+ 1
    let end = ByteScan.first(0x2F, path.bytes, from: start, to: path.end) ?? path.end
    if start == path.end, servesTrailingSlash { return self }
    if let node = child(path.bytes + start, end &- start) {
      if let found = node.next(path, end, depth) { return found }
    }
    guard let parameter, end > start else { return nil }
    path.parameters[depth] = PathParameter(
      offset: UInt16(truncatingIfNeeded: start), length: UInt16(truncatingIfNeeded: end &- start))
    return parameter.next(path, end, depth &+ 1)
  }

  @inline(__always)
  private func next(_ path: Path, _ end: Int, _ depth: Int) -> RouteNode? {
    if end < path.end { return find(path, end, depth) }
    return methods.isEmpty ? nil : self
  }

  @inline(__always)
  private func child(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> RouteNode? {
    let word = Self.word(bytes, count)
    for child in children where child.word == word && child.segment.count == count {
      if count <= 8 || child.segment.elementsEqual(UnsafeBufferPointer(start: bytes, count: count)) {
        return child.node
      }
    }
    // An escaped letter is the same letter (RFC 3986, 6.2.2.2), so it must not slip by a static segment.
    guard ByteScan.first(0x25, bytes, from: 0, to: count) != nil,
      let text = PercentCoding.decode(UnsafeBufferPointer(start: bytes, count: count))
    else { return nil }
    return children.first { $0.segment.elementsEqual(text.utf8) }?.node
  }

  @inline(__always)
  private static func word(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<min(count, 8) { word |= UInt64(bytes[index]) &<< UInt64(index &* 8) }
    return word
  }
}

extension RouteNode {
  /// Grows the tree while routes are added.
  final class Builder {
    private var methods: [CompiledRoute?] = []
    private var children: [(segment: String, builder: Builder)] = []
    private var parameter: Builder?

    /// Adds a route below the root.
    func add(_ route: Route) throws(RoutingError) {
      let pattern = route.pattern
      guard pattern.hasPrefix("/") else { throw .malformed(pattern: pattern, reason: "it does not begin with a slash") }
      var builder = self
      var names: [String] = []
      let segments = pattern == "/" ? [] : pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      for segment in segments { builder = try builder.step(segment, &names, pattern) }
      let compiled = CompiledRoute(
        template: pattern, parameterNames: names, options: route.options, handler: route.handler)
      try builder.put(compiled, route.method)
    }

    private func step(
      _ segment: Substring, _ names: inout [String], _ pattern: String
    ) throws(RoutingError) -> Builder {
      if segment.hasPrefix("{"), segment.hasSuffix("}"), segment.count > 2 {
        let name = String(segment.dropFirst().dropLast())
        guard !name.contains("{"), !name.contains("}") else {
          throw .malformed(pattern: pattern, reason: "a segment holds more than one parameter")
        }
        guard !names.contains(name) else { throw .malformed(pattern: pattern, reason: "{\(name)} stands twice") }
        guard names.count < Router.maximumParameters else {
          throw .malformed(pattern: pattern, reason: "it has more than \(Router.maximumParameters) parameters")
        }
        names.append(name)
        let next = parameter ?? Builder()
        parameter = next
        return next
      }
      guard !segment.isEmpty, segment.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"{}%?#".utf8.contains($0) }) else {
        throw .malformed(pattern: pattern, reason: "the segment '\(segment)' is not plain text")
      }
      if let known = children.first(where: { $0.segment == segment }) { return known.builder }
      let next = Builder()
      children.append((String(segment), next))
      return next
    }

    private func put(_ route: CompiledRoute, _ method: Method) throws(RoutingError) {
      if methods.isEmpty { methods = Array(repeating: nil, count: Method.allCases.count) }
      if let other = methods[Int(method.rawValue)] {
        throw .ambiguous("\(method.name) \(other.template)", "\(method.name) \(route.template)")
      }
      methods[Int(method.rawValue)] = route
    }

    /// The finished tree.
    func build() -> RouteNode {
      var methods = methods
      if !methods.isEmpty, methods[Int(Method.head.rawValue)] == nil {
        methods[Int(Method.head.rawValue)] = methods[Int(Method.get.rawValue)]
      }
      let children = children.map { segment, builder in
        let bytes = Array(segment.utf8)
        let word = bytes.withUnsafeBufferPointer { buffer in
          buffer.baseAddress.map { RouteNode.word($0, buffer.count) } ?? 0
        }
        return Child(word: word, segment: bytes, node: builder.build())
      }
      return RouteNode(methods: methods, children: children, parameter: parameter?.build())
    }
  }
}
