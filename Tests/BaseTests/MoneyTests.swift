import Testing

@testable import Base

@Test(
  arguments: [
    ("1", 1000), ("1.5", 1500), ("0.001", 1), ("-2", -2000), ("1.2500", 1250), ("1000000", 1_000_000_000),
    ("00.5", 500),
    ("1.0005", nil), ("1000000.001", nil), ("", nil), ("-", nil), (".5", nil), ("1.", nil), ("1e3", nil), ("1,5", nil),
    ("+1", nil), ("1.2.3", nil), ("١", nil), ("12345678901", nil),
  ] as [(String, Int64?)])
func `a quantity is exact to the thousandth, or none`(text: String, thousandths: Int64?) {
  #expect(Quantity(decimal: text)?.thousandths == thousandths)
}

@Test(
  arguments: [(335, 99_900, 33_467), (500, 1, 1), (500, 3, 2), (-500, 1, -1), (1499, 1, 1)] as [(Int64, Int64, Int64)])
func `a line is rounded half away from zero`(thousandths: Int64, price: Int64, total: Int64) {
  #expect(Money.product(Quantity(thousandths: thousandths), price: price) == total)
}

@Test(
  arguments: [
    ("12.5", "EUR", 1250), ("12.345", "EUR", 1235), ("-12.345", "EUR", -1235), ("12.3449", "EUR", 1234),
    ("1299", "JPY", 1299), ("0.5", "JPY", 1), ("1.2345", "KWD", 1235), ("00.10", "RUB", 10),
    ("10000000000000.00", "EUR", 1_000_000_000_000_000), ("10000000000000.01", "EUR", nil), ("", "EUR", nil),
    (".5", "EUR", nil), ("1.", "EUR", nil), ("1,5", "EUR", nil), ("1e2", "EUR", nil), ("--1", "EUR", nil),
  ] as [(String, String, Int64?)])
func `money is read from its literal, rounded once`(text: String, code: String, amount: Int64?) throws {
  let currency = try #require(Currency(code))
  #expect(Money(decimal: text, currency)?.amount == amount)
}

@Test(arguments: [(1250, "EUR", "12.50"), (-5, "EUR", "-0.05"), (7, "JPY", "7"), (1, "KWD", "0.001")])
func `money is written as its literal`(amount: Int64, code: String, text: String) throws {
  #expect(Money(amount, try #require(Currency(code))).decimal == text)
}

@Test(
  arguments: [
    (100, [1, 1, 1], [33, 34, 33]), (-100, [1, 1, 1], [-33, -34, -33]), (10, [0, 5, 5], [0, 5, 5]),
    (7, [0, 0], [0, 7]), (0, [3, 4], [0, 0]), (5, [], []),
  ] as [(Int64, [Int64], [Int64])])
func `parts sum to the whole`(amount: Int64, weights: [Int64], parts: [Int64]) {
  #expect(Money.split(amount, by: weights) == parts)
}
