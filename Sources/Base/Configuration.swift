import FoundationEssentials

/// What a machine needs to start: defaults, then the file, then `THROUGHLINE_…` variables, then flags.
///
/// Everything that decisions read lies in versioned documents in the log instead.
package struct Configuration: Sendable, Equatable {
  /// Where everything is kept: one directory, readable by its owner alone.
  package var data = "data"
  /// The address that is listened at.
  ///
  /// Only this machine by default: what faces the world is the operator's decision.
  package var host = "127.0.0.1"
  /// The port; 0 picks a free one.
  package var port = 8080
  /// PEM files of the certificate chain and its key; both or none.
  ///
  /// SIGHUP reads them anew.
  package var certificate: String?
  package var certificateKey: String?
  /// Two letters of ISO 3166-1: where telephone numbers are dialled that name no country, when neither the event's
  /// address nor its source says so.
  ///
  /// None: such numbers name nobody.
  package var country: String?
  /// The 256 bits under which secrets are sealed that are computed with.
  ///
  /// None: a file of the data directory has them, made when they are needed first.
  package var masterKey: [UInt8]?
  /// Mebibytes that the database may keep pages in.
  package var memory = 128
  /// What matters less than this is not logged.
  package var logLevel = Log.Level.info
  /// Whether each request is logged: by its route's template, never by its path.
  package var accessLog = false
  /// Seconds that requests in flight have at a stop.
  package var stopSeconds = 10

  /// Whether webhooks may go to private addresses and this machine, and without TLS: for receivers on the shop's own
  /// network.
  package var webhooksPrivateAddresses = false

  package init() {}

  /// Every setting by its name in the file; the variable is `THROUGHLINE_` and the name in capitals with `_`.
  package static let names = [
    "data", "host", "port", "certificate", "certificateKey", "country", "masterKey", "memory", "logLevel",
    "accessLog", "stopSeconds", "webhooksPrivateAddresses",
  ]

  /// Takes the settings of a JSON5 text over these.
  ///
  /// - Throws: `invalid` that names an unknown setting, or one of the wrong type or range.
  package mutating func take(json5: [UInt8]) throws {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true
    let settings: [String: Setting]
    do {
      settings = try decoder.decode([String: Setting].self, from: Data(json5))
    } catch {
      throw Failure(.invalid, "the configuration file is no JSON5 object of settings", cause: "\(error)")
    }
    for (name, setting) in settings.sorted(by: { $0.key < $1.key }) {
      guard setting.suits(name) else {
        throw Failure(.invalid, "\(name) is of another type", faults: [.init("/\(name)", "is of another type")])
      }
      try take(name, setting.text)
    }
  }

  /// Takes the settings of the environment over these; unknown variables with our prefix are errors.
  package mutating func take(environment: [String: String]) throws {
    let prefix = "THROUGHLINE_"
    let switches = [CrashPoint.variable, Protection.variable].compactMap { $0 }
    let ours = environment.filter { $0.key.hasPrefix(prefix) && !switches.contains($0.key) }
    for (variable, value) in ours.sorted(by: { $0.key < $1.key }) {
      let name = Self.names.first { Self.variable($0) == variable }
      try take(name ?? variable, value)
    }
  }

  private static func variable(_ name: String) -> String {
    name.reduce(into: "THROUGHLINE_") { $0 += $1.isUppercase ? "_\($1)" : $1.uppercased() }
  }

  /// Takes one setting over these.
  package mutating func take(_ name: String, _ text: String) throws {
    func wrong(_ reason: String) -> Failure {
      Failure(.invalid, "\(name) \(reason)", faults: [.init("/\(name)", reason)])
    }
    func number(_ range: ClosedRange<Int>) throws -> Int {
      guard let number = Int(text), range.contains(number) else {
        throw wrong("is no whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
    func flag() throws -> Bool {
      guard let flag = Bool(text) else { throw wrong("is neither true nor false") }
      return flag
    }
    func given() throws -> String {
      guard !text.isEmpty else { throw wrong("is empty") }
      return text
    }
    switch name {
    case "data": data = try given()
    case "host": host = try given()
    case "port": port = try number(0...65_535)
    case "certificate": certificate = try given()
    case "certificateKey": certificateKey = try given()
    case "country":
      guard PhoneNumber.isRegion(text) else { throw wrong("is no country's two letters (ISO 3166-1)") }
      country = text.uppercased()
    case "masterKey":
      guard let key = Base64URL.bytes(text), key.count == Sealing.keyLength else {
        throw wrong("is not \(Sealing.keyLength) bytes in base 64")
      }
      masterKey = key
    case "memory": memory = try number(16...65_536)
    case "logLevel":
      guard let level = Log.Level(rawValue: text) else {
        throw wrong("is none of \(Log.Level.allCases.map { $0.rawValue }.joined(separator: ", "))")
      }
      logLevel = level
    case "accessLog": accessLog = try flag()
    case "webhooksPrivateAddresses": webhooksPrivateAddresses = try flag()
    case "stopSeconds": stopSeconds = try number(0...3600)
    default: throw wrong("is no setting; the settings are \(Self.names.joined(separator: ", "))")
    }
  }

  /// Checks what no setting can say alone.
  package func check() throws {
    if (certificate == nil) != (certificateKey == nil) {
      throw Failure(.invalid, "certificate and certificateKey go together")
    }
  }

  /// A value of the file.
  ///
  /// Its text goes by the same rules as that of variables and flags.
  private enum Setting: Decodable {
    case flag(Bool)
    case number(Int)
    case text(String)
    case other

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Int.self) {
        self = .number(number)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .other
      }
    }

    var text: String {
      switch self {
      case .flag(let flag): "\(flag)"
      case .number(let number): "\(number)"
      case .text(let text): text
      case .other: ""
      }
    }

    /// Whether the setting of that name has values of this type; a name that is none is told by `take`.
    func suits(_ name: String) -> Bool {
      switch (name, self) {
      case ("port", .number), ("memory", .number), ("stopSeconds", .number), ("accessLog", .flag),
        ("webhooksPrivateAddresses", .flag):
        true
      case ("port", _), ("memory", _), ("stopSeconds", _), ("accessLog", _), ("webhooksPrivateAddresses", _): false
      case (_, .text): true
      default: !Configuration.names.contains(name)
      }
    }
  }
}
