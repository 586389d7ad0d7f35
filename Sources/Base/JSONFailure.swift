/// Why a text is not the JSON that this server takes, and where.
package struct JSONFailure: Error, Hashable, Sendable {
  /// Everything a text can be refused for; the raw value is the reason in words.
  package enum Fault: String, CaseIterable, Sendable {
    case empty = "the text is empty"
    case blank = "the text is only white space"
    case byteOrderMark = "the text begins with a byte order mark"
    case tooLong = "the text is longer than 64 MiB"
    case tooDeep = "the text is nested too deeply"
    case cutShort = "the text ends before its value does"
    case valueExpected = "a value is expected here"
    case unknownWord = "only true, false and null may stand without quotes"
    case nameExpected = "a member name in double quotes is expected here"
    case colonExpected = "a colon is expected after a member name"
    case commaExpected = "a comma or the closing bracket is expected here"
    case trailingComma = "a comma stands before a closing bracket"
    case trailingText = "something follows the value"
    case duplicateName = "an object has two members of the same name"
    case badNumber = "a digit is missing in a number"
    case leadingZero = "a number begins with a needless zero"
    case controlCharacter = "a control character in a string is not escaped"
    case badEscape = "a string has an unknown escape"
    case loneSurrogate = "a string escapes half of a surrogate pair"
    case badUTF8 = "the text is not valid UTF-8"
  }

  /// How many bytes of the text were right.
  package var offset: Int
  /// What is wrong there.
  package var fault: Fault
  /// The fault in words: one line that repeats nothing of the text, so it is safe for the caller and the log.
  package var reason: String { fault.rawValue }

  /// A fault at that offset.
  package init(_ fault: Fault, at offset: Int) {
    self.fault = fault
    self.offset = offset
  }
}
