import Commerce
import Customers

/// What a developer reads of the routes of points.
extension Documentation {
  private static let holdID = Operation.Parameter(
    name: "id", place: "path", text: "The hold's id.", schema: #"{"type": "string"}"#, isRequired: true)

  static let loyalty = Operation(
    id: "get-loyalty", tag: "loyalty",
    summary: "A customer's points at this moment, over all of his names and households.",
    access: .reader, holders: [.customer], showsCustomers: true,
    parameters: [
      customerName, country, minSequence, reason,
      .init(
        name: "receipt", place: "query",
        text: "What a receipt comes to, in minor units: then `redeemable` says how many points may pay for it.",
        schema: #"{"type": "integer", "minimum": 0}"#),
      .init(
        name: "currency", place: "query", text: "The receipt's.",
        schema: #"{"type": "string", "pattern": "^[A-Za-z]{3}$"}"#),
    ],
    answers: [Answer(status: 200, text: "The points.", schema: "Loyalty")] + problems(400, 401, 403, 404, 409, 503))

  static let loyaltyLedger = Operation(
    id: "get-loyalty-ledger", tag: "loyalty", summary: "A customer's statement, newest first.",
    access: .reader, holders: [.customer], showsCustomers: true,
    parameters: [customerName, country, minSequence, reason] + page.filter { ["limit", "cursor"].contains($0.name) },
    answers: [Answer(status: 200, text: "A page; `Link` names the next one.", schema: "LoyaltyLedger")]
      + problems(400, 401, 403, 404, 409, 503))

  static let postLoyaltyHold = Operation(
    id: "post-loyalty-hold", tag: "loyalty",
    summary: "Set points aside for a purchase, those that expire first; they come back by themselves when it ends.",
    access: .editor, showsCustomers: true, parameters: [customerName, country, reason, idempotencyKey],
    body: "LoyaltyHoldRequest", example: #"{"points": 1}"#,
    answers: [Answer(status: 201, text: "The hold.", schema: "LoyaltyHold")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let captureLoyaltyHold = Operation(
    id: "capture-loyalty-hold", tag: "loyalty",
    summary: """
      Spend what a hold has set aside, or less of it: the rest comes back. A hold that is captured so already is answered \
      again and counts once.
      """,
    access: .editor, showsCustomers: true, parameters: [holdID, reason, idempotencyKey], body: "LoyaltyCapture",
    example: #"{"points": 1}"#,
    answers: [Answer(status: 200, text: "The hold.", schema: "LoyaltyHold")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let voidLoyaltyHold = Operation(
    id: "void-loyalty-hold", tag: "loyalty", summary: "Release what a hold has set aside.",
    access: .editor, showsCustomers: true, parameters: [holdID, reason, idempotencyKey],
    answers: [Answer(status: 200, text: "The hold.", schema: "LoyaltyHold")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let postLoyaltyAdjustment = Operation(
    id: "post-loyalty-adjustment", tag: "loyalty",
    summary: "Give points, or take some (below 0) as far as there are any, with the reason.",
    access: .agent, showsCustomers: true, parameters: [customerName, country, reason, idempotencyKey],
    body: "LoyaltyAdjustment", example: #"{"points": 100, "reason": "a late parcel"}"#,
    answers: [Answer(status: 200, text: "What was changed, and the balance after it.", schema: "LoyaltyAdjusted")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let joinHousehold = Operation(
    id: "join-household", tag: "loyalty",
    summary: """
      Let two customers earn and spend together: the one joins the other's household, or both a new one. What each has \
      already stays his own.
      """,
    access: .agent, showsCustomers: true, parameters: [customerName, country, reason, idempotencyKey],
    body: "HouseholdRequest",
    answers: [Answer(status: 200, text: "The customer's households.", schema: "Households")]
      + problems(400, 401, 403, 404, 409, 413, 415, 422, 503))

  static let leaveHousehold = Operation(
    id: "leave-household", tag: "loyalty",
    summary: "Take a customer out of his household; what it has stays with the others.",
    access: .agent, showsCustomers: true, parameters: [customerName, country, reason, idempotencyKey],
    answers: [Answer(status: 200, text: "The customer's households.", schema: "Households")]
      + problems(400, 401, 403, 404, 409, 422, 503))

  static let loyaltyLiability = Operation(
    id: "get-loyalty-liability", tag: "loyalty", summary: "What the shop owes in points, and what they are worth.",
    access: .reporter, parameters: [minSequence],
    answers: [Answer(status: 200, text: "The report, as of now.", schema: "LoyaltyLiability")]
      + problems(400, 401, 403, 503))
}

extension DocumentDescription {
  private static func number(_ least: Int64, _ most: Int64, usual: Int64?) -> String {
    let type = usual == nil ? #""integer""# : #"["integer", "null"]"#
    let usual = usual.map { #", "default": \#($0)"# } ?? ""
    return #"{"type": \#(type), "minimum": \#(least), "maximum": \#(most)\#(usual)}"#
  }

  private static let name = #"{"type": "string", "minLength": 1, "maxLength": \#(LoyaltyProgramme.longestName)}"#
  private static let percent = number(0, LoyaltyProgramme.mostPercent, usual: nil)
  private static let amount = LoyaltyProgramme.mostAmount
  private static let days = LoyaltyProgramme.longestDays

  static let programme = DocumentDescription(
    schema: "Programme",
    json: #"""
      {"type": "object", "required": ["currency", "earn", "pointValue"], "additionalProperties": false, "properties": {
        "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
        "earn": {"type": "object", "required": ["points", "per"], "description": "So many points for each `per` minor units that are paid.", "properties": {
          "points": \#(number(0, amount, usual: nil)), "per": \#(number(1, amount, usual: nil))}},
        "pointValue": \#(number(1, amount, usual: nil)), "maxShare": \#(number(0, 100, usual: 100)),
        "pendingDays": \#(number(0, days, usual: 0)), "expiryDays": {"type": ["integer", "null"], "minimum": 1, "maximum": \#(days), "description": "Above pendingDays; null for never."},
        "noticeDays": \#(number(0, days, usual: 0)), "rounding": {"enum": ["down", "half", null], "default": "down"},
        "categories": {"type": ["array", "null"], "maxItems": \#(LoyaltyProgramme.mostCategories), "items": {"type": "object", "required": ["category", "percent"], "properties": {
          "category": \#(name), "percent": \#(percent)}}},
        "tierDays": {"type": ["integer", "null"], "minimum": 1, "maximum": \#(days), "default": 365},
        "tiers": {"type": ["array", "null"], "maxItems": \#(LoyaltyProgramme.mostTiers), "description": "The lowest first; `threshold` is what was paid over tierDays, in minor units, `percent` what is earned of the usual.", "items": {"type": "object", "required": ["name", "threshold"], "properties": {
          "name": \#(name), "threshold": {"type": "integer", "minimum": 1}, "percent": \#(number(0, LoyaltyProgramme.mostPercent, usual: 100))}}},
        "offlineAllowance": {"type": ["integer", "null"], "minimum": 0, "maximum": \#(amount), "default": 0, "description": "So many points the tills of one store may take from a customer on one day, by the clocks there, without a connection. What they take beyond it counts, and stands on the work list of orders; what other doors took of the same points meanwhile is owed. 0: nothing is watched."}}}
      """#,
    example: #"""
      {"currency": "RUB", "earn": {"points": 1, "per": 10000}, "pointValue": 100, "maxShare": 30, "pendingDays": 14,
       "expiryDays": 365, "noticeDays": 14, "categories": [{"category": "coffee", "percent": 200}],
       "tiers": [{"name": "silver", "threshold": 5000000, "percent": 120}], "offlineAllowance": 500}
      """#,
    text: "the programme: how points are earned, how long they last, what they pay for, and the tiers")
}
