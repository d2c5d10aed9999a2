// swift-tools-version: 6.2
import PackageDescription

// Fuzzers, apart from the main package: libFuzzer needs its own compiler flags on everything that it shall see into.
// Sources/ links to the folders of the main package, so that the code under test is built here with those flags.

let sanitize = ["-sanitize=fuzzer,address"]

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .unsafeFlags(sanitize + ["-parse-as-library"]),
]

/// A target of the main package, instrumented: Sources/NAME here is a link to ../Sources/NAME.
func instrumented(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The fuzzer FuzzNAME in Sources/FuzzNAME.
func fuzzer(_ name: String, of dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "Fuzz" + name,
        dependencies: dependencies + ["FuzzDriver"],
        swiftSettings: settings,
        linkerSettings: [.unsafeFlags(sanitize + ["-use-ld=lld"])]
    )
}

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")

let package = Package(
    name: "fuzz",
    dependencies: [
        // ByteBuffer, which the forms are read from.
        .package(url: "https://github.com/apple/swift-nio.git", .upToNextMinor(from: "2.101.2"))
    ],
    targets: [
        .target(name: "CLibAV", linkerSettings: [.linkedLibrary("dl")]),
        instrumented("FuzzDriver"),
        instrumented("ElkAudio", ["CLibAV"]),
        fuzzer("Audio", of: ["ElkAudio"]),
        instrumented("ElkWire", [nioCore]),
        fuzzer("JSON", of: ["ElkWire", nioCore]),
        fuzzer("Multipart", of: ["ElkWire", nioCore]),
        fuzzer("SSE", of: ["ElkWire", nioCore]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .target(name: "CKernels"),
        instrumented("ElkSpeech", ["CKernels", "CZlib"]),
        fuzzer("Weights", of: ["ElkSpeech"]),
    ],
    swiftLanguageModes: [.v6]
)
