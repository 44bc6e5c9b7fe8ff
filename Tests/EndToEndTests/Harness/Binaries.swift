import Foundation
import Glibc

/// Where the built tools are. `TEST_BINARIES` names the folder; without it, it is the folder of
/// the tests' own executable or one above it, or this repository's debug build.
enum Binaries {
    static let batchrunner = path("batchrunner")
    static let sandbox = path("skypay-sandbox")
    static let auditlog = path("auditlog")
    static let simulator = path("batchrunner-simulate")

    private static func path(_ name: String) -> String {
        let found = folders.map { $0 + "/" + name }.first { access($0, X_OK) == 0 }
        // A name that is not there: every test that starts it says so.
        return found ?? "\(name) (not built; set TEST_BINARIES)"
    }

    private static let folders: [String] = {
        if let named = ProcessInfo.processInfo.environment["TEST_BINARIES"] { return [named] }
        var candidates: [String] = []
        for start in [executable, CommandLine.arguments.first ?? ""] {
            var folder = (start as NSString).deletingLastPathComponent
            while folder.count > 1 {
                candidates.append(folder)
                folder = (folder as NSString).deletingLastPathComponent
            }
        }
        return candidates + [Repository.root + "/.build/debug"]
    }()

    private static let executable =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
}

/// The repository the tests lie in.
enum Repository {
    static let root = String(
        URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .path)

    /// The path of a sample.
    static func sample(_ name: String) -> String { root + "/samples/" + name }
}

/// What went wrong in the harness itself.
struct HarnessFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
