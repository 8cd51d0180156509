// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// The tests of the structures beside their models, alone and optimized: a million random operations each.
/// `make models` sets this; `DEBUG` makes structures check themselves.
let modelsOnly = Context.environment["REDSTART_MODELS"] != nil
let modelTests = [
    "Hashes/HashModelTests.swift", "Sets/SetLayoutTests.swift", "SortedSets/SortedSetModelTests.swift",
    "Streams/StreamModelTests.swift", "Structures", "Support/Events.swift", "Support/RandomOperations.swift",
    "Support/Session.swift",
]
let testedSettings = modelsOnly ? settings + [.define("DEBUG")] : settings

let package = Package(
    name: "redstart",
    products: [
        .library(name: "Redstart", targets: ["Redstart"]),
        .executable(name: "redstart", targets: ["redstart-server"]),
    ],
    targets: [
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        .target(name: "Lua", swiftSettings: settings),
        .target(name: "Redstart", dependencies: ["CLinux", "Lua"], swiftSettings: testedSettings),
        .executableTarget(
            name: "redstart-server", dependencies: ["Redstart"], swiftSettings: settings),
        .executableTarget(
            name: "lua-script", dependencies: ["Lua"], path: "conformance/lua/Sources", swiftSettings: settings),
        .executableTarget(name: "conformance", path: "conformance/Sources", swiftSettings: settings),
        .testTarget(name: "LuaTests", dependencies: ["Lua"], swiftSettings: settings),
        .testTarget(
            name: "RedstartTests", dependencies: ["Redstart", "Lua"], sources: modelsOnly ? modelTests : nil,
            swiftSettings: testedSettings),
    ]
)

if modelsOnly { package.targets.removeAll { !["CLinux", "Lua", "Redstart", "RedstartTests"].contains($0.name) } }
if modelsOnly { package.products.removeAll { $0.name == "redstart" } }
