import Base
package import SQL

extension Intake {
  /// Records what a request says of who somebody is, as if a shop's server had sent it: recognition decides.
  ///
  /// - Parameters:
  ///   - event: names him; what it proves is marked.
  ///   - origin: where it will stand; none for somebody new.
  ///   - author: the source, for example `api:shop`.
  /// - Throws: `invalid` where all that it names identifies nobody.
  package func recognise(
    _ event: Event, at origin: Origin.Number?, author: String, in session: any Session
  ) throws -> Answer {
    var source = try Source(name: "api", channel: "web", trust: .verified)
    source.name = author
    return try record(event, at: origin, author: author, in: session) { outcome in
      outcome = try Recognition.decide(event, from: source, numbers: OriginNumbers(tokens: tokens), in: session).outcome
      guard outcome.origin != nil else { throw Failure(.invalid, "this value identifies nobody") }
    }
  }
}
