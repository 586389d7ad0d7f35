import Base
import Channels
import Customers
import HTTP

/// What becomes of a call that posts events, whoever has read it.
extension Services {
  /// How much is kept of a call that cannot be read: enough to see who sends what, little enough for 10,000 of them.
  private static let keptOfRefused = 4 << 10

  /// Runs what answers later; what it throws at once is answered at once.
  func answer(_ exchange: Exchange, orLater work: () throws -> Void) {
    do { try work() } catch { exchange.respond(problem(error)) }
  }

  /// Takes what was read and answers when it is durable.
  ///
  /// - Throws: `limited` where the source sends too much.
  func take(_ reception: Reception, of source: Source, at time: Instant, _ exchange: Exchange) throws {
    try limiter.take(reception.items.count, of: source, now: time)
    let answer = EventAnswer(reception: reception, tellsCustomers: source.trust == .verified)
    intake.submit(answer.events, refused: answer.refusals(at: time), from: source.name) { result in
      self.answer(exchange) {
        let answers = try result.get()
        metrics.took(answers, refused: answer.items.count - answers.answers.count)
        return try answer.response(to: answers)
      }
    }
  }

  /// Keeps the beginning of a call that cannot be read as a dead letter of its source, then tells what is wrong.
  ///
  /// - Parameter told: the call, but for what may not be kept.
  /// - Throws: `error` where it says nothing of the call.
  func refuse(
    _ told: [UInt8], of source: Source, at time: Instant, for error: any Error, _ exchange: Exchange
  ) throws {
    let failure = Failure(telling: error)
    guard failure.code == .invalid || failure.code == .tooLarge else { throw error }
    let faults = failure.faults.map { " \($0.pointer) \($0.reason)" }.joined(separator: ";")
    let text = String(decoding: told.prefix(Self.keptOfRefused), as: UTF8.self).replacing("\0", with: "\u{FFFD}")
    let refusal = Intake.Refusal(
      messageID: nil, reason: failure.message + faults, body: Array(text.utf8), receivedAt: time)
    intake.submit([], refused: [refusal], from: source.name) { _ in exchange.respond(problem(failure)) }
  }
}
