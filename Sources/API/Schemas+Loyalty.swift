import Commerce
import Customers

/// The JSON schemas of points.
extension Schemas {
  private static let points = #"{"type": "integer", "minimum": 1, "maximum": \#(Loyalty.mostPoints)}"#
  private static let money = #"""
    {"type": ["object", "null"], "required": ["amount", "currency"], "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}}}
    """#

  static let loyalty: [(name: String, json: String)] = [
    (
      "Loyalty",
      #"""
      {"type": "object", "required": ["balance", "pending", "held", "owed", "tier", "tierUntil", "tierSpent", "nextTier", "nextExpiry", "households", "lots", "holds"], "properties": {
        "balance": {"type": "integer", "description": "What can be spent now: the available lots less what is owed. What pends or is held is not in it."},
        "pending": {"type": "integer", "description": "What comes when orders are paid and handed over, and the time to return them is over. What no lot has of it is promised to open orders."},
        "held": {"type": "integer"}, "owed": {"type": "integer", "description": "Open shortages; the next points pay them."},
        "tier": {"type": ["string", "null"]}, "tierUntil": {"type": ["string", "null"], "format": "date-time", "description": "When he falls below it, if he buys nothing more."},
        "tierSpent": {"type": "integer", "description": "What counts for the tier, in minor units."},
        "nextTier": {"type": ["object", "null"], "required": ["name", "missing"], "properties": {"name": {"type": "string"}, "missing": {"type": "integer"}}},
        "nextExpiry": {"type": ["object", "null"], "required": ["points", "at"], "properties": {"points": {"type": "integer"}, "at": {"$ref": "#/components/schemas/Time"}}},
        "pointValue": \#(money), "redeemable": {"type": "integer", "description": "How many points may pay for the receipt that was asked about."},
        "offlineAllowance": {"type": "integer", "description": "To keys of the role store: how many points a till may take without a connection."},
        "households": {"type": "array", "items": {"type": "string"}},
        "lots": {"type": "array", "description": "What is left of what came at once, in the order in which it is spent.", "items": {
          "type": "object", "required": ["points", "remaining", "availableFrom", "expiresAt", "order"], "properties": {
            "points": {"type": "integer"}, "remaining": {"type": "integer"}, "availableFrom": {"$ref": "#/components/schemas/Time"},
            "expiresAt": {"type": ["string", "null"], "format": "date-time"}, "order": {"type": ["string", "null"]}}}},
        "holds": {"type": "array", "description": "Those that are open.", "items": {"$ref": "#/components/schemas/LoyaltyHold"}}}}
      """#
    ),
    (
      "LoyaltyHold",
      #"""
      {"type": "object", "required": ["id", "points", "captured", "state", "until"], "properties": {
        "id": {"type": "string"}, "points": {"type": "integer"}, "captured": {"type": "integer"},
        "state": {"enum": ["open", "captured", "voided", "expired"]}, "until": {"$ref": "#/components/schemas/Time"}}}
      """#
    ),
    (
      "LoyaltyHoldRequest",
      #"""
      {"type": "object", "required": ["points"], "additionalProperties": false, "properties": {
        "points": \#(points),
        "until": {"type": ["string", "null"], "format": "date-time", "description": "At most \#(Loyalty.longestHold.components.seconds / 86_400) days on; \#(Loyalty.usualHold.components.seconds / 60) minutes when it is missing."},
        "receipt": {"type": ["object", "null"], "required": ["amount", "currency"], "description": "What the purchase costs: then no more is held than the programme's share of it.", "properties": {"amount": {"type": "integer", "minimum": 0}, "currency": {"type": "string"}}}}}
      """#
    ),
    (
      "LoyaltyCapture",
      #"""
      {"type": "object", "additionalProperties": false, "properties": {
        "points": {"type": ["integer", "null"], "minimum": 0, "description": "All when it is missing."},
        "order": {"type": ["string", "null"], "minLength": 1, "maxLength": \#(Sale.longestID), "description": "What is paid for, so that its refund restores the points."}}}
      """#
    ),
    (
      "LoyaltyAdjustment",
      #"""
      {"type": "object", "required": ["points", "reason"], "additionalProperties": false, "properties": {
        "points": {"type": "integer", "minimum": -\#(Loyalty.mostPoints), "maximum": \#(Loyalty.mostPoints), "description": "Not 0."},
        "reason": {"type": "string", "minLength": 1, "maxLength": 1000}}}
      """#
    ),
    (
      "LoyaltyAdjusted",
      #"""
      {"type": "object", "required": ["points", "balance", "sequence"], "properties": {
        "points": {"type": "integer"}, "balance": {"type": "integer"}, "sequence": {"type": "integer"}}}
      """#
    ),
    (
      "HouseholdRequest",
      #"""
      {"type": "object", "required": ["with", "reason"], "additionalProperties": false, "properties": {
        "with": {"type": "string", "description": "The other, by an id or as type:value."}, "reason": {"type": "string", "minLength": 1, "maxLength": 1000}}}
      """#
    ),
    (
      "Households",
      #"""
      {"type": "object", "required": ["households"], "properties": {"households": {"type": "array", "items": {"type": "string"}}}}
      """#
    ),
    (
      "LoyaltyLedger",
      #"""
      {"type": "object", "required": ["data", "next"], "properties": {
        "data": {"type": "array", "items": {"type": "object", "required": ["sequence", "at", "kind", "points", "against", "order", "hold", "ofHousehold", "balance"], "properties": {
          "sequence": {"type": "integer"}, "at": {"$ref": "#/components/schemas/Time"},
          "kind": {"enum": [\#(LoyaltyVerdict.Kind.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))]},
          "points": {"type": "integer"}, "against": {"enum": [\#(LoyaltyVerdict.Counter.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))], "description": "The other side of the books."},
          "order": {"type": ["string", "null"], "description": "What the shop calls it; our key of it where nobody has told of it, or its customer is erased."}, "hold": {"type": ["string", "null"]}, "ofHousehold": {"type": "boolean"},
          "balance": {"type": "integer", "description": "What was there after it: what pends is in it, what is held is not."},
          "reason": {"type": "string", "description": "Of an adjustment; not told to the customer himself."}}}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
      """#
    ),
    (
      "LoyaltyLiability",
      #"""
      {"type": "object", "required": ["asOf", "outstanding", "available", "pending", "held", "owed", "promised", "value", "months"], "properties": {
        "asOf": {"$ref": "#/components/schemas/Time"},
        "outstanding": {"type": "integer", "description": "What is available, pends or is held."}, "available": {"type": "integer"},
        "pending": {"type": "integer"}, "held": {"type": "integer"}, "owed": {"type": "integer", "description": "What customers owe; not taken off."},
        "promised": {"type": "integer", "description": "What open orders will earn when they are paid and handed over. Customers see it as pending; nobody is owed it yet, so it is no part of what is outstanding."},
        "value": \#(money),
        "months": {"type": "array", "description": "By the month in which they expire, what is held left out.", "items": {"type": "object", "required": ["month", "points", "value"], "properties": {
          "month": {"type": ["string", "null"]}, "points": {"type": "integer"}, "value": \#(money)}}}}}
      """#
    ),
  ]
}
