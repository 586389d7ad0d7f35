import Base
import FoundationEssentials
import Testing

private func shipped() throws -> [UInt8] {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  return Array(try Data(contentsOf: URL(filePath: "/\(root)/Config/throughline.json5")))
}

@Test func `the shipped file says the defaults`() throws {
  var configuration = Configuration()
  configuration.data = "elsewhere"
  configuration.port = 1
  configuration.memory = 16
  configuration.logLevel = .debug
  configuration.accessLog = true
  configuration.stopSeconds = 0
  try configuration.take(json5: shipped())
  #expect(configuration == Configuration())
}

@Test func `the shipped file names every setting and its variable`() throws {
  let text = String(decoding: try shipped(), as: UTF8.self)
  for name in Configuration.names {
    let variable = name.reduce(into: "THROUGHLINE_") { $0 += $1.isUppercase ? "_\($1)" : $1.uppercased() }
    #expect(text.contains(" \(name): ") && text.contains(variable), "\(name)")
  }
}

@Test(arguments: [
  "port: 0", "port: 65535", "memory: 16", "memory: 65536", "stopSeconds: 0", "stopSeconds: 3600", "logLevel: 'error'",
  "accessLog: true", "certificate: '/c', certificateKey: '/k'", "port: 0x50", "port: +80,", "// nothing",
  "host: \"::1\"", "country: 'RU'", "country: 'gb'",
])
func `a setting within its range is taken`(settings: String) throws {
  var configuration = Configuration()
  try configuration.take(json5: Array("{\(settings)\n}".utf8))
}

@Test(arguments: [
  "port: -1", "port: 65536", "port: '8080'", "port: true", "port: 80.5", "port: null", "memory: 15", "memory: 65537",
  "stopSeconds: -1", "stopSeconds: 3601", "logLevel: 'loud'", "logLevel: 1", "accessLog: 'true'", "accessLog: 1",
  "host: 5", "host: ''", "data: ''", "data: true", "data: ['data']", "data: {}", "certificate: ''", "prot: 80",
  "Port: 80",
  "prot: {}", "country: 'Russia'", "country: 'XX'", "country: ''", "country: 7",
])
func `a setting that is unknown, of another type or past its range is named`(settings: String) throws {
  var configuration = Configuration()
  let failure = #expect(throws: Failure.self) { try configuration.take(json5: Array("{\(settings)}".utf8)) }
  let name = String(settings.prefix { $0 != ":" })
  #expect(failure?.code == .invalid && failure?.faults.map { $0.pointer } == ["/\(name)"])
}

@Test(arguments: ["", "[]", "5", "{", "{port 80}", "{\"port\": 80}}"])
func `what is no object of settings is refused`(text: String) {
  var configuration = Configuration()
  let failure = #expect(throws: Failure.self) { try configuration.take(json5: Array(text.utf8)) }
  #expect(failure?.code == .invalid)
}

@Test func `variables go over the file, and flags over both`() throws {
  var configuration = Configuration()
  try configuration.take(json5: Array("{host: 'file', port: 1, memory: 17, accessLog: true}".utf8))
  try configuration.take(environment: [
    "THROUGHLINE_HOST": "variable", "THROUGHLINE_PORT": "2", "THROUGHLINE_CERTIFICATE_KEY": "/k", "PORT": "9",
    "THROUGHLINE_COUNTRY": "ru",
    "PATH": "/bin",
  ])
  try configuration.take("host", "flag")
  var expected = Configuration()
  expected.host = "flag"
  expected.port = 2
  expected.memory = 17
  expected.accessLog = true
  expected.certificateKey = "/k"
  expected.country = "RU"
  #expect(configuration == expected)
}

@Test(arguments: [
  ("THROUGHLINE_PROT", "80"), ("THROUGHLINE_PORT", "many"), ("THROUGHLINE_", ""), ("THROUGHLINE_port", "80"),
  ("THROUGHLINE_LOGLEVEL", "info"), ("THROUGHLINE_ACCESS_LOG", "1"), ("THROUGHLINE_DATA", ""),
  ("THROUGHLINE_PORT", "65536"), ("THROUGHLINE_COUNTRY", "RUS"),
])
func `a variable with our prefix that is no setting, or of no value, is an error`(variable: String, value: String) {
  var configuration = Configuration()
  let failure = #expect(throws: Failure.self) { try configuration.take(environment: [variable: value]) }
  #expect(failure?.code == .invalid)
}

@Test func `a certificate and its key go together`() throws {
  var configuration = Configuration()
  try configuration.check()
  configuration.certificateKey = "/k"
  let alone = configuration
  #expect(throws: Failure.self) { try alone.check() }
  configuration.certificate = "/c"
  try configuration.check()
}
