import Base
import SQL

/// Places that the writer has looked up or made, so that the next event of the same person need not look again.
///
/// It holds what the tables say: `OriginStore` alone reads and changes the table of origins, and tells it. What was
/// taken back empties it (`TransactionMemory`). A look costs 5 to 7 microseconds at 100,000 customers, this one tenth.
final class OriginCache {
  /// How many identifiers it holds before it begins anew: about 28 MB when each customer has two.
  static let limit = 262_144

  /// 128 bits instead of the value, which may be long; under the process's random seed nobody makes two values meet.
  struct Key: Hashable {
    private let first: Int
    private let second: Int

    init(_ identifier: Identifier, _ standing: Origin.Standing, source: String) {
      var hasher = Hasher()
      hasher.combine(identifier)
      hasher.combine(standing)
      hasher.combine(source)
      first = hasher.finalize()
      hasher = Hasher()
      hasher.combine(first)
      hasher.combine(source)
      hasher.combine(standing)
      hasher.combine(identifier)
      second = hasher.finalize()
    }
  }

  private struct Customer {
    let publicID: String
    let isKnown: Bool
  }

  private struct Known {
    let number: Origin.Number
    let generation: Int64
    let isShared: Bool
  }

  private var origins: [Key: Known] = [:]
  private var customers: [Origin.Number: Origin.Number] = [:]
  private var leaders: [Origin.Number: Customer] = [:]

  /// The place that an identifier has, or nil where that is not at hand.
  subscript(key: Key) -> Place? {
    guard let origin = origins[key], let customer = customers[origin.number], let leader = leaders[customer] else {
      return nil
    }
    return Place(
      origin: origin.number, customer: customer, publicID: leader.publicID, isKnown: leader.isKnown,
      isShared: origin.isShared, generation: origin.generation)
  }

  /// Keeps a place that was looked up or made.
  func keep(_ place: Place, _ key: Key) {
    if origins.count >= Self.limit { (origins, customers, leaders) = ([:], [:], [:]) }
    origins[key] = Known(number: place.origin, generation: place.generation, isShared: place.isShared)
    customers[place.origin] = place.customer
    leaders[place.customer] = Customer(publicID: place.publicID, isKnown: place.isKnown)
  }

  /// An origin has gone to the customer whom `leader` leads.
  func move(_ origin: Origin.Number, to leader: Origin.Number) {
    if customers[origin] != nil { customers[origin] = leader }
  }
}
