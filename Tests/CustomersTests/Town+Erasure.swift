import Base
import SQL
import TestKit
import Testing

@testable import Customers

extension Town {
  /// Erases the customer of that name as a job does.
  @discardableResult
  func erase(_ name: String) throws -> Erasure.Receipt {
    let leader = try leader(name)
    let act = Erasure.Act(
      reason: "he asked for it", author: "api:root", messageID: store.tokens.next("job_"), at: store.clock.now)
    return try store.database.write { [erasure = store.erasure] session in
      try erasure.erase(try Erasure.person(ofCustomer: leader, in: session), by: act, in: session)
    }
  }

  /// Every row of every table but the tombstones and the index of messages, as text.
  func dump() throws -> String {
    try store.database.read { session in
      var text = ""
      for table in try session.tables() where !["tombstone", "message", "setting"].contains(table) {
        try session.forEachRow(ofText: "SELECT * FROM \(table)", []) { row in
          text += table + (0..<row.count).map { " \(row.value($0))" }.joined() + "\n"
          return true
        }
      }
      return text
    }
  }

  func canonical() throws -> String {
    try store.database.read { [folds = store.folds] session in
      var bytes: [UInt8] = []
      _ = try CanonicalExport(folds: folds).write(in: session) { bytes += $0 }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  func id(_ name: String) throws -> String {
    let leader = try leader(name)
    return try store.database.read { try OriginStore.origin(leader, in: $0).publicID }
  }

  /// What a look-up of an id fails with.
  func missing(_ id: String) throws -> Failure.Code? {
    try store.database.read { session in
      guard case .nobody = try Lookup.find(.id(id), in: session) else { return nil }
      return try Lookup.missing(.id(id), in: session).code
    }
  }

  func order(_ who: String, _ id: String, revenue: String, from source: String = "backend") throws -> Intake.Answer {
    var event = Self.event(id, who, receivedAt: store.clock.now, kind: .track, name: "Order Completed")
    event.body = Array(
      """
      {"messageId": "\(id)", "event": "Order Completed", "properties": {"order_id": "\(id == "m-5" ? "ANN-77" : "B-1")", "revenue": \(revenue),
       "currency": "EUR", "coupon": "ANN10", "email": "ann@b.test", "products": [
         {"sku": "kettle-1", "name": "for Ann", "quantity": 2, "price": 12.50}, {"sku": "ann@b.test", "price": "9.90"}]},
       "context": {"ip": "192.0.2.7", "traits": {"lastName": "Ahlberg"}}}
      """.utf8)
    return try store.send([event], from: source).answers[0]
  }
}
