import CLinux
import Glibc

/// A socket on which a loop accepts connections.
struct Listener {
  let token: Token
  let isTCP: Bool
  var isPaused = false

  /// Listeners have generation 0, connections never.
  init(descriptor: Int32, isTCP: Bool) {
    token = Token(descriptor, generation: 0)
    self.isTCP = isTCP
  }
}

extension Loop {
  /// Takes connections out of the listener's queue.
  func accept(_ index: Int, limit: Int = Loop.acceptBatch) {
    let listener = listeners[index]
    var taken = 0
    while taken < limit {
      var storage = sockaddr_storage()
      let descriptor = acceptOne(listener.token.descriptor, &storage)
      if descriptor >= 0 {
        taken += 1
        counters.accepted.add()
        welcome(descriptor, listener.isTCP ? PeerAddress(&storage) : .unix, isSecure: listener.isTCP)
        continue
      }
      switch errno {
      case EINTR, ECONNABORTED, EPROTO, ENETDOWN, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH: continue
      case EMFILE, ENFILE, ENOBUFS, ENOMEM: return relieve(index)
      default: return
      }
    }
  }

  private func acceptOne(_ listener: Int32, _ storage: inout sockaddr_storage) -> Int32 {
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { tl_accept4(listener, $0, &length) }
    }
  }

  private func welcome(_ descriptor: Int32, _ peer: PeerAddress, isSecure: Bool) {
    generation = generation == .max ? 1 : generation + 1
    let connection = Connection(loop: self, token: Token(descriptor, generation: generation), peer: peer)
    let isAdmitted = shared.admit(peer)
    if isSecure, isAdmitted, let tls = shared.tls { connection.tls = tls.makeSession() }
    guard isAdmitted, readiness.watch(connection.token, for: .read) else {
      if isAdmitted { shared.dismiss(peer) }
      return turnAway(connection, mayAnswer: !isAdmitted && !(isSecure && shared.tls != nil))
    }
    table.insert(connection)
    connection.since = tick
    setTimer(connection, .head)
  }

  /// Tells a client for whom there is no room so, without waiting for its request.
  private func turnAway(_ connection: Connection, mayAnswer: Bool) {
    counters.turnedAway.add()
    guard mayAnswer, turningAway < Self.turnedAwayAtOnce, readiness.watch(connection.token, for: .read) else {
      Glibc.close(connection.descriptor)
      return
    }
    turningAway += 1
    connection.isTurnedAway = true
    connection.method = nil
    table.insert(connection)
    enter(connection)
    refuse(connection, Refusal(.serviceUnavailable, "There are too many connections. Try again in a moment."))
    settle(connection)
    leave()
  }

  /// Lives on when the process is out of descriptors.
  ///
  /// The queue is level-triggered, so its event would come again at once and for
  /// ever: the first in it is let go with the spare descriptor, and the listener rests for a tick.
  private func relieve(_ index: Int) {
    shared.observer?.note("out of descriptors: connections wait")
    if spareDescriptor >= 0 {
      Glibc.close(spareDescriptor)
      var storage = sockaddr_storage()
      let descriptor = acceptOne(listeners[index].token.descriptor, &storage)
      if descriptor >= 0 { Glibc.close(descriptor) }
      spareDescriptor = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
    }
    guard !isDraining else { return }
    listeners[index].isPaused = true
    readiness.change(listeners[index].token, to: [])
  }
}
