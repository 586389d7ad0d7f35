import Base
import Testing

@Test(
  arguments: [
    ("ann@example.test", "ann@example.test"), ("  Ann.Lee+shop@Example.TEST\n", "ann.lee+shop@example.test"),
    ("o'hara!#$%&*/=?^_`{|}~-@x.y", "o'hara!#$%&*/=?^_`{|}~-@x.y"),
    ("a@xn--80a1acny.xn--p1ai", "a@xn--80a1acny.xn--p1ai"), ("a@1.2", "a@1.2"),
    (String(repeating: "a", count: 64) + "@x.y", String(repeating: "a", count: 64) + "@x.y"),
    (String(repeating: "a", count: 65) + "@x.y", nil),
    ("a@" + String(repeating: "b", count: 63) + ".y", "a@" + String(repeating: "b", count: 63) + ".y"),
    ("a@" + String(repeating: "b", count: 64) + ".y", nil),
    ("a@" + String(repeating: "b.", count: 125) + "cc", "a@" + String(repeating: "b.", count: 125) + "cc"),
    ("a@" + String(repeating: "b.", count: 125) + "ccc", nil),
    ("", nil), ("ann", nil), ("@x.y", nil), ("ann@", nil), ("ann@localhost", nil), ("a b@x.y", nil), (".a@x.y", nil),
    ("a.@x.y", nil), ("a..b@x.y", nil), ("a@b@x.y", nil), ("a@.x.y", nil), ("a@x..y", nil), ("a@x.y.", nil),
    ("a@-x.y", nil), ("a@x-.y", nil), ("a@x.y-", nil), ("a@x_y.z", nil), ("a@x.y z", nil), ("a,b@x.y", nil),
    ("a\u{0}@x.y", nil), ("a@x.y\u{0}", nil), ("\"a b\"@x.y", nil), ("<a@x.y>", nil), ("a@[127.0.0.1]", nil),
    ("a;b@x.y", nil), ("a:b@x.y", nil), ("a(b)@x.y", nil), ("a\\b@x.y", nil), ("a[b]@x.y", nil), ("a\"b@x.y", nil),
  ] as [(String, String?)])
func `an address of mail is folded or refused`(raw: String, text: String?) {
  #expect(EmailAddress(raw)?.text == text)
}

@Test(
  arguments: [
    // The examples of IDNA: https://www.unicode.org/reports/tr46/, section 4.5.
    ("a@faß.de", "a@xn--fa-hia.de"), ("a@Bücher.example", "a@xn--bcher-kva.example"),
    ("a@bu\u{308}cher.example", "a@xn--bcher-kva.example"), ("a@βόλος.com", "a@xn--nxasmm1c.com"),
    ("Иван@Почта.РФ", "иван@xn--80a1acny.xn--p1ai"), ("иван@XN--80A1ACNY.xn--p1ai", "иван@xn--80a1acny.xn--p1ai"),
    ("a@例え.テスト", "a@xn--r8jz45g.xn--zckzah"), ("a@例え。テスト", "a@xn--r8jz45g.xn--zckzah"),
    ("a@ｅｘａｍｐｌｅ．ｃｏｍ", "a@example.com"), ("a@نامهای.com", "a@xn--mgba3gch31f.com"),
    ("a@нет", nil), ("a@_почта.рф", nil), ("a@＿почта.рф", nil), ("a@поч!та.рф", nil), ("a@-почта.рф", nil),
    ("a@по чта.рф", nil), ("a@почта..рф", nil),
    ("a@почта.рф\u{0}.x", nil), ("a@почта\u{0}.рф", nil), ("a@\u{202E}почта.рф", nil), ("a@☃.net", nil),
    ("a@" + String(repeating: "п", count: 64) + ".рф", nil),
    // On the left: one spelling of what looks the same, whatever its case.
    ("Ame\u{301}lie@x.y", "am\u{E9}lie@x.y"), ("AM\u{C9}LIE@x.y", "am\u{E9}lie@x.y"), ("straße@x.y", "strasse@x.y"),
    ("ΣΊΣΥΦΟΣ@x.y", "σίσυφοσ@x.y"), ("σίσυφος@x.y", "σίσυφοσ@x.y"), ("ann\u{200B}@x.y", nil), ("a\u{A0}n@x.y", nil),
    ("a\u{202E}n@x.y", nil), ("a\u{E000}@x.y", nil), ("\u{85}@x.y", nil), ("ann＠x.y", nil),
    (String(repeating: "я", count: 32) + "@x.y", String(repeating: "я", count: 32) + "@x.y"),
    (String(repeating: "я", count: 33) + "@x.y", nil),
  ] as [(String, String?)])
func `an address beyond ASCII has one spelling`(raw: String, text: String?) {
  #expect(EmailAddress(raw).map { Array($0.text.utf8) } == text.map { Array($0.utf8) })
}

@Test func `a domain has its length as the name servers see it`() {
  // Each label is xn--80aafey1amqq becomes 16 bytes of ASCII, from 18 of UTF-8.
  func address(_ letters: Int) -> String {
    "a@" + String(repeating: "президент.", count: 13) + String(repeating: "b", count: letters)
  }
  let longest = (1...63).last { EmailAddress(address($0)) != nil }
  #expect(longest.flatMap { EmailAddress(address($0))?.text.utf8.count } == 254)
  #expect(longest.flatMap { EmailAddress(address($0 + 1)) } == nil)
}
