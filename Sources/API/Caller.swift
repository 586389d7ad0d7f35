import Base
import Customers
import HTTP

/// Who makes a request that shows or changes a customer.
enum Caller: Sendable {
  /// A service or a person, by a key.
  case key(AccessKey)
  /// The customer himself, or a visitor, by a token.
  case person(PersonToken)

  /// Who is let in.
  struct Audience: Sendable {
    var roles: Set<Role>
    var holders: Set<PersonToken.Holder> = []
  }

  /// The caller whose key or token came with the request.
  ///
  /// Whether a token has ended is decided where its customer is looked at.
  /// - Throws: `unauthorized` without a valid key or token, `forbidden` where it may not do this.
  init(_ request: borrowing Request, _ services: Services, to audience: Audience) throws {
    guard !audience.holders.isEmpty, let text = Authentication.credentials(request), JSONWebToken.isToken(text) else {
      self = .key(try Authentication(services).require(audience.roles, of: request))
      return
    }
    guard let token = services.token(text) else { throw Self.unknown }
    guard audience.holders.contains(token.holder), request.parameter("customer") ?? "me" == "me" else {
      throw Self.refusal
    }
    self = .person(token)
  }

  /// What a request is told that brings no key, by what it brings instead.
  static func refusal(of text: [UInt8]?, _ services: Services) -> Failure {
    text.flatMap { services.token($0) } == nil ? unknown : refusal
  }

  /// No key and no token: neither a forged one nor one that has ended is told apart from none.
  static let unknown = Failure(.unauthorized, "a valid key is needed: Authorization: Bearer KEY")
  private static let refusal = Failure(.forbidden, "a token reaches /v1/customers/me, and not all of that")

  /// Whether somebody asks for what is his own.
  var isPerson: Bool {
    if case .person = self { true } else { false }
  }

  var reader: Audit.Reader {
    switch self {
    case .key(let key): Audit.Reader(key)
    case .person(let token): Audit.Reader(token.holder)
    }
  }

  /// The source of what the caller writes.
  var author: String {
    switch self {
    case .key(let key): Event.requestSource + key.name
    case .person(let token): token.author
    }
  }
}

extension Services {
  /// The token that `text` spells; nil where it is none of ours, or its time is over.
  func token(_ text: [UInt8]) -> PersonToken? {
    guard JSONWebToken.isToken(text), let key = try? vault.signingKey() else { return nil }
    return PersonToken(text, key: key, now: clock.now)
  }
}
