// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that a build of Elk never sees it.
let package = Package(
    name: "elk-benchmarks",
    dependencies: [.package(name: "elkapi", path: "..")],
    targets: [
        // What the processor can do, in loops over registers and memory; optimised whatever the configuration.
        .target(name: "CCeilings", cSettings: [.unsafeFlags(["-O3"])]),
        .executableTarget(
            name: "speech-bench",
            dependencies: [
                "CCeilings",
                .product(name: "ElkAudio", package: "elkapi"),
                .product(name: "ElkSpeech", package: "elkapi"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
