// swift-tools-version: 6.2
import PackageDescription

/// The floors, lowest first: each names all that it may import.
///
/// `Scripts/check` holds every file to this table, because SwiftPM alone lets a target import what its dependencies depend on.
let floors: [(name: String, imports: [String])] = [
  ("Base", ["CIDN2", "COpenSSL", "CUnistring"]),
  ("HTTP", ["Base", "CLinux", "COpenSSL", "CZlib"]),
  ("SQL", ["Base", "CSQLite"]),
  ("Customers", ["Base", "SQL"]),
  ("Commerce", ["Base", "SQL", "Customers", "CQREncode"]),
  ("Channels", ["Base", "SQL", "Customers", "CCurl"]),
  ("API", ["Base", "HTTP", "SQL", "Customers", "Commerce", "Channels"]),
  ("Console", ["HTTP", "CConsole"]),
  ("Application", ["Base", "HTTP", "SQL", "Customers", "Commerce", "Channels", "API", "Console", "CLinux"]),
]

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
  .treatAllWarnings(as: .error),  // SE-0443
]

/// The floors are optimised in debug builds too, with assertions and `DEBUG`: the tests take half of the time.
let optimised: [SwiftSetting] = [
  .unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))
]

let package = Package(
  name: "throughline",
  products: [.executable(name: "throughline", targets: ["throughline"])],
  targets: [
    .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(name: "CConsole", exclude: ["files"]),
    .target(name: "CCurl"),
    .target(name: "CQREncode"),
    .systemLibrary(name: "COpenSSL"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CIDN2"),
    .systemLibrary(name: "CUnistring"),
  ]
    + floors.map { floor in
      .target(
        name: floor.name, dependencies: floor.imports.map { .target(name: $0) }, swiftSettings: settings + optimised)
    }
    + [
      .executableTarget(name: "throughline", dependencies: ["Base", "Application"], swiftSettings: settings),
      .target(
        name: "TestKit", dependencies: ["Base", "HTTP", "SQL", "Customers", "Commerce", "CLinux"],
        path: "Tests/TestKit",
        swiftSettings: settings),
    ]
    // Application is tested from outside, by Tests/EndToEnd.
    + floors.filter { $0.name != "Application" }.map { floor in
      .testTarget(
        name: floor.name + "Tests", dependencies: (floor.imports + [floor.name, "TestKit"]).map { .target(name: $0) },
        swiftSettings: settings)
    }
)
