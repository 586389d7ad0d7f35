import Base
import CLinux
import Channels
import Commerce
import Customers
import FoundationEssentials
import Glibc
import HTTP
import SQL

/// Looks at everything that a server with this configuration needs of its machine.
struct Doctor {
  /// One thing that was looked at.
  struct Finding {
    let name: String
    let detail: String
    let isWrong: Bool
  }

  /// Room below which it is not left to chance: the journal may grow to 256 MiB, and beside a long read or a backup by
  /// as much again.
  private static let leastRoom = 512 << 20
  /// Descriptors below which a shop's busy hour turns connections away; Debian gives every process as many.
  private static let fewestDescriptors = 1024
  private static let secondsPerDay = 86_400

  private let configuration: Configuration
  private let directory: DataDirectory
  private let isServed: Bool

  /// Looks at everything.
  ///
  /// - Parameter configuration: makes the configuration; what is wrong with it is the first thing that is told.
  static func examine(_ configuration: () throws -> Configuration) -> [Finding] {
    let libraries = [SystemLibrary.sqlite, .openSSL, .zlib].map { library in
      Finding(
        name: library.name, detail: "\(library.version), built with \(library.built)", isWrong: !library.suits)
    }
    do {
      let configuration = try configuration()
      try configuration.check()
      return libraries + Doctor(configuration).findings
    } catch {
      return libraries + [Finding(name: "configuration", detail: words(error), isWrong: true)]
    }
  }

  private init(_ configuration: Configuration) {
    self.configuration = configuration
    directory = DataDirectory(path: configuration.data)
    isServed = ControlClient(directory) != nil
  }

  private var findings: [Finding] {
    var findings = [
      finding("data directory", dataDirectory), finding("database", database), finding("room on the disk", room),
      finding("port", port), finding("file descriptors", descriptors), finding("libcurl", curl),
      finding("time zones", timeZones),
      Finding(name: "libqrencode", detail: PickupCode.library ?? "none; QR codes need it", isWrong: false),
    ]
    if let certificate = configuration.certificate, let key = configuration.certificateKey {
      findings.append(finding("certificate") { try self.certificate(certificate, key) })
    }
    return findings
  }

  private func finding(_ name: String, _ look: () throws -> String) -> Finding {
    do {
      return Finding(name: name, detail: try look(), isWrong: false)
    } catch {
      return Finding(name: name, detail: Self.words(error), isWrong: true)
    }
  }

  private static func words(_ error: any Error) -> String {
    guard let failure = error as? Failure else { return "\(error)" }
    return failure.message + (failure.hint.map { " (\($0))" } ?? "")
  }

  // MARK: What is looked at

  private func dataDirectory() throws -> String {
    try directory.checkLength()
    guard Disk.status(directory.path) != nil else {
      let parent = existingParent(of: directory.path)
      guard access(parent, W_OK | X_OK) == 0 else {
        throw Failure(.unavailable, "\(directory.path) cannot be made: \(parent) cannot be written")
      }
      return "\(directory.path) is made at the first start"
    }
    let probe = "\(directory.path)/\(Leftovers.name(DataDirectory.probing))"
    try Disk.make(probe)
    unlink(probe)
    return "\(directory.path) can be written" + (isServed ? " and is being served" : "")
  }

  private func timeZones() throws -> String {
    guard TimeZoneRules(named: "Etc/UTC") != nil else {
      throw Failure(
        .unavailable, "\(TimeZoneRules.directory) has no zones, which stores need", hint: "apt-get install tzdata")
    }
    return TimeZoneRules.directory
  }

  private func existingParent(of path: String) -> String {
    var path = Disk.absolute(path)
    while path != "/", Disk.status(path) == nil { path = Disk.split(path).directory }
    return path
  }

  private func database() throws -> String {
    guard directory.hasDatabase else { return "none yet" }
    let (number, newest) = (try Store.migration(of: directory), Store.migrations.last?.number ?? 0)
    if number > newest { throw Store.told(SQLFailure(.newer(number), ""), directory.database) }
    let practice = try Store.isPractice(directory) ? "; a practice shop, whose people are made up" : ""
    return number == newest
      ? "at migration \(number)\(practice)"
      : "at migration \(number)\(practice); the next start, or throughline migrate, brings it to \(newest)"
  }

  private func room() throws -> String {
    let place = existingParent(of: directory.path)
    var volume = statvfs()
    guard statvfs(place, &volume) == 0 else { throw Failure(.unavailable, "\(place) cannot be looked at") }
    let free = Int(volume.f_bavail) * Int(volume.f_frsize)
    guard free >= Self.leastRoom else {
      throw Failure(.unavailable, "\(free >> 20) MiB are free, less than \(Self.leastRoom >> 20)")
    }
    return "\(free >> 20) MiB are free"
  }

  private func port() throws -> String {
    let place = "\(configuration.host):\(configuration.port)"
    if isServed { return "\(place) is not tried, because the directory is being served" }
    do {
      try Server.check(configuration.host, configuration.port)
    } catch {
      throw Node.told(error, configuration.host, configuration.port)
    }
    return configuration.port == 0 ? "a free one is picked" : "\(place) is free"
  }

  private func descriptors() throws -> String {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw Failure(.unavailable, "their limit cannot be read")
    }
    guard limit.rlim_cur >= rlim_t(Self.fewestDescriptors) else {
      throw Failure(
        .unavailable, "\(limit.rlim_cur), less than \(Self.fewestDescriptors)",
        hint: "ulimit -n, or LimitNOFILE= in the unit")
    }
    return "\(limit.rlim_cur)"
  }

  /// Libcurl is opened at first use, so it is missed where there is a webhook.
  private func curl() throws -> String {
    if let version = CurlSender.version { return version }
    let isNeeded = directory.hasDatabase && Store.hasWebhooks(in: directory)
    guard !isNeeded else {
      throw Failure(.unavailable, "it is missing, and there are webhooks", hint: "apt-get install libcurl4")
    }
    return "none; webhooks need it"
  }

  private func certificate(_ certificate: String, _ key: String) throws -> String {
    let (first, last) = try TLSConfiguration(certificateChainFile: certificate, privateKeyFile: key).validity()
    let now = Int(SystemClock().now.milliseconds / 1000)
    if now < first { throw Failure(.unavailable, "\(certificate) is not valid yet") }
    if now > last { throw Failure(.unavailable, "\(certificate) has expired") }
    return "\(certificate) is valid for \((last - now) / Self.secondsPerDay) more days"
  }
}
