import Base
import FoundationEssentials
import Glibc
package import SQL

/// A file with every tombstone of an installation, for those who put an older backup in its place.
///
/// ```
/// {"installation":"1f9o…"}
/// {"at":"2026-01-02T03:04:05.000Z","key":"mN3k…"}
/// ```
/// It holds nothing but hashes under a seed that stands in the databases, so it can be copied anywhere.
package struct ErasureJournal: Sendable {
  /// What the name of a journal ends with.
  package static let suffix = ".erasures"

  package let installation: [UInt8]
  package let tombstones: [Tombstone]

  /// The tombstones of a database, and those of others that are the same installation's.
  package init(seed: [UInt8], in session: any Session, with others: [ErasureJournal] = []) throws {
    installation = Tombstone.installation(seed: seed)
    var all = try Tombstone.all(in: session)
    var known = Set(all.map { $0.key })
    for journal in others where journal.installation == installation {
      all += journal.tombstones.filter { known.insert($0.key).inserted }
    }
    tombstones = all
  }

  /// The journal in a file.
  ///
  /// - Throws: `notFound` where there is none, `invalid` where it is no journal.
  package init(path: String) throws {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Failure(.notFound, "the file \(path) cannot be read")
    }
    var lines = Array(bytes).split(separator: UInt8(ascii: "\n"))[...]
    guard let head = lines.popFirst(), let root = try? JSONDocument(Array(head)).root,
      let installation = (root["installation"]?.string).flatMap({ Base64URL.bytes($0) })
    else { throw Failure(.invalid, "\(path) is no journal of erasures") }
    self.installation = installation
    tombstones = try lines.map { line in
      guard let root = try? JSONDocument(Array(line)).root,
        let key = (root["key"]?.string).flatMap({ Base64URL.bytes($0) }),
        let at = (root["at"]?.string).flatMap({ Instant($0) })
      else { throw Failure(.invalid, "\(path) is damaged: a line is no tombstone") }
      return Tombstone(key: key, at: at)
    }
  }

  /// Writes it into a file, which has its name only when it is whole; one that is there is replaced.
  package func write(to path: String) throws {
    let partial = "\(path).partial"
    unlink(partial)
    try Disk.write(path, beside: partial) { sink in
      var writer = JSONWriter()
      writer.object { $0.field("installation", Base64URL.text(installation)) }
      try sink(writer.bytes + [UInt8(ascii: "\n")])
      for tombstone in tombstones {
        var writer = JSONWriter()
        writer.object { writer in
          writer.field("at", tombstone.at.text)
          writer.field("key", Base64URL.text(tombstone.key))
        }
        try sink(writer.bytes + [UInt8(ascii: "\n")])
      }
    }
  }

  /// The origins of a database that were erased by then, by their ids.
  package func origins(seed: [UInt8], in session: any Session) throws -> Set<Origin.Number> {
    let keys = Set(tombstones.map { $0.key })
    var origins: Set<Origin.Number> = []
    try session.forEachRow(of: OriginStatement.ids, []) { row in
      let id = row.text(1)
      if !ErasedName.isID(id), keys.contains(Tombstone.key(of: id, seed: seed)) { origins.insert(row.integer(0)) }
      return true
    }
    return origins
  }
}
