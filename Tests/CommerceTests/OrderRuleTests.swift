import Base
import Testing

@testable import Commerce

/// An order of three mugs at 10 and a plate at 5, each part of it in a state.
private func order(
  _ mugs: [OrderState: Int64], _ plate: OrderState = .reserved, _ fulfilment: OrderFulfilment = .pickup,
  paid: Int64 = 0, refunded: Int64 = 0, discount: Int64 = 0
) -> Order {
  let goods: Int64 = 3500
  let nets = Money.split(goods - discount, by: [3000, 500])
  var placing = OrderVerdict.Placing(
    id: "A-1", channel: "web", currency: Currency("EUR"),
    totals: Order.Totals(goods: goods, discount: discount, due: goods - discount))
  placing.lines = [
    Order.Line(
      sku: "mug", quantity: Quantity(thousandths: 3000), price: 1000, goods: 3000, net: nets[0],
      fulfilment: fulfilment, store: "riga"),
    Order.Line(
      sku: "plate", quantity: .one, price: 500, goods: 500, net: nets[1], fulfilment: fulfilment, store: "riga"),
  ]
  placing.first = [.reserved, plate]
  var order = Order(placing, number: 7, at: .earliest)
  order.lines[0].parts = mugs.mapValues { Quantity(thousandths: $0 * 1000) }
  (order.paid, order.refunded) = (paid, refunded)
  return order
}

private func text(_ moves: [Order.Move]) -> [String] {
  moves.map { "\($0.line) \($0.from.rawValue) → \($0.to.rawValue) \($0.quantity.decimal)" }
}

/// Every act by every state, for goods that are collected and goods that are sent: what becomes of them, `-` where it is
/// not allowed.
///
/// The columns are placed, reserved, picking, ready, packed, collected, shipped, delivered, returned, expired, cancelled,
/// refunded.
private let table: [(OrderAct, OrderFulfilment, String)] = [
  (.pick, .pickup, "picking picking - - - - - - - - - -"),
  (.ready, .pickup, "ready ready ready - - - - - - - - -"),
  (.collect, .pickup, "- - - collected - - - - - - - -"),
  (.ship, .pickup, "- - - - - - - - - - - -"),
  (.deliver, .pickup, "- - - - - - - - - - - -"),
  (.cancel, .pickup, "cancelled cancelled cancelled cancelled cancelled - - - - - - -"),
  (.return, .pickup, "- - - - - returned returned returned - - - -"),
  (
    .refund, .pickup,
    "refunded refunded refunded refunded refunded refunded refunded refunded refunded refunded refunded -"
  ),
  (.expire, .pickup, "expired expired expired expired - - - - - - - -"),
  (.pick, .delivery, "picking picking - - - - - - - - - -"),
  (.ready, .delivery, "packed packed packed - - - - - - - - -"),
  (.collect, .delivery, "- - - - - - - - - - - -"),
  (.ship, .delivery, "- - - - shipped - - - - - - -"),
  (.deliver, .delivery, "- - - - - - delivered - - - - -"),
  (.cancel, .delivery, "cancelled cancelled cancelled cancelled cancelled - - - - - - -"),
  (.return, .delivery, "- - - - - returned returned returned - - - -"),
  (
    .refund, .delivery,
    "refunded refunded refunded refunded refunded refunded refunded refunded refunded refunded refunded -"
  ),
  (.expire, .delivery, "- - - - - - - - - - - -"),
  (.pick, .counter, "- - - - - - - - - - - -"),
  (.ready, .counter, "- - - - - - - - - - - -"),
  (.collect, .counter, "- - - - - - - - - - - -"),
  (.ship, .counter, "- - - - - - - - - - - -"),
  (.deliver, .counter, "- - - - - - - - - - - -"),
  (.expire, .counter, "- - - - - - - - - - - -"),
]

@Test(arguments: table)
func `an act leads from these states to those, and from no other`(
  act: OrderAct, fulfilment: OrderFulfilment, expected: String
) throws {
  let states: [OrderState] = [
    .placed, .reserved, .picking, .ready, .packed, .collected, .shipped, .delivered, .returned, .expired, .cancelled,
    .refunded,
  ]
  #expect(states == OrderState.allCases)
  let found = states.map { act.next(from: $0, fulfilment)?.rawValue ?? "-" }.joined(separator: " ")
  #expect(found == expected)
  // The same by way of an order: what is not allowed is refused with both names.
  for (state, next) in zip(states, expected.split(separator: " ")) {
    let order = order([state: 3], state, fulfilment, paid: 3500)
    if next == "-" {
      let told = refusal { _ = try order.moves(for: act, nil) }
      #expect(told.hasPrefix("conflict  goes not from \(state.rawValue) to "), "\(told)")
    } else {
      #expect(
        text(try order.moves(for: act, nil)) == ["0 \(state.rawValue) → \(next) 3", "1 \(state.rawValue) → \(next) 1"])
    }
  }
}

