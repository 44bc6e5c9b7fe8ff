import Glibc

/// A program that was started. Its words are appended to a file; it reads nothing.
final class ChildProcess {
    /// How it ended.
    enum Ended: Equatable, CustomStringConvertible {
        case exit(Int32)
        case signal(Int32)

        var description: String {
            switch self {
            case .exit(let code): "exit \(code)"
            case .signal(let number): "signal \(number)"
            }
        }
    }

    let pid: pid_t
    private(set) var ended: Ended?

    /// Starts a program with exactly this environment.
    /// - Parameter group: the process group it joins.
    /// - Throws: `SelfTestError` when it cannot be started.
    init(
        _ words: [String], environment: [String: String], output: String, group: pid_t
    ) throws(SelfTestError) {
        pid = try Self.spawn(words, environment: environment, output: output, group: group)
    }

    /// Starts a program.
    /// - Parameters:
    ///   - input: its standard input; nil for none.
    ///   - output: the file its words are appended to.
    ///   - group: the process group it joins; 0 for one of its own.
    /// - Returns: its process id.
    static func spawn(
        _ words: [String], environment: [String: String], input: Int32? = nil, output: String,
        group: pid_t
    ) throws(SelfTestError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(
            &actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Nothing this process ignores or blocks may change what the program does.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, group)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK)
                | Int16(POSIX_SPAWN_SETPGROUP))
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0.key + "=" + $0.value) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pid: pid_t = 0
        let error = posix_spawn(&pid, words[0], &actions, &attributes, &arguments, &variables)
        guard error == 0 else {
            throw SelfTestError(
                "\(words[0]) cannot be started: \(String(cString: strerror(error)))")
        }
        return pid
    }

    /// True until it has ended.
    var isRunning: Bool {
        if ended == nil { reap(WNOHANG) }
        return ended == nil
    }

    /// Sends a signal while it runs.
    func send(_ signal: Int32) {
        if isRunning { _ = kill(pid, signal) }
    }

    /// Ends it as `kill -9` does, and waits until it is gone.
    @discardableResult
    func killNow() -> Ended {
        if isRunning {
            _ = kill(pid, SIGKILL)
            reap(0)
        }
        return ended ?? .signal(SIGKILL)
    }

    /// Waits for its end; kills it when that does not come in time.
    /// - Returns: how it ended; nil when it had to be killed.
    func end(within seconds: Double) async -> Ended? {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while isRunning {
            if ContinuousClock.now > deadline {
                killNow()
                return nil
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return ended
    }

    private func reap(_ options: Int32) {
        var status: Int32 = 0
        while true {
            let found = waitpid(pid, &status, options)
            if found < 0, errno == EINTR { continue }
            guard found == pid else { return }
            let signal = status & 0x7F
            ended = signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
            return
        }
    }

    deinit { killNow() }
}
