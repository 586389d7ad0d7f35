import Base
import Testing

@Test(
  arguments: [
    (.userID, " u-17 ", "u-17"), (.userID, "U-17", "U-17"), (.userID, "17", "17"), (.userID, "имя", "имя"),
    (.userID, String(repeating: "x", count: 256), String(repeating: "x", count: 256)),
    (.userID, String(repeating: "x", count: 257), nil), (.userID, String(repeating: "é", count: 129), nil),
    (.userID, "", nil), (.userID, " \u{A0}\t", nil), (.userID, "a\u{0}b", nil), (.userID, "a\nb", nil),
    (.userID, "a\u{7F}", nil),
    (.anonymousID, "8f1c…", "8f1c…"), (.device, " d ", "d"), (.telegram, "4711", "4711"),
    (.card, "4000-1234 5678", "400012345678"), (.card, "ab 12", "AB12"), (.card, "- -", nil), (.card, "a\tb", nil),
    (.email, " Ann@Example.TEST ", "ann@example.test"), (.email, "ann", nil),
    (.phone, "+7 (916) 123-45-67", "+79161234567"), (.phone, "123", nil),
    (.whatsApp, "00 44 20 7946 0018", "+442079460018"), (.viber, "8 916 123 45 67", nil),
  ] as [(IdentifierType, String, String?)])
func `two spellings of one name are one identifier`(type: IdentifierType, raw: String, value: String?) {
  #expect(Identifier(type, raw)?.value == value)
}

@Test func `an identifier that was recorded is not normalised again`() {
  #expect(Identifier(recorded: .email, "Old@Spelling").value == "Old@Spelling")
}

@Test func `types are known by their names and stand in the order of their priority`() {
  let names = ["user_id", "card", "email", "phone", "telegram", "whatsapp", "viber", "device", "anonymous_id"]
  #expect(IdentifierType.all.map { $0.name } == names)
  #expect(IdentifierType.all.map { $0.priority } == Array(0..<9))
  #expect(names.map { IdentifierType($0)?.name } == names)
  #expect(IdentifierType("User_ID") == nil)
}

@Test(
  arguments: [
    ("ann@example.test", "ann@example.test"), ("  Ann.Lee+shop@Example.TEST\n", "ann.lee+shop@example.test"),
    ("o'hara!#$%&*/=?^_`{|}~-@x.y", "o'hara!#$%&*/=?^_`{|}~-@x.y"), ("иван@почта.рф", "иван@почта.рф"),
    ("a@xn--80a1acny.xn--p1ai", "a@xn--80a1acny.xn--p1ai"), ("a@1.2", "a@1.2"),
    (String(repeating: "a", count: 64) + "@x.y", String(repeating: "a", count: 64) + "@x.y"),
    (String(repeating: "a", count: 65) + "@x.y", nil),
    ("a@" + String(repeating: "b", count: 63) + ".y", "a@" + String(repeating: "b", count: 63) + ".y"),
    ("a@" + String(repeating: "b", count: 64) + ".y", nil),
    ("a@" + String(repeating: "b.", count: 125) + "cc", "a@" + String(repeating: "b.", count: 125) + "cc"),
    ("a@" + String(repeating: "b.", count: 125) + "ccc", nil),
    ("", nil), ("ann", nil), ("@x.y", nil), ("ann@", nil), ("ann@localhost", nil), ("a b@x.y", nil), (".a@x.y", nil),
    ("a.@x.y", nil), ("a..b@x.y", nil), ("a@b@x.y", nil), ("a@.x.y", nil), ("a@x..y", nil), ("a@x.y.", nil),
    ("a@-x.y", nil), ("a@x-.y", nil), ("a@x_y.z", nil), ("a@x.y z", nil), ("a,b@x.y", nil), ("a\u{0}@x.y", nil),
    ("\"a b\"@x.y", nil), ("<a@x.y>", nil), ("a@[127.0.0.1]", nil),
  ] as [(String, String?)])
func `an address of mail is folded or refused`(raw: String, text: String?) {
  #expect(EmailAddress(raw)?.text == text)
}

@Test(
  arguments: [
    ("+79161234567", "+79161234567"), (" +7 (916) 123-45-67 ", "+79161234567"), ("0079161234567", "+79161234567"),
    ("+1.555.010.2000", "+15550102000"), ("+44/20/7946\u{2011}0018", "+442079460018"),
    ("+7\u{A0}916\u{2013}1234567", "+79161234567"),
    ("(+49) 30 123456", "+4930123456"), ("+1234567", "+1234567"), ("+123456", nil),
    ("+123456789012345", "+123456789012345"), ("+1234567890123456", nil),
    ("", nil), ("+", nil), ("00", nil), ("89161234567", nil), ("9161234567", nil), ("+0123456789", nil),
    ("000123456789", nil), ("++79161234567", nil), ("7+9161234567", nil), ("+7916123456a", nil),
    ("+7916123456 ext 7", nil),
    ("null", nil), ("+٧٩١٦١٢٣٤٥٦٧", nil),
    // A digit with something upon it is no digit, though it sorts among them.
    ("+7916\u{301}1234567", nil), ("+79161234567\u{FE0F}\u{20E3}", nil),
  ] as [(String, String?)])
func `a telephone number is E 164 or none`(raw: String, text: String?) {
  #expect(PhoneNumber(raw)?.text == text)
}
