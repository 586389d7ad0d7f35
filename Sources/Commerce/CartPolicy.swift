package import Base
package import Customers
import SQL

/// What the shop does with carts: what becomes of a visitor's at his login, and when a cart counts as abandoned.
package struct CartPolicy: Sendable, Equatable {
  package static let documentKind = "cart-policy"

  /// What becomes of two carts when a visitor signs in who had one, as his customer had.
  package enum Login: String, Sendable, CaseIterable {
    /// They are one, with the lines of both.
    case sum
    /// What was put in later is the cart; the other lines are saved for later.
    case newest
    /// The customer's is the cart; the visitor's lines are saved for later.
    case keepBoth
  }

  /// A cart can be abandoned after a minute, for tests, and after 30 days: then links and visitors have ended too.
  package static let shortest: Int64 = 1
  package static let longest: Int64 = 30 * 24 * 60

  package var login = Login.sum
  /// After how many minutes without a change a cart counts as abandoned.
  package var abandonedAfterMinutes: Int64 = 60

  package init() {}

  var abandonedAfter: Duration { .seconds(abandonedAfterMinutes * 60) }

  /// The policy that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(document: JSON) throws {
    var fields = try FieldReader(document, "a policy for carts", known: ["login", "abandonedAfterMinutes"])
    if let given = fields.given("login") {
      let login = given.string.flatMap(Login.init(rawValue:))
      let names = Login.allCases.map { $0.rawValue }.joined(separator: ", ")
      fields.check(login != nil, "/login", "is none of \(names)")
      self.login = login ?? self.login
    }
    if let minutes = fields.integer("abandonedAfterMinutes", in: Self.shortest...Self.longest) {
      abandonedAfterMinutes = minutes
    }
    try fields.finish()
  }

  /// The document that holds it.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("login", login.rawValue)
      writer.field("abandonedAfterMinutes", abandonedAfterMinutes)
    }
    return writer.bytes
  }

  package static let kind = DocumentKind(
    name: documentKind, readers: DocumentKind.staff, writers: DocumentKind.administrators,
    defaults: CartPolicy().document, identity: .only
  ) { try CartPolicy(document: $0).document }

  /// The policy in force.
  init(in session: any Session) throws {
    guard let document = try DocumentStore.find(Self.documentKind, DocumentKind.onlyID, in: session) else {
      self.init()
      return
    }
    try self.init(document: JSONDocument(document.body).root)
  }
}
