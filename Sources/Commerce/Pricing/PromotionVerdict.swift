import Base
import Customers

/// What was decided about codes in one entry: `{"uses": [["spring", "o-17", 7, 1]]}`, each with the promotion, the
/// order, the origin or null, and 1 for a use or -1 for one that is given back.
struct PromotionVerdict {
  struct Use {
    var promotion: String
    var order: String
    var origin: Origin.Number?
    var uses: Int64
  }

  static let name = "promotions"

  var uses: [Use] = []

  /// What an outcome says; nothing where it says nothing.
  init(_ outcome: Outcome) throws {
    guard let bytes = outcome.verdicts[Self.name] else { return }
    guard let root = try? JSONDocument(bytes).root, let rows = root["uses"] else { throw Self.damaged }
    uses = try rows.elements.map { row in
      let fields = Array(row.elements)
      guard fields.count == 4, let promotion = fields[0].string, let order = fields[1].string,
        let uses = fields[3].integer
      else { throw Self.damaged }
      return Use(promotion: promotion, order: order, origin: fields[2].integer, uses: uses)
    }
  }

  /// Puts it into an outcome, where it says anything.
  func put(into outcome: inout Outcome) {
    if uses.isEmpty { return }
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("uses")
      writer.array { writer in
        for use in uses {
          writer.array { writer in
            writer.value(use.promotion)
            writer.value(use.order)
            if let origin = use.origin { writer.value(origin) } else { writer.null() }
            writer.value(use.uses)
          }
        }
      }
    }
    outcome.verdicts[Self.name] = writer.bytes
  }

  private static let damaged = Failure(
    .internal, "the log is damaged", cause: "a verdict of promotions cannot be read", hint: "throughline verify")
}
