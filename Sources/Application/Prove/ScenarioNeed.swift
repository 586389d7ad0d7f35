import Base
import Commerce

extension Scenario {
  /// What a line counts on, and a running server may have otherwise.
  enum Need: CaseIterable {
    /// A point for each unit of money, at once.
    case programme
    /// Prices as they are told.
    case noPromotions
    /// A login makes one cart of two.
    case cartPolicy

    /// Why a line is left out.
    var reason: String {
      switch self {
      case .programme: "its programme earns otherwise than a point for each \(ProveShop.currency), at once"
      case .noPromotions: "it has promotions, which change what things cost"
      case .cartPolicy: "its cart-policy is another than sum"
      }
    }

    /// Whether a server has it, as far as it says so.
    func isMet(by caller: Caller) throws -> Bool {
      switch self {
      case .programme:
        let reply = try caller.ask("GET", "/v1/documents/programme/default").wants(200, 404)
        guard reply.status == 200 else { return false }
        let programme = try LoyaltyProgramme(document: reply.json)
        return programme.currency.code == ProveShop.currency && programme.tiers.isEmpty
          && programme.pendingDays == 0 && programme.expiryDays == nil
          && programme.earnPoints * 100 == programme.earnPer
      case .noPromotions: return try caller.get("/v1/documents/promotion?limit=1")["data"]?.count == 0
      case .cartPolicy: return try caller.get("/v1/documents/cart-policy/default")["login"]?.string == "sum"
      }
    }
  }

  /// What a line needs that counts money and points.
  static let money: Set<Need> = [.programme, .noPromotions]
}
