// swift-tools-version: 6.2
import PackageDescription

// The lock file stays out of the repository, so every dependency is pinned to its minor version here.
// One line a dependency: why it is there.
let dependencies: [Package.Dependency] = [
    // The HTTP server: routing, bodies with back-pressure, graceful shutdown.
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", .upToNextMinor(from: "2.28.1"), traits: []),
    // ByteBuffer and the event loops under the server and the downloader.
    .package(url: "https://github.com/apple/swift-nio.git", .upToNextMinor(from: "2.101.2")),
    // TLS to providers, for the relay's own client.
    .package(url: "https://github.com/apple/swift-nio-ssl.git", .upToNextMinor(from: "2.37.6")),
    // Handlers of the HTTP types in NIO channels, for the watch on clients that leave.
    .package(url: "https://github.com/apple/swift-nio-extras.git", .upToNextMinor(from: "1.35.2")),
    // HTTPS client that streams model downloads.
    .package(url: "https://github.com/swift-server/async-http-client.git", .upToNextMinor(from: "1.37.0")),
    // Header and method types shared with Hummingbird.
    .package(url: "https://github.com/apple/swift-http-types.git", .upToNextMinor(from: "1.8.0")),
    // Starts and stops the server in order on signals.
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", .upToNextMinor(from: "2.13.0")),
    // Structured logs.
    .package(url: "https://github.com/apple/swift-log.git", .upToNextMinor(from: "1.16.2")),
    // SQLite with a pool of readers, one writer and WAL, under the accounts and the ledger.
    .package(url: "https://github.com/groue/GRDB.swift.git", .upToNextMinor(from: "7.10.0")),
    // SHA-256 of model files and of keys, and the sealing of stored secrets.
    .package(url: "https://github.com/apple/swift-crypto.git", .upToNextMinor(from: "4.5.2")),
    // The command line.
    .package(url: "https://github.com/apple/swift-argument-parser.git", .upToNextMinor(from: "1.8.2")),
    // The settings file.
    .package(url: "https://github.com/jpsim/Yams.git", .upToNextMinor(from: "6.2.2")),
]

let targets: [Target] = [
    // The functions of FFmpeg's libraries, which are loaded at run time and not linked.
    .target(name: "CLibAV", linkerSettings: [.linkedLibrary("dl")]),
    // Those of eSpeak NG, which is under the GPL: loaded at run time where it is installed, and never needed.
    .target(name: "CESpeak", linkerSettings: [.linkedLibrary("dl")]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // Optimised in debug builds too: at -O0 the kernels are too slow to test with.
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])], linkerSettings: [.linkedLibrary("m")]),
    // The page that the server shows, its files embedded by the compiler.
    .target(name: "ElkDashboard", exclude: ["web"]),
    .target(name: "ElkAudio", dependencies: ["CLibAV"]),
    .target(name: "ElkSpeech", dependencies: ["CKernels", "CZlib"]),
    .target(name: "ElkVoice", dependencies: ["CESpeak", "CKernels", "ElkSpeech"]),
    .target(
        name: "ElkModels",
        dependencies: [
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
        ]
    ),
    .target(name: "ElkWire", dependencies: [.product(name: "NIOCore", package: "swift-nio")]),
    .target(
        name: "ElkProviders",
        dependencies: [
            "ElkWire",
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "NIOCore", package: "swift-nio"),
        ]
    ),
    .target(
        name: "ElkStorage",
        dependencies: [
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "GRDB", package: "GRDB.swift"),
        ]
    ),
    .target(
        name: "ElkGateway",
        dependencies: [
            "ElkProviders", "ElkStorage", "ElkWire",
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOTLS", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ]
    ),
    .target(
        name: "ElkServer",
        dependencies: [
            "ElkDashboard", "ElkGateway", "ElkProviders", "ElkStorage", "ElkWire",
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HummingbirdCore", package: "hummingbird"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        ]
    ),
    .executableTarget(
        name: "elk",
        dependencies: [
            "ElkAudio", "ElkGateway", "ElkModels", "ElkProviders", "ElkServer", "ElkSpeech", "ElkStorage", "ElkVoice",
            "ElkWire",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "Yams", package: "Yams"),
        ]
    ),
    .testTarget(name: "ElkAudioTests", dependencies: ["ElkAudio"]),
    .testTarget(name: "ElkSpeechTests", dependencies: ["ElkSpeech", "CKernels"]),
    .testTarget(name: "ElkVoiceTests", dependencies: ["ElkVoice", "ElkSpeech", "CKernels"]),
    .testTarget(name: "ElkModelsTests", dependencies: ["ElkModels"]),
    .testTarget(name: "ElkWireTests", dependencies: ["ElkWire", .product(name: "NIOCore", package: "swift-nio")]),
    // What tests share: a scripted upstream on loopback, a database of their own, a clock that is wound by hand.
    .target(
        name: "ElkTestSupport",
        dependencies: [
            "ElkGateway", "ElkProviders", "ElkStorage", "ElkWire",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ],
        path: "Tests/ElkTestSupport"
    ),
    .testTarget(
        name: "ElkProvidersTests",
        dependencies: ["ElkProviders", "ElkWire", .product(name: "NIOCore", package: "swift-nio")]
    ),
    .testTarget(name: "ElkStorageTests", dependencies: ["ElkStorage", "ElkTestSupport"]),
    .testTarget(
        name: "ElkGatewayTests",
        dependencies: [
            "ElkGateway", "ElkProviders", "ElkStorage", "ElkTestSupport", "ElkWire",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ]
    ),
    .testTarget(
        name: "ElkServerTests",
        dependencies: [
            "ElkGateway", "ElkProviders", "ElkServer", "ElkStorage", "ElkTestSupport", "ElkWire",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ]
    ),
    .testTarget(
        name: "ElkCommandTests",
        dependencies: ["elk", "ElkGateway", "ElkModels", "ElkServer", "ElkSpeech", "ElkStorage", "ElkVoice"]
    ),
]

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    // Debug builds and tests check at run time that no two accesses overlap; a release pays 3 % of its time for it.
    .unsafeFlags(["-enforce-exclusivity=unchecked", "-cross-module-optimization"], .when(configuration: .release)),
]
let inC: Set = ["CESpeak", "CKernels", "CLibAV", "ElkDashboard"]
for target in targets where target.type != .system && !inC.contains(target.name) {
    target.swiftSettings = settings
}

let libraries: [Product] = [
    .library(name: "ElkSpeech", targets: ["ElkSpeech"]),
    .library(name: "ElkAudio", targets: ["ElkAudio"]),
]
// The engine uses no dependency: alone it is built in a fraction of the time, which scripts/sanitize does.
let isEngineOnly = Context.environment["ELK_ENGINE_ONLY"] != nil
let engine = [
    "CLibAV", "CESpeak", "CZlib", "CKernels", "ElkAudio", "ElkSpeech", "ElkVoice", "ElkAudioTests", "ElkSpeechTests",
    "ElkVoiceTests",
]

let package = Package(
    name: "elkapi",
    products: libraries + (isEngineOnly ? [] : [.executable(name: "elk", targets: ["elk"])]),
    dependencies: dependencies,
    targets: targets.filter { !isEngineOnly || engine.contains($0.name) },
    swiftLanguageModes: [.v6]
)
