import ArgumentParser
import AuditLog
import Dispatch
import Glibc
import Synchronization

struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Print the last events, and with -f those that follow.",
        discussion: """
            One event a line, as recorded. An event is shown once it is whole in the file; its
            writer syncs and acknowledges it in that moment.
              auditlog tail -n 20 --type payout.
              auditlog tail -f
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var access: AccessOption
    @OptionGroup var format: FormatOption
    @Flag(name: .customShort("f"), help: "Go on with new events until interrupted.")
    var follow = false
    @Option(name: .customShort("n"), help: "How many events.")
    var count = 10
    @Option(help: "Only this type, or the types this begins when it ends in a dot.")
    var type: String?

    /// How often a followed log is looked at.
    private static let pollMilliseconds = 100

    func validate() throws {
        if count < 0 { throw ValidationError("-n: 0 or more") }
    }

    func run() async throws {
        try access.record(
            "tail", log, keys,
            [("count", "\(count)"), ("follow", follow ? "true" : nil), ("type", type)])
        let interrupt = Interrupt()
        var query = AuditQuery()
        query.type = type
        let isWanted: ([UInt8]) throws -> Bool = { [type] line in
            guard type != nil else { return true }
            return query.matches(try Event(line: line), line: line)
        }
        let (lines, next) = try LastEvents(directory: log.directory).read(count, where: isWanted)
        for line in lines { try Output.line(line) }
        guard follow else { return }
        let follower = try LogFollower(directory: log.directory, from: next)
        while !interrupt.isRaised, !Output.isClosed {
            try follower.poll { if try isWanted($0) { try Output.line($0) } }
            try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
        }
    }
}

/// SIGINT and SIGTERM as a flag, so that no line is cut.
final class Interrupt {
    private final class Flag: Sendable {
        let raised = Mutex(false)
    }

    private let flag = Flag()
    private let sources: [any DispatchSourceSignal]

    init() {
        let queue = DispatchQueue(label: "auditlog.interrupt")
        sources = [SIGINT, SIGTERM].map { [flag] number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { flag.raised.withLock { $0 = true } }
            source.resume()
            return source
        }
    }

    var isRaised: Bool { flag.raised.withLock { $0 } }
}

extension Output {
    /// True when the reader of standard output has gone away, though nothing is being written.
    static var isClosed: Bool {
        var descriptor = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        return poll(&descriptor, 1, 0) > 0
            && Int32(descriptor.revents) & (POLLERR | POLLHUP | POLLNVAL) != 0
    }
}
