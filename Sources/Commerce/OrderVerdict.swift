package import Base
package import Customers

/// What one entry of the log decides about an order.
///
/// It tells goods, amounts, states and ids of ours, and nobody's name: it stays when a person is erased.
///
/// ```json
/// {"act": "place", "id": "ord_x3f…", "channel": "web", "currency": "EUR", "totals": [5000, 0, 0, 0, 5000], "points": 0,
///  "code": "7KM3QX", "until": 1767323045000, "cart": "crt_…",
///  "lines": [["mug", 2000, 2500, 5000, 5000, "pickup", "riga", "reserved"]],
///                                sku, thousandths, price, goods, net, fulfilment, store, first state
///  "payments": [["card", 5000]], "early": [17],      what came before it, and is applied with it
///  "offline": true, "exceeded": [["riga", "mug", 3000, 5000, 2000]]}     store, sku, allowed, taken, over
/// {"act": "collect", "order": 12, "moves": [[0, "ready", "collected", 2000]], "payments": [["store", 5000]]}
/// {"act": "refund", "order": 12, "moves": […], "refunded": 2500, "undone": 2500, "defects": ["…"]}
/// {"act": "report", "order": 12}
/// {"act": "report", "order": 12, "conflict": "customer"}      another's, or of other goods: nothing is moved
/// {"act": "refund", "id": "ord_x9c…", "isEarly": true, "lines": [["mug", 1000]], "total": 2500}
/// {"act": "move", "order": 12, "added": [[1, 0, "reserved", "mug", 1000, 2500, 2500, 2500, "pickup", "jelgava", "reserved"]]}
///      becomes line, of line, in state, sku, thousandths, price, goods, net, fulfilment, store, first state
/// {"act": "collect", "order": 12, "receipt": "ord_x51…", "moves": […], "claimed": [["mug", 1000]], "added": [[2, null, …]]}
/// ```
package struct OrderVerdict: Sendable {
  /// What the outcomes of entries have it under.
  package static let name = "order"

  package struct Placing: Sendable {
    /// The order's key.
    package var id: String
    package var channel: String
    package var currency: Currency?
    package var totals: Order.Totals
    package var points: Int64 = 0
    package var code: String?
    package var until: Instant?
    package var cart: String?
    /// Whether a till without a connection sold it.
    package var isOffline = false
    package var lines: [Order.Line] = []
    /// In which state each line begins.
    package var first: [OrderState] = []
  }

  /// A refund or a cancellation of an order that has not come yet.
  package struct Early: Sendable {
    package var id: String
    package var lines: [(sku: String, quantity: Quantity)]
    package var total: Int64?
  }

  package var act: OrderAct
  /// The number of the order; none where this entry opens it, or where it is not there yet.
  package var order: Int64?
  package var placing: Placing?
  package var early: Early?
  /// The entries whose acts came before the order, and are applied with it.
  package var applied: [Int64] = []
  package var moves: [Order.Move] = []
  /// Lines that the order gets.
  package var added: [Order.Addition] = []
  /// The key of the receipt that this entry is, which counts once for the order, by whatever road it comes.
  package var receipt: String?
  /// What of the receipt a request had handed over before it came.
  package var claimed: [(sku: String, quantity: Quantity)] = []
  package var payments: [(method: String, amount: Int64)] = []
  package var refunded: Int64 = 0
  package var undone: Int64 = 0
  /// What contradicts the order that is there; then nothing is moved.
  package var conflict: String?
  /// What does not fit in a fact, in words of ours.
  package var defects: [String] = []
  /// What was taken offline beyond what is allowed.
  package var exceeded: [OfflineExcess] = []

  package init(_ act: OrderAct, order: Int64? = nil) {
    self.act = act
    self.order = order
  }

  /// What does not fit, in words: an entry of the work list.
  package var doubts: [String] { exceeded.isEmpty ? defects : defects + [OrderConflict.offline] }

  package var paid: Int64 { payments.reduce(0) { $0 + $1.amount } }

  /// The one in an outcome, or nil.
  package init?(of outcome: Outcome) {
    guard let bytes = outcome.verdicts[Self.name], let root = try? JSONDocument(bytes).root else { return nil }
    self.init(json: root)
  }
}

extension Order {
  /// The order that an entry opens; nil where it opens none.
  package init?(_ verdict: OrderVerdict, of entry: LogEntry) {
    guard let placing = verdict.placing else { return nil }
    self.init(placing, number: entry.sequence, at: entry.event.at)
    (source, origin) = (entry.source, entry.outcome.origin)
    apply(verdict, sequence: entry.sequence)
  }

  /// An order that is about to be opened, before anything was paid.
  init(_ placing: OrderVerdict.Placing, number: Int64, at: Instant) {
    (self.number, self.at, version, source) = (number, at, number, "")
    (id, channel) = (placing.id, placing.channel)
    (currency, totals, points) = (placing.currency, placing.totals, placing.points)
    (code, until, cart) = (placing.code, placing.until, placing.cart)
    lines = placing.lines
    for (index, first) in placing.first.enumerated() { lines[index].parts[first] = lines[index].quantity }
  }

  /// The order after an act, or after what came with its placing.
  package mutating func apply(_ verdict: OrderVerdict, sequence: Int64) {
    guard verdict.conflict == nil else { return }
    self = adding(verdict.added)
    self = moved(verdict.moves.filter { lines.indices.contains($0.line) })
    paid += verdict.paid
    refunded += verdict.refunded
    undone += verdict.undone
    version = max(version, sequence)
  }
}

extension OrderVerdict.Placing {
  /// A verdict stays for ever, and what a sender calls his cart may name somebody: of carts it tells ids of ours alone.
  mutating func forgetForeignCart() {
    if cart.map({ !Cart.isOurs($0) }) ?? false { cart = nil }
  }
}
