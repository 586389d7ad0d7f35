import Base
import Channels
import Customers
import HTTP

/// The answer to a call that posts events: one result per event, in the order of the events.
struct EventAnswer: Sendable {
  let reception: Reception
  /// An anonymous source learns ids, states and errors, and nothing of whom it spoke of.
  let tellsCustomers: Bool

  var items: [Inbound] { reception.items }
  private var isSingle: Bool { reception.list == nil }

  /// The events that were understood.
  var events: [Event] {
    items.compactMap { item in
      if case .event(let event) = item { event } else { nil }
    }
  }

  /// What was refused.
  func refusals(at time: Instant) -> [Intake.Refusal] {
    items.compactMap { item in
      guard case .refused(let messageID, let faults, let body) = item else { return nil }
      return Intake.Refusal(
        messageID: messageID, reason: faults.map { "\($0.pointer) \($0.reason)" }.joined(separator: "; "), body: body,
        receivedAt: time)
    }
  }

  /// - Throws: `invalid` or `conflict` for a call of one event that was refused.
  func response(to taken: Intake.Answers) throws -> Response {
    if isSingle { try throwFault(taken) }
    var writer = JSONWriter(capacity: 64 + items.count * 160)
    writer.object { writer in
      writer.field("success", true)
      writer.field("sequence", taken.sequence)
      writer.key("results")
      writer.array { writer in
        var answers = taken.answers[...]
        for (index, item) in items.enumerated() {
          writer.object { writer in
            switch item {
            case .refused(let messageID, let faults, _):
              writer.field("messageId", ifPresent: messageID)
              writer.field("status", "invalid")
              write(faults, under: place(of: index), to: &writer)
            case .event(let event):
              writer.field("messageId", event.messageID)
              if let answer = answers.popFirst() { write(answer, under: place(of: index), to: &writer) }
            }
          }
        }
      }
    }
    var response = Response.json(writer.bytes)
    response.set("Throughline-Sequence", "\(taken.sequence)")
    return response
  }

  private func place(of index: Int) -> String { reception.list.map { "\($0)/\(index)" } ?? "" }

  private func throwFault(_ taken: Intake.Answers) throws {
    if case .refused(_, let faults, _) = items.first { throw Failure(.invalid, "the event is refused", faults: faults) }
    if case .conflict = taken.answers.first {
      throw Failure(.conflict, "another event stands under this id", faults: [reception.taken])
    }
  }

  private func write(_ answer: Intake.Answer, under pointer: String, to writer: inout JSONWriter) {
    switch answer {
    case .accepted(_, let customer, let result):
      writer.field("status", "accepted")
      write(customer, result, to: &writer)
    case .duplicate(_, let customer, let result):
      writer.field("status", "duplicate")
      write(customer, result, to: &writer)
    case .conflict:
      writer.field("status", "conflict")
      write([reception.taken], under: pointer, to: &writer)
    }
  }

  private func write(_ customer: String?, _ result: Outcome.Result, to writer: inout JSONWriter) {
    guard tellsCustomers else { return }
    writer.field("customer", ifPresent: customer)
    writer.field("outcome", result.rawValue)
  }

  private func write(_ faults: [Failure.Fault], under pointer: String, to writer: inout JSONWriter) {
    writer.key("errors")
    writer.array { writer in
      for fault in faults {
        writer.object { writer in
          writer.field("pointer", pointer + fault.pointer)
          writer.field("reason", fault.reason)
        }
      }
    }
  }
}