@Test func `acts that move no line lead nowhere`() {
  for act in [OrderAct.place, .report, .remind, .pay] {
    for state in OrderState.allCases { #expect(act.next(from: state, .pickup) == nil) }
  }
}

@Test(arguments: [
  ([OrderState.reserved, .collected], OrderState.reserved), ([.ready, .picking, .cancelled], .picking),
  ([.collected, .refunded], .collected), ([.cancelled, .expired], .cancelled), ([.cancelled, .refunded], .refunded),
  ([.expired], .expired), ([.returned, .cancelled], .returned), ([.shipped, .delivered], .shipped),
  ([.placed, .reserved], .placed), ([], .cancelled),
])
func `an order is as far as its slowest part`(parts: [OrderState], status: OrderState) {
  #expect(OrderState.status(of: parts) == status)
}

@Test func `a line is split by what becomes of its parts`() throws {
  let whole = order([.reserved: 3])
  let one = try whole.moves(
    for: .cancel, [Order.Selection(pointer: "/lines/0", sku: "mug", quantity: .one)])
  #expect(text(one) == ["0 reserved → cancelled 1"])
  let rest = whole.moved(one)
  #expect(rest.lines[0].parts == [.reserved: Quantity(thousandths: 2000), .cancelled: .one])
  #expect(rest.status == .reserved)
  #expect(text(try rest.moves(for: .pick, nil)) == ["0 reserved → picking 2", "1 reserved → picking 1"])
  // Two selections of one line share what there is of it.
  let twice = [1, 2].map { Order.Selection(pointer: "/lines/\($0)", line: 1, quantity: Quantity(thousandths: 2000)) }
  #expect(
    refusal { _ = try rest.moves(for: .cancel, twice) }
      == "conflict /lines/2 goes not from cancelled to cancelled, or not so much of it")
  #expect(
    refusal { _ = try rest.moves(for: .cancel, [.init(pointer: "/lines/0", sku: "cup")]) }
      == "invalid /lines/0 is no line of the order")
  #expect(
    refusal { _ = try rest.moves(for: .cancel, [.init(pointer: "/lines/0", line: 3)]) }
      == "invalid /lines/0 is no line of the order")
}

@Test func `refunds in parts come to the whole, to the unit`() throws {
  // 3500 − 1 in four parts: the shares are no whole numbers.
  for discount in [Int64(0), 1, 333, 3499] {
    var order = order([.collected: 3], .collected, .counter, paid: 3500 - discount, discount: discount)
    var parts: [Int64] = []
    for sku in ["mug", "plate", "mug", "mug"] {
      let moves = try order.moves(for: .refund, [.init(pointer: "", sku: sku, quantity: .one)])
      let refund = order.refund(of: moves, isWhole: false)
      let undone = order.undoing(moves)
      parts.append(refund)
      order = order.moved(moves)
      order.refunded += refund
      order.undone += undone
    }
    #expect(parts.reduce(0, +) == 3500 - discount && parts.allSatisfy { $0 >= 0 })
    #expect(order.undone == 3500 - discount && order.refundable == 0)
  }
}

@Test func `what is handed over is paid, less what was called off`() throws {
  var order = order([.ready: 2, .cancelled: 1], .reserved)
  let first = try order.moves(for: .collect, nil)
  #expect(order.payment(for: first) == 2000)
  order = order.moved(first)
  order.paid = 2000
  order = order.moved(try order.moves(for: .ready, nil))
  #expect(order.payment(for: try order.moves(for: .collect, nil)) == 500)
}

