import Glibc

/// A running `auditlog tail -f`: gives the lines it prints, as they come.
final class Follower {
    private static let patienceMilliseconds: Int32 = 60_000
    private let child: Child
    private let output: Int32
    /// Ends when the process does.
    private let errors: Int32
    private var received: [UInt8] = []
    private var isReading = true

    init(_ site: Site, _ arguments: [String] = []) throws {
        let (out, err) = (try Scratch.pipe(), try Scratch.pipe())
        let input = try Scratch.open("/dev/null", O_RDONLY)
        defer { for file in [input, out.write, err.write] { close(file) } }
        (output, errors) = (out.read, err.read)
        child = try Child(
            site.words("tail", ["--keys", site.keys, "-f"] + arguments),
            Plumbing(input: input, output: out.write, errors: err.write))
    }

    deinit {
        closeOutput()
        close(errors)
    }

    /// Waits until so many lines have come; all that came, without a last one that is not whole.
    func lines(atLeast count: Int) throws -> [String] {
        while received.count(where: { $0 == 0x0A }) < count {
            guard let more = try Self.read(output), !more.isEmpty else {
                throw HarnessFailure("tail ended, or prints nothing: \(received.count) bytes came")
            }
            received += more
        }
        return whole
    }

    private var whole: [String] {
        let text = received.lastIndex(of: 0x0A).map { received[...$0] } ?? []
        return text.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Nobody reads it any more.
    func closeOutput() {
        if isReading { close(output) }
        isReading = false
    }

    /// Interrupts it, and reads what it still printed.
    func interrupt() throws -> (ended: Ended, lines: [String]) {
        kill(child.pid, SIGINT)
        while let more = try Self.read(output), !more.isEmpty { received += more }
        return (try ended(), whole)
    }

    /// Waits for its end.
    func ended() throws -> Ended {
        var told: [UInt8] = []
        while true {
            guard let more = try Self.read(errors) else { throw HarnessFailure("tail goes on") }
            if more.isEmpty { break }
            told += more
        }
        return Child.ended(
            child.wait(), output: [], errors: String(decoding: told, as: UTF8.self))
    }

    /// Bytes that came; empty at the end, nil when nothing happens.
    private static func read(_ file: Int32) throws -> [UInt8]? {
        var end = [pollfd(fd: file, events: Int16(POLLIN), revents: 0)]
        guard poll(&end, 1, patienceMilliseconds) > 0 else { return nil }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let got = Glibc.read(file, &chunk, chunk.count)
        guard got >= 0 else { throw HarnessFailure("read: \(errno)") }
        return Array(chunk[..<got])
    }
}
