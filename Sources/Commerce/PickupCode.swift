import Base
import CQREncode
import SQL
import Synchronization

/// What a customer says at the counter: six characters that nobody confuses, unique among the orders that wait.
package enum PickupCode {
  /// Without 0, 1, I and O, in capital letters: 32 of them, five bits each.
  private static let alphabet = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZ".utf8)
  /// A thousand million of them: an assistant types it in two seconds, and among 10,000 that wait one in 100,000
  /// guesses is right.
  static let length = 6
  /// So many taken ones in a row mean that something else is wrong.
  private static let mostTries = 50

  /// A code that no waiting order has.
  static func next(_ tokens: TokenSource, in session: any Session) throws -> String {
    for _ in 0..<mostTries {
      let code = String(decoding: tokens.seed(length).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
      if try !OrderStore.isTaken(code, in: session) { return code }
    }
    throw Failure(.unavailable, "no pickup code is free; try again")
  }

  // The library keeps tables that it makes at first use; protected by this lock.
  private static let lock = Mutex(())

  /// The version of libqrencode; nil where it is not on this machine.
  package static var library: String? { lock.withLock { _ in tl_qr_version().map { String(cString: $0) } } }

  /// A QR code (ISO/IEC 18004) of a text as an SVG image, with the quiet zone of four modules that readers need.
  ///
  /// - Throws: `unavailable` where libqrencode is not on this machine.
  package static func svg(of text: String) throws -> [UInt8] {
    let most = 177 * 177  // the modules of the largest version
    var modules = [UInt8](repeating: 0, count: most)
    let width = lock.withLock { _ in Int(tl_qr_encode(text, &modules, most)) }
    guard width > 0 else {
      throw Failure(
        .unavailable, "QR codes cannot be made on this machine", hint: "apt-get install libqrencode4")
    }
    let quiet = 4
    var path = ""
    for row in 0..<width {
      for column in 0..<width where modules[row * width + column] & 1 == 1 {
        path += "M\(column + quiet) \(row + quiet)h1v1h-1z"
      }
    }
    let size = width + 2 * quiet
    return Array(
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size) \(size)" shape-rendering="crispEdges">\
      <rect width="\(size)" height="\(size)" fill="#fff"/><path d="\(path)"/></svg>
      """.utf8)
  }
}
