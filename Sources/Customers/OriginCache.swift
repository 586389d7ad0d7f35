import Base
import Glibc
import SQL

/// Places that the writer has looked up or made, so that the next event of the same person need not look again.
///
/// It holds what the tables say: `OriginStore` alone reads and changes the table of origins, and tells it. What was
/// taken back empties it (`TransactionMemory`). A look in the tables costs 5 to 7 microseconds at 100,000 customers, and
/// four pages of the disk at a million; this one costs a tenth.
///
/// A place stands in one of two slots that its name's hash says; a third one drives one of them out. So what is named
/// again and again stays, however many there are, and the memory has a bound; it is taken as it is used.
final class OriginCache {
  /// Pairs of slots: 64 bytes a slot, together 48 MiB, which is 390,000 customers with two identifiers each.
  static let usualPairs = 393_216

  /// 128 bits instead of the value, which may be long; under the process's random seed nobody makes two values meet.
  struct Key: Hashable {
    fileprivate let first: UInt64
    fileprivate let second: UInt64

    init(_ identifier: Identifier, _ standing: Origin.Standing, source: String) {
      var hasher = Hasher()
      hasher.combine(identifier)
      hasher.combine(standing)
      hasher.combine(source)
      let first = hasher.finalize()
      hasher = Hasher()
      hasher.combine(first)
      hasher.combine(source)
      hasher.combine(standing)
      hasher.combine(identifier)
      self.first = UInt64(bitPattern: Int64(first))
      second = UInt64(bitPattern: Int64(hasher.finalize()))
    }
  }

  /// The characters of a customer's id behind its prefix.
  private typealias ID = (UInt64, UInt64, UInt64, UInt16)
  private static let prefix = "cus_", idLength = 26

  private struct Slot {
    var first: UInt64
    var second: UInt64
    /// 0 where nothing stands.
    var number: Origin.Number
    var customer: Origin.Number
    var id: ID
    var isKnown: Bool
    var isShared: Bool
    var generation: UInt32

    func has(_ key: Key) -> Bool { number != 0 && first == key.first && second == key.second }
  }

  /// Zeroes that take no memory until they are written over.
  private let slots: UnsafeMutablePointer<Slot>
  private let pairs: Int

  init(pairs: Int = usualPairs) {
    guard let memory = calloc(2 * pairs, MemoryLayout<Slot>.stride) else { preconditionFailure("out of memory") }
    slots = memory.bindMemory(to: Slot.self, capacity: 2 * pairs)
    self.pairs = pairs
  }

  deinit { free(slots) }

  private func pair(of key: Key) -> UnsafeMutablePointer<Slot> { slots + 2 * Int(key.first % UInt64(pairs)) }

  /// The place that an identifier has, or nil where that is not at hand.
  subscript(key: Key) -> Place? {
    let pair = pair(of: key)
    guard let slot = pair[0].has(key) ? pair : pair[1].has(key) ? pair + 1 : nil else { return nil }
    let publicID = String(unsafeUninitializedCapacity: Self.prefix.utf8.count + Self.idLength) { text in
      let start = UnsafeMutableRawBufferPointer(text)
      start.copyBytes(from: Self.prefix.utf8)
      withUnsafeBytes(of: slot.pointee.id) { id in
        UnsafeMutableRawBufferPointer(rebasing: start[Self.prefix.utf8.count...]).copyBytes(from: id[..<Self.idLength])
      }
      return text.count
    }
    return Place(
      origin: slot.pointee.number, customer: slot.pointee.customer, publicID: publicID, isKnown: slot.pointee.isKnown,
      isShared: slot.pointee.isShared, generation: Int64(slot.pointee.generation))
  }

  /// Keeps a place that was looked up or made, if its customer has an id like any other.
  func keep(_ place: Place, _ key: Key) {
    let id = place.publicID.utf8
    guard place.publicID.hasPrefix(Self.prefix), id.count == Self.prefix.utf8.count + Self.idLength,
      let generation = UInt32(exactly: place.generation)
    else { return forget(key) }
    var slot = Slot(
      first: key.first, second: key.second, number: place.origin, customer: place.customer, id: (0, 0, 0, 0),
      isKnown: place.isKnown, isShared: place.isShared, generation: generation)
    withUnsafeMutableBytes(of: &slot.id) { $0.copyBytes(from: id.dropFirst(Self.prefix.utf8.count)) }
    let pair = pair(of: key)
    if pair[0].has(key) || pair[1].has(key) {
      (pair[0].has(key) ? pair : pair + 1).pointee = slot
    } else if pair[0].number == 0 || pair[1].number == 0 {
      (pair[0].number == 0 ? pair : pair + 1).pointee = slot
    } else {
      pair[Int(key.second & 1)] = slot
    }
  }

  /// Keeps the place of an identifier no longer, because it has another customer now.
  func forget(_ key: Key) {
    let pair = pair(of: key)
    for index in 0...1 where pair[index].has(key) { pair[index].number = 0 }
  }
}
