package import Base

extension StockVerdict {
  /// The verdict that an outcome holds; nil where it is none.
  package init?(json: JSON) {
    func lines<T>(_ list: JSON?, _ read: ([JSON]) -> T?) -> [T]? {
      var lines: [T] = []
      for element in list?.elements.map({ Array($0.elements) }) ?? [] {
        guard let line = read(element) else { return nil }
        lines.append(line)
      }
      return lines
    }
    guard let movements = lines(json["movements"], Movement.init(_:)),
      let reservations = lines(json["reservations"], Reservation.init(_:)),
      let shortages = lines(json["shortages"], Shortage.init(_:)),
      let deliveries = lines(json["deliveries"], Delivery.init(_:)),
      let refusals = lines(
        json["refusals"],
        { line -> (index: Int, reason: Refusal)? in
          guard line.count == 2, let index = line[0].integer, let reason = line[1].string.flatMap(Refusal.init) else {
            return nil
          }
          return (Int(index), reason)
        })
    else { return nil }
    (self.movements, self.reservations, self.shortages) = (movements, reservations, shortages)
    (self.deliveries, self.refusals) = (deliveries, refusals)
  }

  package var json: [UInt8] {
    var writer = JSONWriter(capacity: 128 * (movements.count + 1))
    writer.object { writer in
      Self.list("movements", movements, to: &writer) { $0.write(to: &$1) }
      Self.list("reservations", reservations, to: &writer) { $0.write(to: &$1) }
      Self.list("shortages", shortages, to: &writer) { $0.write(to: &$1) }
      Self.list("deliveries", deliveries, to: &writer) { $0.write(to: &$1) }
      Self.list("refusals", refusals, to: &writer) { line, writer in
        writer.value(Int64(line.index))
        writer.value(line.reason.rawValue)
      }
    }
    return writer.bytes
  }

  private static func list<T>(
    _ name: String, _ lines: [T], to writer: inout JSONWriter, _ write: (T, inout JSONWriter) -> Void
  ) {
    if lines.isEmpty { return }
    writer.key(name)
    writer.array { writer in for line in lines { writer.array { write(line, &$0) } } }
  }
}

extension StockVerdict.Movement {
  fileprivate init?(_ line: [JSON]) {
    guard line.count == 9, let store = line[0].string, let sku = line[1].string, let quantity = line[2].integer,
      let cause = line[3].string.flatMap(StockVerdict.Cause.init), let at = line[4].integer,
      let told = line[5].integer
    else { return nil }
    self.init(
      place: StockPlace(store: store, sku: sku), quantity: quantity, cause: cause, at: Instant(milliseconds: at),
      told: told, order: line[6].string, source: line[7].string, item: line[8].string)
  }

  fileprivate func write(to writer: inout JSONWriter) {
    writer.value(place.store)
    writer.value(place.sku)
    writer.value(quantity)
    writer.value(cause.rawValue)
    writer.value(at.milliseconds)
    writer.value(told)
    for text in [order, source, item] { writer.value(orNull: text) }
  }
}

extension StockVerdict.Reservation {
  fileprivate init?(_ line: [JSON]) {
    guard line.count == 8, let order = line[0].string, let store = line[1].string, let sku = line[2].string,
      let change = line[3].integer, let quantity = line[4].integer, let remaining = line[5].integer,
      let state = line[7].string.flatMap(State.init)
    else { return nil }
    self.init(
      order: order, place: StockPlace(store: store, sku: sku), change: change, quantity: quantity,
      remaining: remaining, until: line[6].integer.map { Instant(milliseconds: $0) }, state: state)
  }

  fileprivate func write(to writer: inout JSONWriter) {
    for text in [order, place.store, place.sku] { writer.value(text) }
    for number in [change, quantity, remaining] { writer.value(number) }
    writer.value(orNull: until?.milliseconds)
    writer.value(state.rawValue)
  }
}

extension StockVerdict.Shortage {
  fileprivate init?(_ line: [JSON]) {
    guard line.count == 8, let part = line[1].integer, let store = line[2].string, let sku = line[3].string,
      let quantity = line[4].integer, let remaining = line[5].integer, let at = line[6].integer
    else { return nil }
    self.init(
      sequence: line[0].integer, part: part, place: StockPlace(store: store, sku: sku), quantity: quantity,
      remaining: remaining, at: Instant(milliseconds: at), order: line[7].string)
  }

  fileprivate func write(to writer: inout JSONWriter) {
    writer.value(orNull: sequence)
    writer.value(part)
    for text in [place.store, place.sku] { writer.value(text) }
    for number in [quantity, remaining, at.milliseconds] { writer.value(number) }
    writer.value(orNull: order)
  }
}

extension StockVerdict.Delivery {
  fileprivate init?(_ line: [JSON]) {
    guard line.count == 5, let store = line[0].string, let sku = line[1].string, let quantity = line[2].integer,
      let told = line[4].integer
    else { return nil }
    self.init(
      place: StockPlace(store: store, sku: sku), quantity: quantity,
      expectedAt: line[3].integer.map { Instant(milliseconds: $0) }, told: Instant(milliseconds: told))
  }

  fileprivate func write(to writer: inout JSONWriter) {
    for text in [place.store, place.sku] { writer.value(text) }
    writer.value(quantity)
    writer.value(orNull: expectedAt?.milliseconds)
    writer.value(told.milliseconds)
  }
}

extension JSONWriter {
  /// Writes a value, `null` where there is none.
  fileprivate mutating func value(orNull value: (some JSONWritable)?) {
    if let value { value.write(to: &self) } else { null() }
  }
}
