import Base
import TestKit
import Testing

/// Writes numbers of every region, right and wrong, in many spellings, and says what phonenumbers makes of each.
///
/// It prints the region, the spelling as hexadecimal UTF-8, and the number as E.164 or `-`.
private let oracle = #"""
  import random, re, sys
  import phonenumbers as lib
  from phonenumbers import PhoneNumberFormat as F, PhoneNumberType as T
  from phonenumbers.phonemetadata import PhoneMetadata

  chance = random.Random(int(sys.argv[2]))
  kinds = [T.FIXED_LINE, T.MOBILE, T.TOLL_FREE, T.PREMIUM_RATE, T.SHARED_COST, T.VOIP, T.PERSONAL_NUMBER, T.UAN]
  extensions = [' ext. 12', ' x12', ' доб. 345', ';ext=7', ' EXTN 99', ',,55', ' #7', ' - 123#', ', 4', ' anexo 1', ' int 3']

  def judge(text, region):
    def read(text, region):
      try:
        number = lib.parse(text, region)
      except lib.NumberParseException:
        return None
      return lib.format_number(number, F.E164) if lib.is_valid_number(number) else None
    # Ours alone: 00 goes before a country's code everywhere, where the country's own reading finds no number.
    found = read(text, region)
    inside = lib.phonenumberutil
    number = inside._build_national_number_for_parsing(text)
    if not found and inside._is_viable_phone_number(number) and number[0] not in '+\uff0b':
      digits = inside._normalize(inside._maybe_strip_extension(number)[1])
      found = read('+' + digits[2:], None) if digits[:2] == '00' else None
    return found

  def national(region, metadata):
    example = lib.example_number_for_type(region, chance.choice(kinds)) or lib.example_number(region)
    digits = lib.national_significant_number(example)
    what = chance.random()
    if what < 0.6:
      tail = chance.randint(0, 4)
      digits = digits[:len(digits) - tail] + ''.join(chance.choices('0123456789', k=tail))
    elif what < 0.7:
      digits = ''.join(chance.choices('0123456789', k=chance.choice(metadata.general_desc.possible_length)))
    elif what < 0.8:
      digits = digits[:-1] if chance.random() < 0.5 else digits + chance.choice('0123456789')
    elif what < 0.85:
      digits = chance.choice(metadata.general_desc.possible_length_local_only or (4,)) * '2'
    return digits

  def grouped(digits):
    return ''.join(d + chance.choice(['', '', '', ' ', '-', '.', ') ', '\u00a0', '/', ' (', '\u2011']) for d in digits)

  def spelled(region, metadata):
    digits, code = national(region, metadata), str(metadata.country_code)
    prefix = metadata.national_prefix or ''
    abroad = metadata.international_prefix
    abroad = abroad if re.fullmatch(r'\d+', abroad or '') else '00'
    try:
      number = lib.parse('+' + code + digits, None)
      formats = [lib.format_number(number, f) for f in (F.E164, F.INTERNATIONAL, F.NATIONAL, F.RFC3966)]
    except lib.NumberParseException:
      formats = [digits]
    text = chance.choice(formats + [
      '+' + grouped(code + digits), grouped(prefix + digits), grouped(digits), f'+{code} ({prefix}) {digits}',
      f'{prefix} ({digits[:3]}) {digits[3:6]}-{digits[6:]}', code + digits, f'{prefix}{code}{digits}', '00' + code + digits,
      f'{abroad} {code} {grouped(digits)}', '011' + code + digits, '++' + code + digits, '+ ' + code + digits,
      '+' + prefix + digits, '++' + grouped(digits), f'tel:+{code}-{digits}', '\uff0b' + code + digits, f'Tel. {prefix}{digits}',
      f'{prefix}{digits}/{digits}', '+' + code + code + digits, 'x' + digits, digits[:3] + 'FLOWERS', digits + 'abc'])
    what = chance.random()
    if what < 0.1:
      text += chance.choice(extensions)
    elif what < 0.2:
      zero = chance.choice([0xff10, 0x660, 0x966])
      text = re.sub('[0-9]', lambda d: chr(zero + int(d[0])), text)
    elif what < 0.25:
      at = chance.randint(0, len(text))
      text = text[:at] + chance.choice(['+', 'x', '*', '~', 'a', '\u0301', ',', '#', ' ', '\t', '№', '_', ';isub=1']) + text[at:]
    return text

  for region in sorted(lib.SUPPORTED_REGIONS):
    metadata = PhoneMetadata.metadata_for_region(region)
    for _ in range(int(sys.argv[1])):
      text = spelled(region, metadata)
      home = chance.choice([region] * 6 + ['RU', 'US', 'BR'])
      print(home, text.encode().hex(), judge(text, home) or '-')
  """#

/// The text that a line of the oracle spells in hexadecimal digits.
private func text(_ hex: Substring.UTF8View) -> String {
  func value(_ digit: UInt8) -> UInt8 { digit < 0x3A ? digit - 0x30 : digit - 0x61 + 10 }
  let digits = Array(hex)
  let bytes = stride(from: 0, to: digits.count, by: 2).map { value(digits[$0]) << 4 | value(digits[$0 + 1]) }
  return String(decoding: bytes, as: UTF8.self)
}

@Test(.timeLimit(.minutes(3)))
func `200 numbers of each region are read as phonenumbers reads them`() throws {
  let output = try Python.run(oracle, arguments: ["200", "1"], interpreter: Python.withTools)
  var (valid, wrong, regions) = (0, 0, Set<Substring>())
  var differences: [String] = []
  for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
    let fields = line.split(separator: " ")
    try #require(fields.count == 3)
    let spelling = text(fields[1].utf8)
    let number = PhoneNumber(spelling, region: String(fields[0]))?.text
    if number ?? "-" != fields[2] { differences.append("\(fields[0]) \(spelling): \(number ?? "-"), not \(fields[2])") }
    if let number {
      valid += 1
      // Read again, it is the same.
      if PhoneNumber(number)?.text != number {
        differences.append("\(number): \(PhoneNumber(number)?.text ?? "-") then")
      }
    } else {
      wrong += 1
    }
    regions.insert(fields[0])
  }
  #expect(differences == [])
  // Both kinds must be many, or nothing was compared.
  #expect(valid > 15_000 && wrong > 15_000 && regions.count > 240, "\(valid) \(wrong) \(regions.count)")
}
