/// One row of an answer, by the number of its column from 0; valid only while it is being looked at.
package protocol Row {
  /// The integer in that column; 0 for null.
  func integer(_ column: Int) -> Int64
  /// The integer in that column, or nil for null.
  func optionalInteger(_ column: Int) -> Int64?
  /// The text in that column; empty for null.
  func text(_ column: Int) -> String
  /// The text in that column, or nil for null.
  func optionalText(_ column: Int) -> String?
  /// The bytes of the text or blob in that column; empty for null.
  func bytes(_ column: Int) -> [UInt8]
  /// The bytes of the text or blob in that column, or nil for null.
  func optionalBytes(_ column: Int) -> [UInt8]?
  /// The value in that column, whatever it is.
  func value(_ column: Int) -> SQLValue
  /// What that column is called.
  func name(_ column: Int) -> String
  /// How many columns there are.
  var count: Int { get }
}
