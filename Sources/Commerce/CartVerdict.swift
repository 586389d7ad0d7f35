package import Base
package import Customers

/// What was decided about carts in one entry, as it stands in the log.
///
/// ```json
/// {"carts": [["crt_…", 7, "active", 1767323045000, null, 0], …],   id, origin, state, floor, order, whether it was told
///  "lines": [[7, "A-1", 2000, 0, 1767323045000, 129900, "RUB"], …],   origin, sku, in the cart, saved, since, price
///  "moves": [[8, "A-1", 2000]],     what a login has saved for later, for its undo: origin, sku, quantity
///  "credits": [[0, "A-1", 7, 2000, 1767323045000], …],   the request's place (0: this one), sku, origin, quantity, time
///  "name": [7, "0a1b…", "crt_…"],   origin, digest of what the sender calls it, cart
///  "coupons": "crt_…",              into which part the codes of the request's body go
///  "share": ["crs_…", 1767323045000, [["A-1", 2000]]],   id, end, what it has
///  "order": "N-17",                 the order that a checkout has placed
///  "notes": ["late"]}               why nothing came of it
/// ```
/// Numbers of parts and lines are absolute, so that they hold in whatever order entries are folded.
package struct CartVerdict: Sendable {
  package static let name = "cart"

  package struct Credit: Sendable, Equatable {
    package var made: Int64
    package var sku: String
    package var origin: Origin.Number
    package var quantity: Quantity
    package var at: Instant
  }

  package struct Move: Sendable, Equatable {
    package var origin: Origin.Number
    package var sku: String
    package var quantity: Quantity
  }

  package struct Name: Sendable, Equatable {
    package var origin: Origin.Number
    package var digest: String
    package var cart: String
  }

  package struct Share: Sendable, Equatable {
    package var id: String
    package var end: Instant
    package var lines: [CartShare.Line]
  }

  package var parts: [Cart.Part] = []
  package var portions: [Cart.Portion] = []
  package var moves: [Move] = []
  package var credits: [Credit] = []
  package var carriesName: Name?
  package var coupons: String?
  package var share: Share?
  package var order: String?
  package var notes: [String] = []

  package init() {}

  /// What an outcome says so far.
  package init(of outcome: Outcome) throws {
    self.init()
    if let json = outcome.verdicts[Self.name] { try self.init(json: json) }
  }

  /// - Throws: `internal` where it is none: the log is damaged.
  package init(json: [UInt8]) throws {
    do {
      let root = try JSONDocument(json).root
      for row in root["carts"]?.elements.map({ Array($0.elements) }) ?? [] {
        guard row.count == 6, let id = row[0].string, let origin = row[1].integer,
          let state = row[2].string.flatMap(Cart.State.init(rawValue:)), let told = row[5].integer
        else { throw Self.damaged }
        parts.append(
          Cart.Part(
            id: id, origin: origin, state: state, floor: row[3].integer.map { Instant(milliseconds: $0) },
            order: row[4].string, isTold: told == 1))
      }
      for row in root["lines"]?.elements.map({ Array($0.elements) }) ?? [] {
        guard row.count == 5 || row.count == 7, let origin = row[0].integer, let sku = row[1].string,
          let quantity = row[2].integer, let saved = row[3].integer, let since = row[4].integer
        else { throw Self.damaged }
        var portion = Cart.Portion(origin: origin, sku: sku, since: Instant(milliseconds: since))
        portion.quantity = Quantity(thousandths: quantity)
        portion.saved = Quantity(thousandths: saved)
        if row.count == 7, let price = row[5].integer, let currency = row[6].string.flatMap({ Currency($0) }) {
          portion.price = Money(price, currency)
        }
        portions.append(portion)
      }
      for row in root["moves"]?.elements.map({ Array($0.elements) }) ?? [] {
        guard row.count == 3, let origin = row[0].integer, let sku = row[1].string, let quantity = row[2].integer
        else { throw Self.damaged }
        moves.append(Move(origin: origin, sku: sku, quantity: Quantity(thousandths: quantity)))
      }
      for row in root["credits"]?.elements.map({ Array($0.elements) }) ?? [] {
        guard row.count == 5, let made = row[0].integer, let sku = row[1].string, let origin = row[2].integer,
          let quantity = row[3].integer, let at = row[4].integer
        else { throw Self.damaged }
        credits.append(
          Credit(
            made: made, sku: sku, origin: origin, quantity: Quantity(thousandths: quantity),
            at: Instant(milliseconds: at)))
      }
      if let row = root["name"].map({ Array($0.elements) }), row.count == 3, let origin = row[0].integer,
        let digest = row[1].string, let cart = row[2].string
      {
        carriesName = Name(origin: origin, digest: digest, cart: cart)
      }
      coupons = root["coupons"]?.string
      if let row = root["share"].map({ Array($0.elements) }), row.count == 3, let id = row[0].string,
        let end = row[1].integer
      {
        share = Share(id: id, end: Instant(milliseconds: end), lines: try CartShare.lines(of: row[2]))
      }
      order = root["order"]?.string
      notes = root["notes"]?.elements.compactMap { $0.string } ?? []
    } catch is JSONFailure {
      throw Self.damaged
    }
  }

  private static let damaged = Failure(
    .internal, "the log is damaged", cause: "a verdict on carts that is none", hint: "throughline verify")

  /// Whether it says nothing.
  package var isEmpty: Bool {
    parts.isEmpty && portions.isEmpty && credits.isEmpty && carriesName == nil && coupons == nil && share == nil
      && order == nil && notes.isEmpty
  }

  package var json: [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.object { writer in
      writer.rows("carts", parts) { writer, part in
        writer.value(part.id)
        writer.value(part.origin)
        writer.value(part.state.rawValue)
        if let floor = part.floor { writer.value(floor.milliseconds) } else { writer.null() }
        if let order = part.order { writer.value(order) } else { writer.null() }
        writer.value(part.isTold ? 1 : 0)
      }
      writer.rows("lines", portions) { writer, portion in
        writer.value(portion.origin)
        writer.value(portion.sku)
        writer.value(portion.quantity.thousandths)
        writer.value(portion.saved.thousandths)
        writer.value(portion.since.milliseconds)
        if let price = portion.price {
          writer.value(price.amount)
          writer.value(price.currency.code)
        }
      }
      writer.rows("moves", moves) { writer, move in
        writer.value(move.origin)
        writer.value(move.sku)
        writer.value(move.quantity.thousandths)
      }
      writer.rows("credits", credits) { writer, credit in
        writer.value(credit.made)
        writer.value(credit.sku)
        writer.value(credit.origin)
        writer.value(credit.quantity.thousandths)
        writer.value(credit.at.milliseconds)
      }
      if let name = carriesName {
        writer.key("name")
        writer.array { writer in
          writer.value(name.origin)
          writer.value(name.digest)
          writer.value(name.cart)
        }
      }
      if let coupons { writer.field("coupons", coupons) }
      if let share {
        writer.key("share")
        writer.array { writer in
          writer.value(share.id)
          writer.value(share.end.milliseconds)
          CartShare.write(share.lines, to: &writer)
        }
      }
      if let order { writer.field("order", order) }
      if !notes.isEmpty {
        writer.key("notes")
        writer.array { writer in for note in notes { writer.value(note) } }
      }
    }
    return writer.bytes
  }
}

extension JSONWriter {
  /// Writes a member that is a list of rows, or nothing where there is none.
  fileprivate mutating func rows<T>(_ name: String, _ items: [T], _ body: (inout JSONWriter, T) -> Void) {
    if items.isEmpty { return }
    key(name)
    array { writer in for item in items { writer.array { body(&$0, item) } } }
  }
}
