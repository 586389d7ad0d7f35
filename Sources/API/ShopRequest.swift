import Base
import Customers
import HTTP
import SQL

/// What every request has in common that changes the shop's own things, such as documents, webhooks and keys: who asks,
/// when, on which conditions, and under which key it counts once.
struct ShopRequest: Sendable {
  let key: AccessKey
  let now: Instant
  let conditions: Conditions
  private let weight: Int
  /// Nil where no Idempotency-Key came.
  private let kept: KeptRequest?

  /// - Throws: `invalid` where the Idempotency-Key is none.
  init(_ request: borrowing Request, by key: AccessKey, _ services: Services) throws {
    self.key = key
    now = services.clock.now
    conditions = Conditions(request)
    weight = request.bodyCount
    kept = try CustomerRequest.idempotencyKey(request).map { text in
      KeptRequest(
        by: key.id, text, "\(request.method.name) \(request.path)", body: request.copyBody(), at: services.clock.now)
    }
  }

  /// The source of the change.
  var author: String { Event.requestSource + key.name }

  /// What came of a request.
  struct Done<T: Sendable>: Sendable {
    /// What the work answered; nil where it was done before, under the same Idempotency-Key.
    var value: T?
    /// What it changed.
    var name: String
    /// The place in the log that holds it.
    var sequence: Int64
  }

  /// What a change was made of, and where in the log it is held; the newest place where none is named.
  struct Made<T: Sendable>: Sendable {
    var value: T
    var name: String
    var sequence: Int64?
  }

  /// Another request came under the Idempotency-Key.
  fileprivate struct Other: Error {}

  /// What is to be changed is not what the request's conditions name.
  private struct Unmet: Error {
    let current: EntityTag?
  }

  /// Lets the request go on where it is about that state.
  ///
  /// - Parameter current: the tag of what stands; nil for nothing.
  func check(current: EntityTag?) throws {
    guard conditions.judge(current: current) == .proceed else { throw Unmet(current: current) }
  }

  /// Does the work in the next transaction, unless the same request did it before, then answers.
  ///
  /// - Parameters:
  ///   - work: writes, and names what it changed.
  ///   - committed: is told when that is durable, whatever becomes of the answer: memory follows the tables.
  ///   - answer: makes the answer of a snapshot that holds what was written.
  func perform<T: Sendable>(
    _ services: Services, _ exchange: Exchange, _ work: @escaping @Sendable (any Session) throws -> Made<T>,
    committed: @escaping @Sendable (Done<T>) -> Void = { _ in },
    then answer: @escaping @Sendable (Done<T>, any Session) throws -> Response
  ) {
    services.database.write(weight: weight) { [kept] session -> Done<T> in
      switch try kept?.known(in: session) {
      case .other: throw Other()
      case .same(let name, let sequence): return Done(value: nil, name: name, sequence: sequence)
      case nil: break
      }
      let made = try work(session)
      let sequence = try made.sequence ?? EventLog.last(in: session)
      try kept?.keep(made: made.name, sequence: sequence, in: session)
      return Done(value: made.value, name: made.name, sequence: sequence)
    } then: { (result: Result<Done<T>, any Error>) in
      do {
        let done = try result.get()
        committed(done)
        services.read(exchange) { session in
          var response = try answer(done, session)
          response.set("Throughline-Sequence", "\(done.sequence)")
          return response
        }
      } catch is Other {
        exchange.respond(CustomerRequest.taken)
      } catch let unmet as Unmet {
        exchange.respond(.preconditionFailed(unmet.current))
      } catch {
        exchange.respond(services.problem(error))
      }
    }
  }
}
