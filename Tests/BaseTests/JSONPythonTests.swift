import Base
import TestKit
import Testing

/// Python's reader made as strict as ours, and our canonical form written independently of it.
///
/// It takes one hexadecimal text a line and answers each with `-` or the hexadecimal canonical form.
private let oracle = #"""
  import json, re, sys
  getattr(sys, 'set_int_max_str_digits', lambda n: 0)(0)

  class Number(str):
    pass

  def refuse(word):
    raise ValueError(word)

  def pairs(members):
    if len(dict(members)) != len(members):
      raise ValueError('duplicate')
    return dict(members)

  def number(literal):
    sign, whole, fraction, exponent = re.fullmatch(r'(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([-+]?[0-9]+))?', literal).groups()
    digits = whole + (fraction or '')
    point = len(whole) - (len(digits) - len(digits.lstrip('0'))) + int(exponent or 0)
    digits = digits.strip('0')
    if not digits:
      return '0'
    if len(digits) <= point <= 21:
      return sign + digits + '0' * (point - len(digits))
    if 0 < point <= 21:
      return sign + digits[:point] + '.' + digits[point:]
    if -6 < point <= 0:
      return sign + '0.' + '0' * -point + digits
    return sign + digits[0] + ('.' + digits[1:] if digits[1:] else '') + 'e' + str(point - 1)

  def canonical(value, depth):
    if isinstance(value, (dict, list)) and depth == 64:
      raise ValueError('depth')
    if isinstance(value, dict):
      return '{' + ','.join(canonical(k, 0) + ':' + canonical(value[k], depth + 1) for k in sorted(value)) + '}'
    if isinstance(value, list):
      return '[' + ','.join(canonical(v, depth + 1) for v in value) + ']'
    return number(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)

  decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_int=Number, parse_float=Number, parse_constant=refuse)
  for line in sys.stdin:
    try:
      text = bytes.fromhex(line).decode('utf-8')
      white = ' \t\r\n'
      value, end = decoder.raw_decode(text.lstrip(white))
      if text.lstrip(white)[end:].strip(white):
        raise ValueError('trailing')
      print(canonical(value, 0).encode('utf-8').hex())
    except (ValueError, RecursionError):
      print('-')
  """#

private let hexDigits = Array("0123456789abcdef".utf8)

private func hex(_ bytes: [UInt8]) -> [UInt8] { bytes.flatMap { [hexDigits[Int($0 >> 4)], hexDigits[Int($0 & 15)]] } }

/// Texts of random values, most of them spoiled in a few places.
private func texts(_ count: Int) -> [[UInt8]] {
  let pieces =
    [
      "\"", "\\", "{", "}", "[", "]", ":", ",", " ", "\n", "\t", "\u{B}", "\u{A0}", "\u{FEFF}", "0", "-", "+", ".", "e",
      "E9",
      "00", "-0", "1e400", "NaN", "Infinity", "-Infinity", "null", "true", "tru", "\\u", "\\u00e9", "\\ud83d",
      "\\ude00",
      "\\ud83d\\ude00", "\\x", "\\/", "\u{0}", "\u{1F}", "\u{7F}", "é", "😀", #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#,
      #""a":1,"#, "[[", "]]", "//", "'", "0x1", "1_0", "١", String(repeating: "[", count: 66),
      String(repeating: "[", count: 58) + String(repeating: "]", count: 58),
    ].map { Array($0.utf8) } + [[0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5], [0xE2, 0x82], [0xFF], [0xC3]]
  var seed = JSONSeed(state: 3)
  return (0..<count).map { round in
    var text = Array(JSONSample.random(&seed).spelled(&seed).utf8.prefix(1500))
    for _ in 0..<(round % 4) {
      let start = Int.random(in: 0...text.count, using: &seed)
      let end = min(text.count, start + Int.random(in: 0...3, using: &seed))
      switch Int.random(in: 0..<4, using: &seed) {
      case 0: text.removeSubrange(start..<end)
      case 1: text.insert(contentsOf: text[start..<end], at: start)
      case 2 where start < text.count: text[start] = UInt8.random(in: 0...255, using: &seed)
      default: text.replaceSubrange(start..<min(end, start + 1), with: pieces.randomElement(using: &seed) ?? [])
      }
    }
    return text
  }
}

@Test(.timeLimit(.minutes(10)))
func `2,500 random and spoiled texts are judged and read as Python does`() throws {
  let texts = texts(2500)
  let output = try Python.run(oracle, input: Array(texts.map { hex($0) + [0x0A] }.joined()))
  let answers = output.split(separator: 0x0A)
  try #require(answers.count == texts.count)
  var taken = 0
  for (text, answer) in zip(texts, answers) {
    let canonical = (try? JSONDocument(text))?.root.canonical()
    if canonical != nil { taken += 1 }
    try #require(canonical.map(hex) ?? [UInt8(ascii: "-")] == Array(answer), "\(String(decoding: text, as: UTF8.self))")
  }
  // Both kinds must be many, or nothing was compared.
  #expect(500...2000 ~= taken)
}
