import DurableFiles
import Foundation

@testable import AuditLog

/// Programs of others that check our files, where they are installed.
enum InteropTools {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Interop").path

    static let docs = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs").path

    /// Debian's golang-go with golang-golang-x-mod-dev.
    static let hasGo =
        DurableFiles.exists("/usr/bin/go")
        && DurableFiles.exists("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")

    /// A Python 3.8 or newer.
    static let python: String? = ["python3", "python3.13", "python3.12", "python3.11"].first {
        (try? run([$0, "-c", "import sys; sys.exit(sys.version_info < (3, 8))"]))?.code == 0
    }

    /// A Python that has aics-tlog: $AICS_PYTHON, the one of the setup script, or one in the path.
    static let aicsPython: String? = {
        let root = URL(filePath: folder).deletingLastPathComponent().deletingLastPathComponent()
        let given = ProcessInfo.processInfo.environment["AICS_PYTHON"].map { [$0] } ?? []
        let built = root.appending(path: ".build/interop/bin/python").path
        let names = given + [built, "python3.13", "python3.12", "python3"]
        return names.first { (try? run([$0, "-c", "import aics_tlog"]))?.code == 0 }
    }()

    /// Runs a program of the path to its end; its output, standard error included.
    static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
