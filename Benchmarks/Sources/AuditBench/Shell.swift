import Glibc

/// A command that could not be run or failed.
struct BenchFailure: Error, CustomStringConvertible {
    var description: String
}

/// A command under way.
struct RunningCommand {
    let process: pid_t
    fileprivate let output: String
    fileprivate let began: Double

    /// Ends it as a power switch would; `wait` must follow.
    func killNow() { kill(process, SIGKILL) }

    /// Its end: seconds, the most memory any of its processes held, what it printed.
    func wait() throws -> Shell.Result {
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) < 0 {
            if errno != EINTR { throw BenchFailure(description: "wait4 failed: \(errno)") }
        }
        let seconds = Shell.now() - began
        let exit = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        return Shell.Result(
            seconds: seconds, exit: exit, peakBytes: Int(usage.ru_maxrss) * 1_024,
            text: try Shell.contents(output))
    }
}

/// Runs commands and takes their time, whole processes from start to end.
enum Shell {
    struct Result {
        var seconds: Double
        var exit: Int32
        /// VmHWM of the largest process (getrusage counts ours at the start of the child too, which
        /// is why this program stays small and gives heavy work to children).
        var peakBytes: Int
        var text: String

        var words: [Double] { text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) } }
    }

    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Runs a script of `sh`; throws when it does not end with one of `exits`.
    @discardableResult
    static func run(_ script: String, exits: [Int32] = [0], in folder: String) throws -> Result {
        let result = try start(script, in: folder).wait()
        guard exits.contains(result.exit) else {
            throw BenchFailure(
                description: "exit \(result.exit): \(script)\n\(result.text.suffix(2_000))")
        }
        return result
    }

    static func start(_ script: String, in folder: String) throws -> RunningCommand {
        let output = "\(folder)/output-\(UInt64.random(in: 0..<UInt64.max))"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let words: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(script)]
        defer { words.forEach { free($0) } }
        var process: pid_t = 0
        let began = now()
        let code = posix_spawnp(&process, "sh", &actions, nil, words + [nil], environ)
        if code != 0 { throw BenchFailure(description: "sh cannot be started: \(code)") }
        return RunningCommand(process: process, output: output, began: began)
    }

    fileprivate static func contents(_ path: String) throws -> String {
        defer { unlink(path) }
        guard let file = fopen(path, "r") else {
            throw BenchFailure(description: "\(path) cannot be read")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let got = fread(&chunk, 1, chunk.count, file), got > 0 { bytes += chunk[..<got] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// True when a program is installed.
    static func has(_ program: String, in folder: String) -> Bool {
        (try? run("command -v \(program)", in: folder)) != nil
    }

    /// Bytes of all files a shell pattern names; 0 when there are none.
    static func bytes(_ pattern: String, in folder: String) throws -> Double {
        try run("cat \(pattern) 2>/dev/null | wc -c", in: folder).words.first ?? 0
    }
}
