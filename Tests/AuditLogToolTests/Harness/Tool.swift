import Dispatch
import Foundation
import Glibc

/// The built `auditlog`, started as a person or a script starts it: these tests know nothing else.
enum Tool {
    /// `TEST_BINARIES` names the folder; without it, it is the folder of the tests' own executable or
    /// one above it. A name that is not there: every test that starts it says so.
    static let path: String = {
        let found = folders.map { $0 + "/auditlog" }.first { access($0, X_OK) == 0 }
        return found ?? "auditlog (not built; set TEST_BINARIES)"
    }()

    private static let folders: [String] = {
        if let named = ProcessInfo.processInfo.environment["TEST_BINARIES"] { return [named] }
        let itself = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var candidates: [String] = []
        for start in [itself ?? "", CommandLine.arguments.first ?? ""] {
            var folder = (start as NSString).deletingLastPathComponent
            while folder.count > 1 {
                candidates.append(folder)
                folder = (folder as NSString).deletingLastPathComponent
            }
        }
        return candidates
    }()

    /// Where a program of the system is; nil when it is not installed.
    static func find(_ program: String) -> String? {
        ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"].map { $0 + program }
            .first { access($0, X_OK) == 0 }
    }
}

/// A number from the environment, for the long forms of tests.
func setting(_ name: String, _ standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
}

/// What went wrong in the harness itself.
struct HarnessFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs blocking work on a thread of its own: waiting for processes must not hold up other tests. Two
/// at a time, since each starts processes.
func apart<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Apart.queue.async {
            Apart.slots.wait()
            let result = Result { try work() }
            Apart.slots.signal()
            continuation.resume(with: result)
        }
    }
}

private enum Apart {
    static let queue = DispatchQueue(label: "auditlog.tests", attributes: .concurrent)
    static let slots = DispatchSemaphore(value: 2)
}