@Test func `money that went back is asked for again only where its goods are gone`() throws {
  /// Pays for what is left, which is ready, after so much was paid and given back.
  func rest(_ mugs: [OrderState: Int64], _ plate: OrderState = .ready, paid: Int64, refunded: Int64) throws -> Int64 {
    let order = order(mugs, plate, paid: paid, refunded: refunded)
    let payment = order.payment(for: try order.moves(for: .collect, nil))
    #expect(payment <= order.owed)
    return payment
  }
  // A goodwill of what was paid before, of a part of it, and of what was handed over first.
  #expect(try rest([.ready: 3], paid: 3500, refunded: 100) == 0)
  #expect(try rest([.ready: 3], paid: 500, refunded: 100) == 3000)
  #expect(try rest([.ready: 2, .collected: 1], paid: 1000, refunded: 100) == 2500)
  // The money of a mug that was called off, not yet given back, given back, and a goodwill beside it.
  #expect(try rest([.ready: 2, .cancelled: 1], paid: 3500, refunded: 0) == 0)
  #expect(try rest([.ready: 2, .cancelled: 1], paid: 3500, refunded: 1000) == 0)
  #expect(try rest([.ready: 2, .cancelled: 1], paid: 3500, refunded: 1100) == 0)
  #expect(try rest([.ready: 2, .cancelled: 1], paid: 1000, refunded: 1000) == 2500)
  // What was handed over, paid, and came back.
  #expect(try rest([.ready: 2, .refunded: 1], paid: 1000, refunded: 1000) == 2500)
  // Only a part is handed over: as much is paid as it comes to.
  #expect(try rest([.ready: 1, .reserved: 2], .reserved, paid: 0, refunded: 0) == 1000)
  #expect(try rest([.ready: 1, .reserved: 2], .reserved, paid: 3500, refunded: 100) == 0)
}

@Test func `what is undone is goods or money, whichever is more, and comes to the worth`() throws {
  var order = order([.reserved: 3], paid: 3150)
  (order.totals.points, order.totals.due, order.points) = (350, 3150, 350)
  #expect(order.worth == 3500)
  var parts: [Int64] = []
  func undo(_ sku: String?, money: Int64) throws {
    let moves = try sku.map { try order.moves(for: .cancel, [.init(pointer: "", sku: $0, quantity: .one)]) } ?? []
    parts.append(order.undoing(moves, refunding: money))
    order = order.moved(moves)
    order.undone += parts.last ?? 0
    order.refunded += money
  }
  try undo("mug", money: 0)
  try undo(nil, money: 900)
  try undo(nil, money: 300)
  try undo("plate", money: 0)
  try undo("mug", money: 0)
  try undo("mug", money: 0)
  #expect(parts == [1000, 0, 200, 300, 1000, 1000])
  try undo(nil, money: 1950)
  #expect(order.undone == order.worth)
  // A receipt that tells points and no money.
  (order.totals.points, order.totals.due) = (0, 0)
  #expect(order.worth == 350)
}

@Test func `books know an order by a key that tells nothing of its id`() {
  for id in ["ann@b.test/7", "A-17", "17", "moscow-1/2/118/1", "ord_17", "ord_" + String(repeating: "g", count: 20)] {
    let key = OrderID.key(of: id)
    #expect(key.hasPrefix("ord_x") && key.count == 25 && key != id, "\(id)")
    #expect(key == OrderID.key(of: id) && key == OrderID.key(of: key) && key != OrderID.key(of: id + "0"))
  }
  let ours = OrderID.made(by: "till", "m-1")
  #expect(OrderID.key(of: ours) == ours)
  #expect(OrderID.made(by: "till", "m-1") == OrderID.made(by: "till", "m-1"))
  #expect(OrderID.made(by: "till", "m-1") != OrderID.made(by: "site", "m-1"))
}

@Test func `a verdict comes back as it was written`() throws {
  var placing = OrderVerdict.Placing(
    id: "A", channel: "web", currency: Currency("EUR"),
    totals: .init(goods: 5, discount: 1, points: 2, other: 3, due: 5))
  placing.lines = order([.reserved: 3]).lines
  placing.lines[1].price = nil
  placing.lines[1].store = nil
  placing.first = [.reserved, .placed]
  (placing.code, placing.until, placing.cart, placing.points) = ("234567", Instant(milliseconds: 5), "crt_1", 9)
  var verdict = OrderVerdict(.place)
  verdict.placing = placing
  verdict.applied = [3, 4]
  verdict.moves = [Order.Move(line: 0, from: .reserved, to: .cancelled, quantity: .one)]
  verdict.payments = [("card", 5)]
  (verdict.refunded, verdict.undone, verdict.defects) = (1, 2, ["x"])
  var early = OrderVerdict(.refund)
  early.early = OrderVerdict.Early(id: "B", lines: [("mug", .one)], total: 7)
  var conflict = OrderVerdict(.report, order: 5)
  conflict.conflict = "customer"
  for one in [verdict, early, conflict] {
    let json = one.json
    #expect(try OrderVerdict(json: JSONDocument(json).root)?.json == json)
  }
}
