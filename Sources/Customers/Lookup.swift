package import Base
package import SQL

enum LookupStatement: Int, StatementSet {
  case claimOrigin, claimants, named

  var sql: String {
    switch self {
    case .claimOrigin:
      "SELECT number, customer FROM origin WHERE value = ?1 AND type = ?2 AND standing = 1 AND source = ''"
    case .named: "SELECT number FROM origin WHERE public_id = ?1"
    case .claimants:
      """
      SELECT DISTINCT s.customer FROM claim c JOIN origin s ON s.number = c.claimant
      WHERE c.claimed = ?1 ORDER BY s.customer LIMIT ?2
      """
    }
  }
}

/// How a customer is named from outside: an id, or an identifier in any spelling.
package enum CustomerName: Sendable {
  case id(String)
  case identifier(Identifier)

  /// The name that `text` spells: `cus_…`, or `type:value`; nil where it is neither.
  ///
  /// - Parameter country: two letters of ISO 3166-1: where a telephone number is dialled that names no country.
  package init?(_ text: String, country: String? = nil) {
    if text.hasPrefix("cus_") {
      self = .id(text)
      return
    }
    guard let colon = text.firstIndex(of: ":"), let type = IdentifierType(String(text[..<colon])),
      let identifier = Identifier(type, String(text[text.index(after: colon)...]), region: country)
    else { return nil }
    self = .identifier(identifier)
  }
}

/// Whom a name leads to.
package enum Lookup: Sendable {
  case nobody
  /// The leading origin of the customer.
  case customer(Int64)
  /// Nobody has proved it and several claim it: their leading origins.
  case claimed(by: [Int64])

  /// How many claimants are told.
  private static let mostClaimants: Int64 = 20

  /// A value's proved owner, else its only claimant, else all who claim it.
  ///
  /// A former id leads to the customer it became.
  package static func find(_ name: CustomerName, in session: any Session) throws -> Lookup {
    switch name {
    case .id(let id):
      let customer = try session.first(of: OriginStatement.byPublicID, .text(id)) { $0.integer(0) }
      if !Protection.holds("identity.formerIds"), try origin(ofID: id, in: session) != customer { return .nobody }
      return customer.map { .customer($0) } ?? .nobody
    case .identifier(let identifier):
      if let own = try OriginStore.find(identifier, .own, in: session) { return .customer(own.customer) }
      return try claimants(of: identifier, in: session)
    }
  }

  /// What is said of a name that leads to nobody: that he is gone, where it was an erased person's id.
  package static func missing(_ name: CustomerName, in session: any Session) throws -> Failure {
    guard case .id(let id) = name, try Tombstone.covers(id, in: session) else {
      return Failure(.notFound, "there is no such customer")
    }
    return Failure(.gone, "the customer has been erased")
  }

  /// The origin that leads the customer to whom `origin` belongs.
  package static func leader(of origin: Int64, in session: any Session) throws -> Int64 {
    try OriginStore.leader(of: origin, in: session).number
  }

  /// The id of the very place that a name names, which no merge changes: a customer's id names itself.
  package static func id(of name: CustomerName, in session: any Session) throws -> String? {
    switch name {
    case .id(let id): return id
    case .identifier(let identifier):
      let own = try OriginStore.find(identifier, .own, in: session)?.origin
      guard let place = try own ?? claimedPlace(of: identifier, in: session)?.origin else { return nil }
      return try OriginStore.origin(place, in: session).publicID
    }
  }

  /// The identifier whose place an origin is.
  package static func identifier(of origin: Int64, in session: any Session) throws -> Identifier {
    try OriginStore.origin(origin, in: session).identifier
  }

  /// The origin whose own that id is, or nil.
  package static func origin(ofID id: String, in session: any Session) throws -> Int64? {
    try session.first(of: LookupStatement.named, .text(id)) { $0.integer(0) }
  }

  /// Where a request stands that names the customer of `leader` so: at the place that the name names, a former id or an
  /// identifier of his own, so that after an undo it is whose it was before; what he only claims names the leading one.
  package static func stand(
    _ name: CustomerName, ofCustomer leader: Int64, in session: any Session
  ) throws -> Int64 {
    if !Protection.holds("merge.own") { return leader }
    return switch name {
    case .id(let id): try origin(ofID: id, in: session) ?? leader
    case .identifier(let identifier): try OriginStore.find(identifier, .own, in: session)?.origin ?? leader
    }
  }

  private static func claimants(of identifier: Identifier, in session: any Session) throws -> Lookup {
    guard let claimed = try claimedPlace(of: identifier, in: session) else { return .nobody }
    let claimants = try self.claimants(of: claimed.origin, in: session)
    return switch claimants.count {
    case 0: .customer(claimed.customer)
    case 1: .customer(claimants[0])
    default: .claimed(by: claimants)
    }
  }

  private static func claimedPlace(
    of identifier: Identifier, in session: any Session
  ) throws -> (origin: Origin.Number, customer: Origin.Number)? {
    try session.first(of: LookupStatement.claimOrigin, .text(identifier.value), .text(identifier.type.name)) {
      (origin: $0.integer(0), customer: $0.integer(1))
    }
  }

  /// Whether anybody was ever named to us.
  package static func hasCustomers(in session: any Session) throws -> Bool {
    try session.first(of: OriginStatement.last) { $0.integer(0) > 0 } ?? false
  }

  /// The customers of the places that say that a place is theirs.
  private static func claimants(of origin: Origin.Number, in session: any Session) throws -> [Int64] {
    try session.rows(of: LookupStatement.claimants, .integer(origin), .integer(mostClaimants)) { $0.integer(0) }
  }

  /// Whose an identifier is, as JSON: its proved owner, else its only claimant, else all who claim it, at most 20; of a
  /// shared one as many of those who use it.
  ///
  /// - Returns: also the leading origins of those whom it shows.
  package static func json(
    of identifier: Identifier, in session: any Session
  ) throws -> (json: [UInt8], shown: [Int64]) {
    let owner = try OriginStore.find(identifier, .own, in: session)
    let isShared = owner?.isShared ?? false
    let leaders: [Int64]
    if let owner, isShared {
      leaders = try claimants(of: owner.origin, in: session)
    } else {
      leaders =
        switch try find(.identifier(identifier), in: session) {
        case .nobody: []
        case .customer(let leader): [leader]
        case .claimed(let leaders): leaders
        }
    }
    var writer = JSONWriter()
    try writer.object { writer in
      writer.key("data")
      try writer.array { writer in
        for leader in leaders {
          let leader = try OriginStore.leader(of: leader, in: session)
          writer.object { writer in
            writer.field("id", leader.publicID)
            writer.field("known", leader.isKnown)
            writer.field("verified", owner != nil && !isShared && identifier.type != .anonymousID)
          }
        }
      }
      writer.field("shared", isShared)
    }
    return (writer.bytes, leaders)
  }
}
