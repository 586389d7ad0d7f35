import Base

/// The receipts of a till: one, a list of them, or `{"receipts": […]}`, such as the day of a till that was offline.
///
/// A receipt counts once by its store, register, shift and number, however often it comes.
package struct TillChannel: Channel {
  /// As many as a batch of events has.
  package static let mostReceipts = 2500
  /// One receipt is at most 64 KiB of JSON: some three hundred lines with all that may stand in them.
  package static let longestReceipt = 64 << 10
  /// A receipt has at most a thousand lines.
  package static let mostLines = 1000
  /// What names a store, a register, a shift or a receipt has at most 64 characters, as a source's name has.
  package static let longestName = 64
  /// So many faults of one receipt are told: a till that sends nonsense is mended by the first few.
  static let mostFaults = 20

  package init() {}

  package func receive(_ delivery: Delivery) throws -> Reception {
    let body = try JSONDocument(delivery.body).root
    let (list, place): (JSON?, String?) =
      switch body.kind {
      case .array: (body, "")
      case .object where body["receipts"] != nil: (body["receipts"], "/receipts")
      default: (nil, nil)
      }
    let taken = Failure.Fault("/receipt_no", "is taken by a receipt with another body")
    guard let list, let place else {
      guard body.kind == .object else {
        throw Failure(.invalid, "the body is no receipt", faults: [.init("", "is neither an object nor a list")])
      }
      return Reception(items: [TillReceipt.read(body, delivery)], list: nil, taken: taken)
    }
    guard list.kind == .array, list.count > 0 else {
      throw Failure(.invalid, "receipts are a list that is not empty", faults: [.init(place, "is no list, or empty")])
    }
    guard list.count <= Self.mostReceipts else {
      throw Failure(
        .tooLarge, "a delivery has at most \(Self.mostReceipts) receipts",
        faults: [.init(place, "has \(list.count) receipts")])
    }
    return Reception(items: list.elements.map { TillReceipt.read($0, delivery) }, list: place, taken: taken)
  }

  package func redacted(_ body: [UInt8]) -> [UInt8] {
    Array(String(decoding: body, as: UTF8.self).withoutPaymentCards.utf8)
  }
}
