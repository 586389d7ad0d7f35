import Base
import Testing

@Test(
  arguments: [
    (.userID, " u-17 ", "u-17"), (.userID, "U-17", "U-17"), (.userID, "17", "17"), (.userID, "имя", "имя"),
    (.userID, String(repeating: "x", count: 256), String(repeating: "x", count: 256)),
    (.userID, String(repeating: "x", count: 257), nil), (.userID, String(repeating: "é", count: 129), nil),
    (.userID, "", nil), (.userID, " \u{A0}\t", nil), (.userID, "a\u{0}b", nil), (.userID, "a\nb", nil),
    (.userID, "a\u{7F}", nil),
    // Composed or not, it is the same name; its case is its own.
    (.userID, "Ame\u{301}lie", "Am\u{E9}lie"), (.userID, "\u{212B}", "\u{C5}"), (.userID, "ＡＢ", "ＡＢ"),
    (.anonymousID, "8f1c…", "8f1c…"), (.anonymousID, "e\u{301}", "\u{E9}"),
    (.device, " d ", "d"), (.device, "AEBE52E7", "AEBE52E7"), (.device, "aebe52e7", "aebe52e7"),
    (.telegram, "4711", "4711"), (.telegram, " 4711", "4711"), (.telegram, "0004711", "4711"),
    (.telegram, "4503599627370495", "4503599627370495"), (.telegram, "4503599627370496", nil), (.telegram, "0", nil),
    (.telegram, "-5", nil), (.telegram, "@ann", nil), (.telegram, "", nil),
    (.card, "4000-1234 5678", "400012345678"), (.card, "ab 12", "AB12"), (.card, "- -", nil), (.card, "a\tb", nil),
    (.card, "77\u{A0}12\u{2011}34", "771234"), (.card, "\u{FF17}\u{0667}", "77"), (.card, "кл–17", "КЛ17"),
    (.card, "12.5", nil), (.card, "12/5", nil), (.card, "A_5", nil), (.card, "a+b", nil),
    (.card, String(repeating: "9", count: 32), String(repeating: "9", count: 32)),
    (.card, String(repeating: "9", count: 33), nil),
    (.card, "4111 1111 1111 1111", nil), (.card, "٤١١١١١١١١١١١١١١١", nil),
    (.email, " Ann@Example.TEST ", "ann@example.test"), (.email, "ann", nil),
    (.phone, "+7 (916) 123-45-67", "+79161234567"), (.phone, "123", nil),
    (.whatsApp, "00 44 20 7946 0018", "+442079460018"), (.whatsApp, "whatsapp:+7 916 123-45-67", "+79161234567"),
    // A wa_id has no plus. The old Mexican and Brazilian forms are in use there and in no plan.
    (.whatsApp, "79161234567", "+79161234567"), (.whatsApp, "5215512345678", "+5215512345678"),
    (.whatsApp, "+551187654321", "+551187654321"), (.whatsApp, "8 916 123 45 67", nil), (.whatsApp, "89161234567", nil),
    (.whatsApp, "123456", nil), (.whatsApp, "1234567890123456", nil), (.whatsApp, "ann", nil),
    (.viber, "01234567890A==", "01234567890A=="), (.viber, " aB+/= ", "aB+/="),
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
    (.phone, "8 (916) 123-45-67", "RU", "+79161234567"), (.phone, "8 (916) 123-45-67", "US", nil),
    (.whatsApp, "8 (916) 123-45-67", "RU", "+79161234567"), (.whatsApp, "89161234567", "RU", "+79161234567"),
    // A wa_id before a national number: it is what WhatsApp says.
    (.whatsApp, "442079460018", "RU", "+442079460018"), (.whatsApp, "02079460018", "GB", "+442079460018"),
    (.userID, "89161234567", "RU", "89161234567"), (.viber, "89161234567", "RU", "89161234567"),
  ] as [(IdentifierType, String, String, String?)])
func `where it is dialled matters to a number alone`(type: IdentifierType, raw: String, region: String, value: String?)
{
  #expect(Identifier(type, raw, region: region)?.value == value)
}

/// The numbers that the networks publish for tests, and some that are nearly such.
@Test(
  arguments: [
    ("4111111111111111", true), ("4222222222222", true), ("4917610000000000003", true), ("5555555555554444", true),
    ("2223003122003222", true), ("378282246310005", true), ("30569309025904", true), ("38520000023237", true),
    ("6011111111111117", true), ("3566002020360505", true), ("6200000000000005", true), ("2200000000000004", true),
    ("6759649826438453", true), ("5019717010103742", false), ("4111111111111112", false), ("41111111111111111", false),
    ("7992739871300000", false), ("2000000000003", false), ("6340040000000000006", false), ("9111111111111111", false),
    ("411111111111", false), ("41111111111111111111", false), ("", false), ("4111x11111111111", false),
  ] as [(String, Bool)])
func `the number of a payment card is no card`(number: String, isPayment: Bool) {
  #expect((number.isEmpty ? false : Identifier(.card, number) == nil) == isPayment)
}

@Test func `what was normalised stays as it is`() {
  var chance = JSONSeed(state: 11)
  let pieces =
    [
      "a", "Z", "é", "e\u{301}", "ß", "İ", "ı", "Σ", "ς", "Ǆ", "\u{345}", "\u{3B1}\u{345}\u{301}", "ŉ", "K", "Å", "ﬁ",
      "中", "ア", "が",
      "か\u{3099}", "٣", "９", "0", "8", "7", "+", "-", " ", ".", "@", "_", "\u{200D}", "\u{AD}", "ẞ", "ΐ", "ﾞ", "x.y",
      "@x.y", "@Ü.de",
      "@faß.de", "@☃.net", "916", "xn--",
    ]
  for round in 0..<20_000 {
    let raw = (0..<Int.random(in: 1...8, using: &chance)).map { _ in pieces.randomElement(using: &chance) ?? "" }
      .joined()
    let type = IdentifierType.all[round % IdentifierType.all.count]
    guard let identifier = Identifier(type, raw, region: "RU") else { continue }
    #expect(
      Identifier(type, identifier.value, region: "RU") == identifier,
      "\(type.name) \(raw.unicodeScalars.map { $0.value })")
    #expect(Identifier(type, identifier.value) == identifier, "\(type.name) \(raw.unicodeScalars.map { $0.value })")
  }
}
