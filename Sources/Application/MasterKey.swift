import Base
import Customers
import FoundationEssentials
import Glibc

/// The master key: of the configuration, or in a file of the data directory that only its owner reads.
struct MasterKey: MasterKeyHolder {
  private let directory: DataDirectory
  private let configured: [UInt8]?

  init(_ directory: DataDirectory, configured: [UInt8]? = nil) {
    self.directory = directory
    self.configured = configured
  }

  func read() throws -> [UInt8]? {
    if let configured { return configured }
    guard Disk.status(directory.masterKey) != nil else { return nil }
    guard let text = FileManager.default.contents(atPath: directory.masterKey),
      let key = Base64URL.bytes(String(decoding: text, as: UTF8.self).filter { !$0.isWhitespace }),
      key.count == Sealing.keyLength
    else {
      throw Failure(
        .unavailable, "secrets cannot be read now", cause: "\(directory.masterKey) cannot be read, or is no master key",
        hint: "put back the file that was there")
    }
    return key
  }

  func make() throws -> [UInt8] {
    if let key = try read() { return key }
    let key = SystemRandomness().bytes(Sealing.keyLength)
    let partial = "\(directory.path)/\(Leftovers.name(DataDirectory.sealing))"
    try Disk.write(directory.masterKey, beside: partial) { try $0(Array((Base64URL.text(key) + "\n").utf8)) }
    return key
  }
}
