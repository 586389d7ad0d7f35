import Base
import Testing

@Test(
  arguments: [
    .userID: [
      "0", "0000", "-", "00000000-0000-0000-0000-000000000000", "-1", "null", "NULL", "Null", "undefined", "none",
      "None",
      "nan", "NaN", "n/a", "nil", "test", "TEST", "anonymous", "guest", "Guest", "unknown", "void", "true", "false",
      "[object Object]", "{}", "[]", "\"\"", "\"null\"", "'undefined'", "distinct_id", "distinctId", "id", "email",
      "not_authenticated", "abc123",
    ],
    .anonymousID: [
      "null", "ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-0000-000000000000", "undefined",
    ],
    .device: [
      "unknown", "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "9774d56d682e549c",
      "9774D56D682E549C", "02:00:00:00:00:00",
    ],
    .email: [
      "team@shop.test", "Team@a-very-long-name-of-a-domain-that-goes-on-and-on-and-on.example", "test@test.test",
      "null@x.y", "no-reply@x.y", "guest@x.y",
    ],
    .phone: ["+7 999 999-99-99", "+7 912 345-67-89", "+1 234 567-8901"],
    .whatsApp: ["79999999999"],
    .card: ["0000", "00 00", "111111", "9999999999999", "1234567890", "none", "test"],
  ] as [IdentifierType: [String]])
func `what identifies nobody is blocked`(type: IdentifierType, values: [String]) {
  for value in values {
    let identifier = Identifier(type, value)
    #expect(identifier?.isMeaningless == true, "\(type.name) \(value)")
  }
}

@Test(
  arguments: [
    .userID: [
      "1", "17", "u-0", "100", "-2", "nullable", "tester", "11111111", "ffffffff", "Ann", "guest-17", "\"17\"", "'null",
      "f",
      "9774d56d682e549c",
    ],
    .anonymousID: ["a", "8f1c0000-0000-0000-0000-000000000000", "1111"], .device: ["d1", "0f", "1"],
    .email: ["ann@x.y", "teamster@x.y", "info@x.y", "test.ann@x.y", "ann@test.test", "0@x.y"],
    .phone: ["+7 999 999-99-98", "+7 916 123-45-67", "+7 977 777-77-77"], .telegram: ["1", "123456789"],
    .card: ["1", "77", "11111", "111112", "1234", "C1"],
  ] as [IdentifierType: [String]])
func `what may be somebody is not blocked`(type: IdentifierType, values: [String]) {
  for value in values {
    let identifier = Identifier(type, value)
    #expect(identifier?.isMeaningless == false, "\(type.name) \(value)")
  }
}

@Test func `a list of one's own is a value`() {
  var blocked = MeaninglessValues.standard
  blocked.all.insert("walk-in")
  blocked.ofType[.card, default: []].insert("777")
  #expect(Identifier(.userID, "Walk-In").map(blocked.contains) == true)
  #expect(Identifier(.card, "777").map(blocked.contains) == true)
  #expect(Identifier(.userID, "777").map(blocked.contains) == false)
}
