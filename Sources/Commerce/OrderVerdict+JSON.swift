package import Base
import Customers

/// How a verdict stands in the log.
extension OrderVerdict {
  package init?(json: JSON) {
    guard let act = json["act"]?.string.flatMap(OrderAct.init(rawValue:)) else { return nil }
    self.act = act
    order = json["order"]?.integer
    applied = json["early"]?.elements.compactMap { $0.integer } ?? []
    moves = json["moves"]?.elements.compactMap(Self.move) ?? []
    added = json["added"]?.elements.compactMap(Self.addition) ?? []
    receipt = json["receipt"]?.string
    claimed = Self.goods(json["claimed"])
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
      early = Early(id: id, lines: Self.goods(json["lines"]), total: json["total"]?.integer)
    } else if let id = json["id"]?.string {
      placing = Self.placing(id, json)
    }
  }

  private static func goods(_ json: JSON?) -> [(sku: String, quantity: Quantity)] {
    json?.elements.compactMap { line in
      let parts = Array(line.elements)
      guard parts.count == 2, let sku = parts[0].string, let quantity = parts[1].integer else { return nil }
      return (sku, Quantity(thousandths: quantity))
    } ?? []
  }

  private static func addition(_ json: JSON) -> Order.Addition? {
    let parts = Array(json.elements)
    guard parts.count == 11, let index = parts[0].integer, let (line, first) = line(parts[3...]) else { return nil }
    let from = parts[2].string.flatMap(OrderState.init)
    return Order.Addition(
      index: Int(index), part: parts[1].integer.flatMap { of in from.map { (Int(of), $0) } }, line: line, first: first)
  }

  private static func line(_ parts: ArraySlice<JSON>) -> (line: Order.Line, first: OrderState)? {
    let parts = Array(parts)
    guard parts.count == 8, let sku = parts[0].string, let quantity = parts[1].integer, let goods = parts[3].integer,
      let net = parts[4].integer, let fulfilment = parts[5].string.flatMap(OrderFulfilment.init),
      let first = parts[7].string.flatMap(OrderState.init)
    else { return nil }
    let line = Order.Line(
      sku: sku, quantity: Quantity(thousandths: quantity), price: parts[2].integer, goods: goods, net: net,
      fulfilment: fulfilment, store: parts[6].string)
    return (line, first)
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
    for parts in json["lines"]?.elements.map({ Array($0.elements) }) ?? [] {
      guard let (line, first) = line(parts[...]) else { continue }
      placing.lines.append(line)
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
      if !added.isEmpty {
        writer.key("added")
        writer.array { writer in for addition in added { Self.write(addition, to: &writer) } }
      }
      writer.field("receipt", ifPresent: receipt)
      if !claimed.isEmpty { Self.write("claimed", claimed, to: &writer) }
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
        writer.array { writer in Self.write(line, first, to: &writer) }
      }
    }
  }

  private func write(_ early: Early, to writer: inout JSONWriter) {
    writer.field("id", early.id)
    writer.field("isEarly", true)
    Self.write("lines", early.lines, to: &writer)
    writer.field("total", ifPresent: early.total)
  }

  private static func write(_ addition: Order.Addition, to writer: inout JSONWriter) {
    writer.array { writer in
      writer.value(Int64(addition.index))
      if let (line, from) = addition.part {
        writer.value(Int64(line))
        writer.value(from.rawValue)
      } else {
        writer.null()
        writer.null()
      }
      write(addition.line, addition.first, to: &writer)
    }
  }

  private static func write(_ line: Order.Line, _ first: OrderState, to writer: inout JSONWriter) {
    writer.value(line.sku)
    writer.value(line.quantity.thousandths)
    if let price = line.price { writer.value(price) } else { writer.null() }
    writer.value(line.goods)
    writer.value(line.net)
    writer.value(line.fulfilment.rawValue)
    if let store = line.store { writer.value(store) } else { writer.null() }
    writer.value(first.rawValue)
  }

  private static func write(
    _ name: String, _ goods: [(sku: String, quantity: Quantity)], to writer: inout JSONWriter
  ) {
    writer.key(name)
    writer.array { writer in
      for one in goods {
        writer.array { writer in
          writer.value(one.sku)
          writer.value(one.quantity.thousandths)
        }
      }
    }
  }
}
