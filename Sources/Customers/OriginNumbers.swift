import Base
import SQL

/// The numbers and ids that one transaction gives to the origins it opens.
struct OriginNumbers {
  private enum Last: TransactionKey { typealias Value = Origin.Number }

  private let tokens: TokenSource

  init(tokens: TokenSource) { self.tokens = tokens }

  func next(in session: any Session) throws -> (Origin.Number, publicID: String) {
    let last = try session.memory[Last.self] ?? session.first(of: OriginStatement.last) { $0.integer(0) } ?? 0
    session.memory[Last.self] = last + 1
    return (last + 1, tokens.next("cus_"))
  }

  /// An id for what is no origin.
  func id(_ prefix: StaticString) -> String { tokens.next(prefix) }
}
