import Commerce
package import Customers

extension DocumentKind {
  /// Every kind of document, of every floor.
  package static let all = groundFloor + Commerce.documentKinds
}
