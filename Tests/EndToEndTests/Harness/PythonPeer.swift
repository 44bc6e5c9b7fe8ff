import Foundation
import OrderedJSON

/// `Tests/Interop/skypay_peer.py`: the wire format by somebody else.
struct PythonPeer: Sendable {
    /// A Python that has PyPI's cryptography: $SKYPAY_PYTHON, the one of `make peers`, or one in the
    /// path; nil when there is none.
    static let python = interpreter(with: "cryptography")

    /// The same for another module.
    static func interpreter(with module: String) -> String? {
        let given = ProcessInfo.processInfo.environment["SKYPAY_PYTHON"].map { [$0] } ?? []
        let built = Repository.root + "/.build/interop/bin/python"
        return (given + [built, "python3"]).first { name in
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [name, "-c", "import \(module)"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return false }
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
    }

    private static let script = Repository.root + "/Tests/Interop/skypay_peer.py"

    let scratch: Scratch
    let port: Int
    private let log: String

    private static func arguments(_ rest: [String]) -> [String] {
        [python ?? "python3", script] + rest
    }

    /// Runs a command of the script to its end.
    static func run(
        _ scratch: Scratch, _ arguments: [String], input: String = "/dev/null",
        environment: [String: String] = [:]
    ) async throws -> Ended {
        try await scratch.run(
            "/usr/bin/env", Self.arguments(arguments), input: input, environment: environment)
    }

    /// Starts `partner` or `provider` and waits until it listens.
    static func start(_ scratch: Scratch, _ kind: String) async throws -> PythonPeer {
        let ready = scratch.folder + "/\(kind).port"
        let log = scratch.folder + "/\(kind).log"
        let child = try scratch.start(
            "/usr/bin/env", arguments([kind, Secrets.passwordKey, ready, log]))
        let port = try await eventually("the \(kind) in Python listens") { () -> Int? in
            if let ended = child.result { throw HarnessFailure("\(kind): \(ended.errors)") }
            return FileManager.default.contents(atPath: ready).flatMap { data in
                Int(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines))
            }
        }
        return PythonPeer(scratch: scratch, port: port, log: log)
    }

    /// What it was sent so far, in the order of arrival.
    func messages() throws -> [JSONValue] {
        guard let data = FileManager.default.contents(atPath: log) else { return [] }
        return try String(decoding: data, as: UTF8.self).split(separator: "\n").map {
            try JSONValue(parsing: Array($0.utf8))
        }
    }
}
