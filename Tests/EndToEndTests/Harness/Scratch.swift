import Foundation
import Glibc
import Synchronization
import Testing

/// A fresh folder with the processes started for one test. Everything in it ends with the test.
final class Scratch: Sendable {
    let folder: String
    private let children = Mutex<[Child]>([])

    private init() throws {
        var template = Array((NSTemporaryDirectory() + "/batchrunner-e2e-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw HarnessFailure("mkdtemp: \(errno)") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Runs a test in a new folder; ends what it started and removes what it left.
    static func with(_ body: (Scratch) async throws -> Void) async throws {
        let scratch = try Scratch()
        defer {
            for child in scratch.children.withLock({ $0 }) { child.kill() }
            try? FileManager.default.removeItem(atPath: scratch.folder)
        }
        try await body(scratch)
    }

    /// Starts a program.
    func start(
        _ program: String, _ arguments: [String], input: String = "/dev/null",
        environment: [String: String] = [:], output: Child.Output = .file
    ) throws -> Child {
        try children.withLock { children in
            let child = try Child(
                program, arguments, logs: folder + "/process-\(children.count)", input: input,
                environment: environment, output: output)
            children.append(child)
            return child
        }
    }

    /// Runs a program to its end.
    func run(
        _ program: String, _ arguments: [String], input: String = "/dev/null",
        environment: [String: String] = [:], output: Child.Output = .file, within seconds: Int = 90
    ) async throws -> Ended {
        try await start(
            program, arguments, input: input, environment: environment, output: output
        ).end(within: seconds)
    }

    /// Writes a file into the folder and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        let path = folder + "/" + name
        try Scratch.put(text, at: path)
        return path
    }

    /// Writes or replaces a file. No process started meanwhile may inherit the descriptor: the
    /// runner leaves a file alone as long as anyone has it open for writing.
    static func put(_ text: String, at path: String) throws { try put(Array(text.utf8), at: path) }

    /// The same with bytes.
    static func put(_ bytes: [UInt8], at path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw HarnessFailure("cannot write \(path): \(errno)") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw HarnessFailure("cannot write \(path): \(errno)") }
            rest = rest.dropFirst(count)
        }
    }
}

/// Lets few tests run at a time: each has several processes of its own.
struct FewAtATime: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    @concurrent func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        await Self.slots.take()
        do {
            try await function()
        } catch {
            await Self.slots.give()
            throw error
        }
        await Self.slots.give()
    }

    private static let slots = Slots(3)

    /// So many at a time; the others wait in line.
    private actor Slots {
        private var free: Int
        private var line: [CheckedContinuation<Void, Never>] = []

        init(_ count: Int) { free = count }

        func take() async {
            if free > 0 {
                free -= 1
                return
            }
            await withCheckedContinuation { line.append($0) }
        }

        func give() {
            if line.isEmpty { free += 1 } else { line.removeFirst().resume() }
        }
    }
}

extension Trait where Self == FewAtATime {
    /// Three tests at a time.
    static var fewAtATime: Self { FewAtATime() }
}
