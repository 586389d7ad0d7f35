import Base
import Customers
import HTTP
import SQL

/// What every request has in common that changes a customer: whose it is, when it came, and under which id it counts
/// once.
struct CustomerRequest: Sendable {
  /// `api:` and the key's name, or whose token it is.
  let author: String
  /// The request's Idempotency-Key, else an id of ours.
  let messageID: String
  /// Method and path, within which an Idempotency-Key counts.
  let target: String
  let now: Instant
  let conditions: Conditions

  /// An Idempotency-Key has at most 100 characters, as a message's id.
  static let longestKey = 100

  /// - Throws: `invalid` where the Idempotency-Key is none.
  init(_ request: borrowing Request, by key: AccessKey, _ services: Services) throws {
    try self.init(request, by: .key(key), services)
  }

  /// - Throws: `invalid` where the Idempotency-Key is none.
  init(_ request: borrowing Request, by caller: Caller, _ services: Services) throws {
    author = caller.author
    target = "\(request.method.name) \(request.path)"
    now = services.clock.now
    conditions = Conditions(request)
    messageID = try Self.idempotencyKey(request) ?? services.tokens.next("req_")
  }

  /// The request's Idempotency-Key, whether it is quoted as the draft of the IETF has it (a structured field) or bare, as
  /// most send it; nil where none came.
  static func idempotencyKey(_ request: borrowing Request) throws -> String? {
    guard let given = request.header("Idempotency-Key") else { return nil }
    let isQuoted = given.utf8.count >= 2 && given.hasPrefix("\"") && given.hasSuffix("\"")
    let key = isQuoted ? String(given.dropFirst().dropLast()) : given
    guard (1...longestKey).contains(key.unicodeScalars.count), key.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
    else {
      throw Failure(.invalid, "an Idempotency-Key has 1 to \(longestKey) characters")
    }
    return key
  }

  /// The answer to another request under a key that is taken.
  static var taken: Response {
    .problem(Problem(.unprocessableContent, "another request came under this Idempotency-Key"))
  }

  /// The answer of a request that was recorded, now or before; another one under its key is refused.
  func answer(_ taken: Intake.Answer, _ make: () throws -> Response) throws -> Response {
    switch taken {
    case .accepted(let sequence, _, _), .duplicate(let sequence, _, _):
      var response = try make()
      response.set("Throughline-Sequence", "\(sequence)")
      return response
    case .conflict: return Self.taken
    }
  }
}
