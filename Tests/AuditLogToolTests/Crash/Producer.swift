import Glibc

/// Feeds a running `auditlog append --ack` numbered events and takes its acknowledgements; ends it, at
/// a moment chance gives, as `kill -9` does.
final class Producer {
    /// What one run of the tool was sent and what it answered.
    struct Session {
        /// Numbers of the events sent, in order; the last ones may not have arrived.
        var sent: Range<Int>
        /// Sequence numbers in the order they came; the i-th answers the i-th event sent.
        var acknowledged: [Int]
    }

    private static let mostInFlight = 300
    private static let patienceMilliseconds: Int32 = 60_000
    private let child: Child
    private let input: Int32
    private let output: Int32
    private var waiting: ArraySlice<UInt8> = []
    private var received: [UInt8] = []
    private var acknowledgedCount = 0
    private var hasEnded = false
    private var sent: Range<Int>

    /// Starts the tool; the first event sent has this number.
    init(_ site: Site, _ arguments: [String], firstNumber: Int) throws {
        // A tool that ended by itself must fail the test, not the test process.
        signal(SIGPIPE, SIG_IGN)
        let (inputEnd, outputEnd) = (try Scratch.pipe(), try Scratch.pipe())
        let errors = try Scratch.open(
            site.scratch.folder + "/producer.err", O_WRONLY | O_CREAT | O_APPEND)
        defer { for file in [inputEnd.read, outputEnd.write, errors] { close(file) } }
        (input, output) = (inputEnd.write, outputEnd.read)
        sent = firstNumber..<firstNumber
        child = try Child(
            site.words("append", ["--keys", site.keys, "--ack"] + arguments),
            Plumbing(input: inputEnd.read, output: outputEnd.write, errors: errors))
        for file in [input, output] { _ = fcntl(file, F_SETFL, O_NONBLOCK) }
    }

    deinit {
        close(input)
        close(output)
    }

    /// Sends bursts until so many are acknowledged.
    func waitUntilAcknowledged(_ goal: Int, _ random: inout Seeded) throws {
        while acknowledgedCount < goal, !hasEnded { try step(&random, Self.patienceMilliseconds) }
        if hasEnded { throw HarnessFailure("the tool ended by itself") }
    }

    /// Sends bursts until so many are acknowledged, goes on for so many microseconds, kills.
    func run(
        _ random: inout Seeded, untilAcknowledged goal: Int, thenMicroseconds: Int
    ) throws -> Session {
        try waitUntilAcknowledged(goal, &random)
        let deadline = ContinuousClock.now + .microseconds(thenMicroseconds)
        while ContinuousClock.now < deadline { try step(&random, 0) }
        child.kill()
        while !hasEnded { try take(Self.patienceMilliseconds) }
        let whole = received.lastIndex(of: 0x0A).map { received[...$0] } ?? []
        let numbers = whole.split(separator: 0x0A).compactMap {
            Int(String(decoding: $0, as: UTF8.self))
        }
        return Session(sent: sent, acknowledged: numbers)
    }

    /// Sends what can be sent, takes what has come; waits for either.
    private func step(_ random: inout Seeded, _ milliseconds: Int32) throws {
        if waiting.isEmpty, sent.count - acknowledgedCount < Self.mostInFlight {
            let next = sent.upperBound + Int.random(in: 1...40, using: &random)
            waiting = ArraySlice(Site.lines(sent.upperBound..<next).utf8)
            sent = sent.lowerBound..<next
        }
        var ends = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
        if !waiting.isEmpty { ends.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
        let ready = poll(&ends, nfds_t(ends.count), milliseconds)
        if ready == 0, milliseconds > 0 { throw HarnessFailure("the tool does not answer") }
        if ends[0].revents != 0 { try take(0) }
        if !waiting.isEmpty {
            let count = waiting.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            if count > 0 { waiting = waiting.dropFirst(count) }
        }
    }

    private func take(_ milliseconds: Int32) throws {
        var end = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
        guard poll(&end, 1, milliseconds) > 0 else { return }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let got = read(output, &chunk, chunk.count)
        if got < 0, errno == EAGAIN || errno == EINTR { return }
        if got <= 0 { return hasEnded = true }
        received += chunk[..<got]
        acknowledgedCount += chunk[..<got].count { $0 == 0x0A }
    }
}
