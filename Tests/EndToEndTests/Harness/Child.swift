import Foundation
import Glibc
import Synchronization

/// How a process ended and what it said.
struct Ended: Sendable {
    /// Its exit code; nil when a signal ended it.
    var code: Int32?
    /// The signal that ended it; nil when it exited.
    var signal: Int32?
    /// The most memory it was seen to have, in bytes (`VmHWM`); 0 when it ended before a look.
    /// Not `ru_maxrss`: that begins with what the starting process had.
    var peakMemoryBytes: Int
    var output: String
    var errors: String
}

/// One started process. Its output goes into files, so that it never waits for its reader.
final class Child: Sendable {
    /// Where standard output goes.
    enum Output { case file, closedPipe, fullDisk }

    let pid: pid_t
    private let output: String
    private let errors: String
    private let ended = Mutex<Ended?>(nil)
    private let peak = Mutex(0)

    /// Starts a program.
    /// - Parameter logs: path before `.out` and `.err`, the files that take its output.
    init(
        _ program: String, _ arguments: [String], logs: String, input: String = "/dev/null",
        environment: [String: String] = [:], output kind: Output = .file
    ) throws {
        output = logs + ".out"
        errors = logs + ".err"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)
        let pipe = kind == .closedPipe ? try Self.closedPipe(logs + ".pipe") : -1
        if pipe >= 0 { posix_spawn_file_actions_adddup2(&actions, pipe, 1) }
        if kind == .fullDisk {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/full", O_WRONLY, 0)
        }
        defer { if pipe >= 0 { close(pipe) } }
        pid = try Self.spawn([program] + arguments, environment, &actions)
    }

    /// The writing end of a pipe whose reader is gone.
    private static func closedPipe(_ path: String) throws -> Int32 {
        mkfifo(path, 0o600)
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let writer = open(path, O_WRONLY | O_CLOEXEC)
        guard reader >= 0, writer >= 0 else { throw HarnessFailure("mkfifo: \(errno)") }
        return writer
    }

    private static func spawn(
        _ words: [String], _ more: [String: String],
        _ actions: inout posix_spawn_file_actions_t
    ) throws -> pid_t {
        // The test process may ignore SIGPIPE; a program starts with its default.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        let kept = ProcessInfo.processInfo.environment.filter { name, _ in
            !["BATCHRUNNER_", "SKYPAY_"].contains { name.hasPrefix($0) }
        }
        let variables = kept.merging(more) { _, new in new }.map { $0.key + "=" + $0.value }
        var arguments = words.map { strdup($0) } + [nil]
        var environment = variables.map { strdup($0) } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var pid: pid_t = 0
        let error = posix_spawn(&pid, words[0], &actions, &attributes, &arguments, &environment)
        guard error == 0 else { throw HarnessFailure("cannot start \(words[0]): error \(error)") }
        return pid
    }

    func send(_ signal: Int32) {
        ended.withLock { if $0 == nil { _ = Glibc.kill(pid, signal) } }
    }

    /// How it ended; nil while it runs.
    var result: Ended? {
        ended.withLock { ended in
            if ended == nil {
                notePeak()
                ended = reap(WNOHANG)
            }
            return ended
        }
    }

    /// What it has said on standard error.
    var errorsSoFar: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

    /// Waits for its end; kills it at the deadline, which fails the test.
    func end(within seconds: Int = 90) async throws -> Ended {
        do {
            return try await eventually(within: seconds, "process \(pid) ends") { self.result }
        } catch {
            let last = kill()
            throw HarnessFailure("\(error); \(last.output)\(last.errors)")
        }
    }

    /// Ends it as `kill -9` does.
    @discardableResult
    func kill() -> Ended {
        ended.withLock { ended in
            if let ended { return ended }
            Glibc.kill(pid, SIGKILL)
            let last =
                reap(0)
                ?? Ended(code: nil, signal: nil, peakMemoryBytes: 0, output: "", errors: "")
            ended = last
            return last
        }
    }

    private func notePeak() {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kibibytes = line.split(whereSeparator: \.isWhitespace).compactMap({ Int($0) })
                .first
        else { return }
        peak.withLock { $0 = max($0, kibibytes * 1_024) }
    }

    private func reap(_ options: Int32) -> Ended? {
        var status: Int32 = 0
        guard waitpid(pid, &status, options) == pid else { return nil }
        let signal = status & 0x7F
        return Ended(
            code: signal == 0 ? (status >> 8) & 0xFF : nil, signal: signal == 0 ? nil : signal,
            peakMemoryBytes: peak.withLock { $0 }, output: text(output), errors: text(errors))
    }

    private func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}

/// Asks again and again until there is an answer; the deadline fails the test.
func eventually<Value>(
    within seconds: Int = 60, _ what: String, _ condition: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
        if let value = try await condition() { return value }
        guard ContinuousClock.now < deadline else {
            throw HarnessFailure("\(what): not within \(seconds) s")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
