/// The connections of one loop by their descriptors, and when each will have waited long enough.
///
/// Deadlines stand beside the connections in a dense array of ticks. It is searched once a tick: 10,000 of them are
/// 40 KB, a few microseconds. A deadline is moved by one store, to any time, which no wheel or heap allows.
///
/// It grows with the highest descriptor, so it needs no more than the process' limit allows.
struct ConnectionTable {
  /// No deadline.
  static let never = UInt32.max

  private var connections: UnsafeMutablePointer<Unmanaged<Connection>?>
  private var deadlines: UnsafeMutablePointer<UInt32>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 256) {
    self.capacity = capacity
    connections = .allocate(capacity: capacity)
    connections.initialize(repeating: nil, count: capacity)
    deadlines = .allocate(capacity: capacity)
    deadlines.initialize(repeating: Self.never, count: capacity)
  }

  func deallocate() {
    connections.deallocate()
    deadlines.deallocate()
  }

  /// The connection that the token names, if it is still the same.
  @inline(__always)
  func connection(_ token: Token) -> Unmanaged<Connection>? {
    let index = Int(token.descriptor)
    return index < capacity ? connections[index] : nil
  }

  mutating func insert(_ connection: Connection) {
    let index = Int(connection.token.descriptor)
    if index >= capacity { grow(to: max(index + 1, capacity * 2)) }
    connections[index] = Unmanaged.passRetained(connection)
    count += 1
  }

  mutating func remove(_ connection: Connection) {
    let index = Int(connection.token.descriptor)
    connections[index] = nil
    deadlines[index] = Self.never
    count -= 1
    Unmanaged.passUnretained(connection).release()
  }

  @inline(__always)
  func setDeadline(_ connection: Connection, _ tick: UInt32) {
    deadlines[Int(connection.token.descriptor)] = tick
  }

  /// Those whose deadline has come.
  func expired(at tick: UInt32) -> [Connection] {
    var found: [Connection] = []
    for index in 0..<capacity where deadlines[index] <= tick {
      if let connection = connections[index] { found.append(connection.takeUnretainedValue()) }
    }
    return found
  }

  /// All of them.
  var all: [Connection] {
    (0..<capacity).compactMap { connections[$0]?.takeUnretainedValue() }
  }

  private mutating func grow(to larger: Int) {
    let newConnections = UnsafeMutablePointer<Unmanaged<Connection>?>.allocate(capacity: larger)
    newConnections.initialize(repeating: nil, count: larger)
    newConnections.update(from: connections, count: capacity)
    let newDeadlines = UnsafeMutablePointer<UInt32>.allocate(capacity: larger)
    newDeadlines.initialize(repeating: Self.never, count: larger)
    newDeadlines.update(from: deadlines, count: capacity)
    deallocate()
    connections = newConnections
    deadlines = newDeadlines
    capacity = larger
  }
}
