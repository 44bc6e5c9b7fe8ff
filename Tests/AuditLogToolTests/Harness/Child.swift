import Foundation
import Glibc

/// How a process ended and what it said.
struct Ended: Sendable, CustomStringConvertible {
    /// Its exit code; nil when a signal ended it.
    var code: Int32?
    /// The signal that ended it; nil when it exited.
    var signal: Int32?
    var output: [UInt8]
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
    var lines: [String] { text.split(separator: "\n").map(String.init) }
    var description: String {
        "exit \(code.map(String.init) ?? "signal \(signal ?? 0)"): \(text.suffix(600)) \(errors)"
    }
}

/// Where a process reads from and writes to.
struct Plumbing {
    var input: Int32
    var output: Int32
    var errors: Int32
}

/// One started process; killed when nobody holds it any more.
final class Child {
    let pid: pid_t
    private var status: Int32?

    /// Starts a program. Signals are as at a login: nothing blocked, SIGPIPE not ignored.
    init(
        _ words: [String], _ plumbing: Plumbing, environment more: [String: String] = [:]
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, plumbing.input, 0)
        posix_spawn_file_actions_adddup2(&actions, plumbing.output, 1)
        posix_spawn_file_actions_adddup2(&actions, plumbing.errors, 2)
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
        let variables = ProcessInfo.processInfo.environment.merging(more) { _, new in new }
        var arguments = words.map { strdup($0) } + [nil]
        var environment = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var pid: pid_t = 0
        let error = posix_spawn(&pid, words[0], &actions, &attributes, &arguments, &environment)
        guard error == 0 else { throw HarnessFailure("cannot start \(words[0]): error \(error)") }
        self.pid = pid
    }

    deinit { if status == nil { kill() } }

    /// Waits for its end; returns the status of wait(2).
    @discardableResult
    func wait() -> Int32 {
        if let status { return status }
        var ended: Int32 = 0
        while waitpid(pid, &ended, 0) < 0, errno == EINTR {}
        status = ended
        return ended
    }

    /// Ends it as `kill -9` does.
    @discardableResult
    func kill() -> Int32 {
        if status == nil { Glibc.kill(pid, SIGKILL) }
        return wait()
    }

    static func ended(_ status: Int32, output: [UInt8], errors: String) -> Ended {
        let signal = status & 0x7F
        return Ended(
            code: signal == 0 ? (status >> 8) & 0xFF : nil, signal: signal == 0 ? nil : signal,
            output: output, errors: errors)
    }
}
