import OrderedJSON

/// The events an export asks for, in order, front to back.
final class ExportSource {
    static let nothing = AuditLogError(.missing, "no event fits the conditions")
    private static let progressEveryEvents: UInt64 = 65_536

    private let directory: String
    private let selection: ExportSelection
    private let needles: [Needle]
    private let progress: (UInt64) -> Void
    /// Events under the published checkpoint.
    let signed: UInt64
    /// Events given that no checkpoint covers.
    private(set) var unsigned: UInt64 = 0
    /// All passes give the same events, though the log grows: the first pass sets the end.
    private var end: UInt64?

    init(
        _ directory: String, _ selection: ExportSelection, _ progress: @escaping (UInt64) -> Void
    ) throws(AuditLogError) {
        self.directory = directory
        self.selection = selection
        self.progress = progress
        needles = selection.query.needles
        signed = try readCheckpoint(LogLayout(directory: directory).checkpoint).size
    }

    private struct Enough: Error {}

    /// Gives every event that fits, below `limit` if given.
    func forEach(
        below limit: UInt64? = nil, _ body: (_ line: [UInt8], _ event: Event) throws -> Void
    ) throws {
        let follower = try LogFollower(directory: directory, from: selection.first)
        let last = selection.last.map { $0 == .max ? $0 : $0 + 1 }
        let stop = [limit, end, last].compactMap { $0 }.min() ?? .max
        var number = follower.next
        unsigned = 0
        do {
            try follower.poll { line in
                if number >= stop { throw Enough() }
                number += 1
                if number % Self.progressEveryEvents == 0 { progress(number) }
                guard selection.query.mayMatch(line, needles) else { return }
                let event = try Event(line: line)
                if let to = selection.query.to, event.time > to, !event.time.hasPrefix(to) {
                    throw Enough()
                }
                guard selection.query.matches(event, line: line) else { return }
                if number > signed { unsigned += 1 }
                try body(line, event)
            }
        } catch is Enough {}
        if end == nil { end = number }
    }
}

/// The exact lines.
enum JSONLinesExport {
    static func write(_ source: ExportSource, to file: ExportFile) throws -> UInt64 {
        var count: UInt64 = 0
        try source.forEach { line, _ in
            try file.append(line + [0x0A])
            count += 1
        }
        return count
    }
}
