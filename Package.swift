// swift-tools-version: 6.2
import PackageDescription

// One set of rules for every target of ours (docs/ARCHITECTURE.md, "House rules").
let houseRules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: houseRules)
}

func tool(_ name: String, target: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: target, dependencies: dependencies, path: "Sources/Tools/\(name)",
        swiftSettings: houseRules)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: houseRules)
}

let package = Package(
    name: "BatchRunner",
    products: [
        .library(name: "AuditLog", targets: ["AuditLog", "OrderedJSON"]),
        .library(name: "BatchRunner", targets: ["BatchRunner"]),
        .executable(name: "batchrunner", targets: ["BatchRunnerTool"]),
        .executable(name: "auditlog", targets: ["AuditLogTool"]),
        .executable(name: "skypay-sandbox", targets: ["SkyPaySandboxTool"]),
        .executable(name: "batchrunner-simulate", targets: ["Simulator"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Shims for what Swift cannot import. No logic.
        .target(name: "CLinux"),
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),

        // The floor: a lock, bytes on disk, JSON text.
        library("Locks", []),
        library("DurableFiles", ["CLinux"]),
        library("OrderedJSON", []),

        // The provable log. Knows nothing of payments.
        library("AuditLog", ["CLinux", "DurableFiles", "Locks", "OrderedJSON", "CZlib", crypto]),

        // The provider's API. Knows nothing of batches.
        library(
            "SkyPay",
            [
                "Locks", "OrderedJSON", crypto, logging,
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        library(
            "SkyPaySandbox",
            [
                "SkyPay", "DurableFiles", "Locks", "OrderedJSON", logging, crypto,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),

        // The runner.
        library(
            "BatchRunner",
            [
                "AuditLog", "DurableFiles", "Locks", "OrderedJSON", "SkyPay", "CLinux", "CZlib",
                crypto, logging,
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Yams", package: "Yams"),
            ]),

        // Crashes and faults on a customer's machine, with a judge of its own: shares no reading with
        // the runner.
        library("SelfTest", ["AuditLog", "DurableFiles", "OrderedJSON", "CLinux", crypto]),

        // Posted callbacks: the one place of the runner's side that knows a web framework.
        library(
            "Web",
            [
                "BatchRunner", logging, lifecycle,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),

        // The tools: arguments in, text and an exit code out.
        tool(
            "batchrunner", target: "BatchRunnerTool",
            [
                "BatchRunner", "SelfTest", "Web", "DurableFiles", "OrderedJSON", argumentParser,
                logging, lifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        tool(
            "auditlog", target: "AuditLogTool",
            ["AuditLog", "DurableFiles", "OrderedJSON", argumentParser]),
        tool(
            "skypay-sandbox", target: "SkyPaySandboxTool",
            ["SkyPaySandbox", "SkyPay", "DurableFiles", "OrderedJSON", argumentParser, logging]),

        // Histories of crashes and faults in one process. The shim stands before the C library's calls
        // in whatever it is linked into, so nothing else may depend on it.
        .target(name: "CSimulation"),
        .executableTarget(
            name: "Simulator",
            dependencies: [
                "BatchRunner", "SkyPaySandbox", "SkyPay", "AuditLog", "DurableFiles", "OrderedJSON",
                "CSimulation", "CZlib", argumentParser, crypto, logging,
            ],
            swiftSettings: houseRules),

        tests("OrderedJSONTests", ["OrderedJSON"]),
        tests("DurableFilesTests", ["DurableFiles"]),
        tests("AuditLogTests", ["AuditLog", "DurableFiles", "Locks", "OrderedJSON", "CZlib"]),
        tests("AuditLogCrashTests", ["AuditLog", "DurableFiles", "OrderedJSON"]),
        tests("AuditLogToolTests", ["AuditLog", "OrderedJSON"]),
        tests(
            "SkyPayTests",
            [
                "SkyPay", "Locks", "OrderedJSON",
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        tests(
            "SkyPaySandboxTests",
            [
                "SkyPaySandbox", "SkyPay", "Locks", "OrderedJSON", logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        tests(
            "BatchRunnerTests",
            [
                "BatchRunner", "AuditLog", "DurableFiles", "Locks", "OrderedJSON", "SkyPay",
                logging, .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests("SelfTestTests", ["SelfTest", "BatchRunner", "DurableFiles", "OrderedJSON"]),
        tests("EndToEndTests", ["OrderedJSON", "DurableFiles"]),
    ]
)
