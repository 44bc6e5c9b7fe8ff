// swift-tools-version: 6.2
import PackageDescription

// A package of its own: fuzzing needs other compiler options for everything below it, and the normal
// build must not pay for it. Its sources are links to the repository's.
let houseRules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "Fuzz",
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", from: "4.5.2")],
    targets: [
        .target(name: "CLinux"),
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "Locks", swiftSettings: houseRules),
        .target(name: "DurableFiles", dependencies: ["CLinux"], swiftSettings: houseRules),
        .target(name: "OrderedJSON", swiftSettings: houseRules),
        .target(
            name: "AuditLog",
            dependencies: [
                "DurableFiles", "Locks", "OrderedJSON", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: houseRules),
        .executableTarget(
            name: "auditlog-fuzz", dependencies: ["AuditLog", "DurableFiles", "OrderedJSON"],
            path: "Sources/AuditLogFuzz",
            swiftSettings: houseRules + [.unsafeFlags(["-parse-as-library"])]),
    ]
)
