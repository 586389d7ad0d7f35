import Base
package import SQL
import Synchronization

/// The sources as they are now, at hand without a look into the database: for deciding whether a request is let in.
///
/// What is decided about its events reads the document itself, in the transaction.
package final class SourceDirectory: Sendable {
  private let sources: Mutex<[String: Source]>

  /// The sources that the database has.
  package init(in session: any Session) throws {
    sources = Mutex(Self.byName(try DocumentFold.sources(in: session)))
  }

  private static func byName(_ sources: [Source]) -> [String: Source] {
    Dictionary(sources.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
  }

  /// The source of that name, or nil.
  package func find(_ name: String) -> Source? { sources.withLock { $0[name] } }

  /// Takes the sources as a snapshot taken after a change has them.
  ///
  /// Of two changes at once the older snapshot may come later, so nothing newer is given up for it.
  package func refresh(in session: any Session) throws {
    let fresh = Self.byName(try DocumentFold.sources(in: session))
    sources.withLock { $0.merge(fresh) { $0.version > $1.version ? $0 : $1 } }
  }
}
