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

  package init?(json: JSON) {
    guard let act = json["act"]?.string.flatMap(OrderAct.init(rawValue:)) else { return nil }
    self.act = act
    order = json["order"]?.integer
    applied = json["early"]?.elements.compactMap { $0.integer } ?? []
    moves = json["moves"]?.elements.compactMap(Self.move) ?? []
    payments =
      json["payments"]?.elements.compactMap { payment in
        let parts = Array(payment.elements)
        guard parts.count == 2, let method = parts[0].string, let amount = parts[1].integer else { return nil }
        return (method, amount)
      } ?? []
    refunded = json["refunded"]?.integer ?? 0
    undone = json["undone"]?.integer ?? 0
    conflict = json["conflict"]?.string
    defects = json["defects"]?.elements.compactMap { $0.string } ?? []
    exceeded = json["exceeded"]?.elements.compactMap(OfflineExcess.init(json:)) ?? []
    if json["isEarly"]?.bool == true, let id = json["id"]?.string {
      let lines = json["lines"]?.elements.compactMap { line -> (sku: String, quantity: Quantity)? in
        let parts = Array(line.elements)
        guard parts.count == 2, let sku = parts[0].string, let quantity = parts[1].integer else { return nil }
        return (sku, Quantity(thousandths: quantity))
      }
      early = Early(id: id, lines: lines ?? [], total: json["total"]?.integer)
    } else if let id = json["id"]?.string {
      placing = Self.placing(id, json)
    }
  }

  private static func move(_ json: JSON) -> Order.Move? {
    let parts = Array(json.elements)
    guard parts.count == 4, let line = parts[0].integer, let from = parts[1].string.flatMap(OrderState.init),
      let to = parts[2].string.flatMap(OrderState.init), let quantity = parts[3].integer
    else { return nil }
    return Order.Move(line: Int(line), from: from, to: to, quantity: Quantity(thousandths: quantity))
  }

  private static func placing(_ id: String, _ json: JSON) -> Placing {
    let amounts = json["totals"]?.elements.compactMap { $0.integer } ?? []
    let totals =
      amounts.count == 5
      ? Order.Totals(
        goods: amounts[0], discount: amounts[1], points: amounts[2], other: amounts[3], due: amounts[4])
      : Order.Totals()
    var placing = Placing(
      id: id, channel: json["channel"]?.string ?? "", currency: json["currency"]?.string.flatMap { Currency($0) },
      totals: totals)
    placing.points = json["points"]?.integer ?? 0
    placing.code = json["code"]?.string
    placing.until = json["until"]?.integer.map { Instant(milliseconds: $0) }
    placing.cart = json["cart"]?.string
    placing.isOffline = json["offline"]?.bool ?? false
    for line in json["lines"]?.elements.map({ Array($0.elements) }) ?? [] {
      guard line.count == 8, let sku = line[0].string, let quantity = line[1].integer, let goods = line[3].integer,
        let net = line[4].integer, let fulfilment = line[5].string.flatMap(OrderFulfilment.init),
        let first = line[7].string.flatMap(OrderState.init)
      else { continue }
      placing.lines.append(
        Order.Line(
          sku: sku, quantity: Quantity(thousandths: quantity), price: line[2].integer, goods: goods, net: net,
          fulfilment: fulfilment, store: line[6].string))
      placing.first.append(first)
    }
    return placing
  }

  package var json: [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.object { writer in
      writer.field("act", act.rawValue)
      writer.field("order", ifPresent: order)
      if let placing { write(placing, to: &writer) }
      if let early { write(early, to: &writer) }
      if !applied.isEmpty {
        writer.key("early")
        writer.array { writer in for sequence in applied { writer.value(sequence) } }
      }
      if !moves.isEmpty {
        writer.key("moves")
        writer.array { writer in
          for move in moves {
            writer.array { writer in
              writer.value(Int64(move.line))
              writer.value(move.from.rawValue)
              writer.value(move.to.rawValue)
              writer.value(move.quantity.thousandths)
            }
          }
        }
      }
      if !payments.isEmpty {
        writer.key("payments")
        writer.array { writer in
          for payment in payments {
            writer.array { writer in
              writer.value(payment.method)
              writer.value(payment.amount)
            }
          }
        }
      }
      if refunded != 0 { writer.field("refunded", refunded) }
      if undone != 0 { writer.field("undone", undone) }
      writer.field("conflict", ifPresent: conflict)
      if !defects.isEmpty {
        writer.key("defects")
        writer.array { writer in for defect in defects { writer.value(defect) } }
      }
      if !exceeded.isEmpty {
        writer.key("exceeded")
        writer.array { writer in for excess in exceeded { excess.writeVerdict(to: &writer) } }
      }
    }
    return writer.bytes
  }

  private func write(_ placing: Placing, to writer: inout JSONWriter) {
    writer.field("id", placing.id)
    writer.field("channel", placing.channel)
    writer.field("currency", ifPresent: placing.currency?.code)
    writer.key("totals")
    writer.array { writer in
      let totals = placing.totals
      for amount in [totals.goods, totals.discount, totals.points, totals.other, totals.due] { writer.value(amount) }
    }
    if placing.points != 0 { writer.field("points", placing.points) }
    writer.field("code", ifPresent: placing.code)
    writer.field("until", ifPresent: placing.until?.milliseconds)
    writer.field("cart", ifPresent: placing.cart)
    if placing.isOffline { writer.field("offline", true) }
    writer.key("lines")
    writer.array { writer in
      for (line, first) in zip(placing.lines, placing.first) {
        writer.array { writer in
          writer.value(line.sku)
          writer.value(line.quantity.thousandths)
          if let price = line.price { writer.value(price) } else { writer.null() }
          writer.value(line.goods)
          writer.value(line.net)
          writer.value(line.fulfilment.rawValue)
          if let store = line.store { writer.value(store) } else { writer.null() }
          writer.value(first.rawValue)
        }
      }
    }
  }

  private func write(_ early: Early, to writer: inout JSONWriter) {
    writer.field("id", early.id)
    writer.field("isEarly", true)
    writer.key("lines")
    writer.array { writer in
      for line in early.lines {
        writer.array { writer in
          writer.value(line.sku)
          writer.value(line.quantity.thousandths)
        }
      }
    }
    writer.field("total", ifPresent: early.total)
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
