import Base
import Dispatch
import HTTP

/// What commands ask of a running server, over the Unix socket in its data directory: whoever may open the socket may
/// read the database too, so no key is asked for.
struct Control: Sendable {
  let administration: Administration
  /// Where the server listens.
  private let url: @Sendable () -> String
  // One at a time, and on no loop, since each waits for the disk.
  private let queue = DispatchQueue(label: "throughline.control")

  init(administration: Administration, url: @escaping @Sendable () -> String) {
    self.administration = administration
    self.url = url
  }

  static let keys = "/keys"
  static let keyList = "/keys/list"
  static let keyEnd = "/keys/revoke"
  static let sources = "/sources"
  static let secrets = "/secrets"
  static let forgetting = "/secrets/forget"
  static let documents = "/documents"
  static let address = "/address"
  static let practice = "/practice"
  static let practiceEnd = "/practice/end"
  /// The longest file of documents: ten thousand of them fit.
  ///
  /// As text within a body it is at most twice as long.
  static let longestDocuments = 8 << 20

  /// The routes of the control socket.
  var routes: [Route] {
    [
      Route(.post, Self.keys) { request, exchange in
        let body = request.copyBody()
        answer(exchange) {
          let fields = try JSONDocument(body).root
          return try administration.createKey(
            role: fields["role"]?.string ?? "", source: fields["source"]?.string, name: fields["name"]?.string,
            holder: fields["holder"]?.string)
        }
      },
      Route(.post, Self.keyList) { _, exchange in answer(exchange) { administration.listKeys() } },
      Route(.post, Self.keyEnd) { request, exchange in
        let body = request.copyBody()
        answer(exchange) { try administration.revokeKey(JSONDocument(body).root["key"]?.string ?? "") }
      },
      Route(.post, Self.sources) { request, exchange in
        let body = request.copyBody()
        answer(exchange) {
          let fields = try JSONDocument(body).root
          return try administration.createSource(
            name: fields["name"]?.string ?? "", channel: fields["channel"]?.string ?? "",
            trust: fields["trust"]?.string, kind: fields["kind"]?.string)
        }
      },
      Route(.post, Self.secrets) { request, exchange in
        let body = request.copyBody()
        answer(exchange) {
          try administration.createSecret(source: JSONDocument(body).root["source"]?.string ?? "")
        }
      },
      Route(.post, Self.address) { _, exchange in answer(exchange) { [url] in url() } },
      Route(.post, Self.practice) { request, exchange in
        let body = request.copyBody()
        answer(exchange) { try administration.beginPractice(JSONDocument(body).root["town"]?.string ?? "") }
      },
      Route(.post, Self.practiceEnd) { request, exchange in
        let body = request.copyBody()
        answer(exchange) { try administration.endPractice(JSONDocument(body).root["town"]?.string ?? "") }
      },
      Route(.post, Self.forgetting) { _, exchange in answer(exchange) { try administration.forgetSecrets() } },
      Route(.post, Self.documents, options: RouteOptions(maximumBody: 2 * Self.longestDocuments + 4096)) {
        request, exchange in
        let body = request.copyBody()
        answer(exchange) {
          let fields = try JSONDocument(body).root
          return try administration.apply(
            Array((fields["documents"]?.string ?? "").utf8), file: fields["file"]?.string ?? "",
            isDryRun: fields["dryRun"]?.string == "true")
        }
      },
    ]
  }

  private func answer(_ exchange: Exchange, _ work: @escaping @Sendable () throws -> String) {
    queue.async { @Sendable in
      do {
        exchange.respond(.text(try work()))
      } catch {
        let failure = error as? Failure
        let status: Status = failure?.code == .invalid ? .badRequest : .internalServerError
        let words = failure.map { $0.message + ($0.hint.map { " (\($0))" } ?? "") }
        exchange.respond(.text(words ?? "\(error)", status: status))
      }
    }
  }
}
