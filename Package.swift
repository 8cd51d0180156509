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

let package = Package(
    name: "redstart",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Redstart", targets: ["Redstart"]),
        .executable(name: "redstart", targets: ["redstart-server"]),
    ],
    targets: [
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        .target(name: "Lua", swiftSettings: settings),
        .target(name: "Redstart", dependencies: ["CLinux", "Lua"], swiftSettings: settings),
        .executableTarget(
            name: "redstart-server", dependencies: ["Redstart"], swiftSettings: settings),
        .executableTarget(
            name: "lua-script", dependencies: ["Lua"], path: "conformance/lua/Sources", swiftSettings: settings),
        .executableTarget(name: "conformance", path: "conformance/Sources", swiftSettings: settings),
        .testTarget(name: "LuaTests", dependencies: ["Lua"], swiftSettings: settings),
        .testTarget(name: "RedstartTests", dependencies: ["Redstart", "Lua"], swiftSettings: settings),
    ]
)
