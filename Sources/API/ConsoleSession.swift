import Base
import Customers
import HTTP

/// A person's sign-in at the console: a signed statement of the key that he signed in with, which his browser keeps as a
/// cookie.
///
/// It holds no right by itself: what it may do is asked of its key each time. It ends when its key does, when he signs
/// out, when nothing was done with it for a while, and in any case after a working day. The server keeps nothing of it,
/// so a restart ends none.
struct ConsoleSession: Sendable {
  /// What tells it from others.
  var id: String
  /// The key's id.
  var key: String
  var startedAt: Instant
  /// When the person was last there.
  var seenAt: Instant

  /// Whoever leaves his desk for longer signs in again.
  static let longestPause: Duration = .seconds(30 * 60)
  /// One working day.
  static let longest: Duration = .seconds(12 * 3600)

  /// When it ends by itself.
  var endsAt: Instant { min(seenAt + Self.longestPause, startedAt + Self.longest) }

  /// A new one of `key`.
  init(_ id: String, key: AccessKey, now: Instant) {
    (self.id, self.key, startedAt, seenAt) = (id, key.id, now, now)
  }

  /// The session that `text` spells; nil where it was not signed under `secret`, or its time is over.
  init?(_ text: [UInt8], secret: [UInt8], now: Instant) {
    guard let claims = JSONWebToken.claims(of: text, key: secret), claims["iss"]?.isString("throughline") == true,
      claims["aud"]?.isString("console") == true, let id = claims["jti"]?.string, let key = claims["sub"]?.string,
      let started = claims["started"]?.integer, let seen = claims["seen"]?.integer
    else { return nil }
    (self.id, self.key) = (id, key)
    startedAt = Instant(milliseconds: started)
    seenAt = Instant(milliseconds: seen)
    guard now < endsAt else { return nil }
  }

  /// Its text, signed under `secret`.
  func signed(by secret: [UInt8]) -> String {
    var writer = JSONWriter(capacity: 200)
    writer.object { writer in
      writer.field("iss", "throughline")
      writer.field("aud", "console")
      writer.field("jti", id)
      writer.field("sub", key)
      writer.field("started", startedAt.milliseconds)
      writer.field("seen", seenAt.milliseconds)
    }
    return JSONWebToken.sign(writer.bytes, key: secret)
  }

  /// The secret that sessions are signed under, made of the one for tokens, so that neither is ever taken for the other.
  ///
  /// - Throws: `unavailable` where there is none, or the master key does not open it.
  static func secret(_ services: Services) throws -> [UInt8] {
    guard let key = try services.vault.signingKey() else {
      throw Failure(.unavailable, "nobody can sign in now", cause: "there is no key to sign sessions with")
    }
    return Digest.hmac(Array("console".utf8), key: key)
  }
}

extension Services {
  /// The session whose cookie came with the request, and the key that it stands for; nil where none came.
  ///
  /// - Throws: `forbidden` where a page of another origin may have sent it; `unauthorized` where it has ended.
  func session(of request: borrowing Request) throws -> (session: ConsoleSession, key: AccessKey)? {
    guard request.header("Authorization") == nil, let text = ConsoleCookie.value(in: request) else { return nil }
    try SameOrigin.require(of: request)
    guard let session = ConsoleSession(Array(text.utf8), secret: try ConsoleSession.secret(self), now: clock.now),
      !endedSessions.contains(session.id), let key = keyring.find(id: session.key, now: clock.now)
    else { throw Failure(.unauthorized, "the session has ended: sign in again") }
    return (session, key)
  }
}
