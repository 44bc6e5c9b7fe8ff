// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that building the product does not build its measurements.
let houseRules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "BatchRunner", path: "..")],
    targets: [
        // The least that could do the same: zlib, write, fdatasync. In C, so that nothing of ours
        // is in it.
        .executableTarget(
            name: "limits", cSettings: [.unsafeFlags(["-O2"])],
            linkerSettings: [.linkedLibrary("z")]),
        .executableTarget(
            name: "AuditBench",
            dependencies: [
                .product(name: "AuditLog", package: "BatchRunner"),
                .product(name: "auditlog", package: "BatchRunner"),
            ], swiftSettings: houseRules),
    ]
)
