/// Something that does not hold.
package struct Finding: Sendable, Hashable {
  /// The name of the check.
  package let check: String
  /// What it found, without personal data.
  package let detail: String

  package init(_ check: String, _ detail: String) {
    self.check = check
    self.detail = detail
  }
}
