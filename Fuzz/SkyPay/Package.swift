// swift-tools-version: 6.2
import PackageDescription

// A package of its own beside the audit log's: what it fuzzes needs swift-crypto, and nothing of the
// log. Its sources are links to the repository's: of the client what reads answers, without its network
// libraries; of the runner what decides, without files, ledger and log.
let houseRules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "SkyPayFuzz",
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", from: "4.5.2")],
    targets: [
        .target(name: "OrderedJSON", swiftSettings: houseRules),
        .target(
            name: "SkyPay",
            dependencies: [
                "OrderedJSON", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ], swiftSettings: houseRules),
        .target(
            name: "BatchRunner", dependencies: ["SkyPay", "OrderedJSON"], swiftSettings: houseRules),
        .executableTarget(
            name: "skypay-fuzz", dependencies: ["BatchRunner", "SkyPay", "OrderedJSON"],
            path: "Sources/SkyPayFuzz",
            swiftSettings: houseRules + [.unsafeFlags(["-parse-as-library"])]),
    ]
)
