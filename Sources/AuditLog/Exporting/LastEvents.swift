/// The last events of a log: reads backwards in growing strides until enough match.
public struct LastEvents {
    private static let firstStride: UInt64 = 1_024
    private let directory: String

    /// Of the log in this folder.
    public init(directory: String) { self.directory = directory }

    /// The lines of the last `count` events that match, oldest first, and the number of the event
    /// behind the newest one read.
    /// - Throws: `missing` when there is no log, `damaged` when it cannot be read.
    public func read(
        _ count: Int, where matches: ([UInt8]) throws -> Bool = { _ in true }
    ) throws -> (lines: [[UInt8]], next: UInt64) {
        let layout = LogLayout(directory: directory)
        let signed = (try? readCheckpoint(layout.checkpoint).size) ?? 0
        let end = try LogFollower(directory: directory, from: signed)
        var lines: [[UInt8]] = []
        try end.poll { if try matches($0) { lines.append($0) } }
        let first = try layout.segmentStarts().first ?? 0
        var (start, stride) = (signed, Self.firstStride)
        while lines.count < count, start > first {
            let from = max(first, start > stride ? start - stride : 0)
            lines = try block(from, start, matches) + lines
            start = from
            stride *= 2
        }
        return (Array(lines.suffix(count)), end.next)
    }

    private struct Enough: Error {}

    private func block(
        _ from: UInt64, _ end: UInt64, _ matches: ([UInt8]) throws -> Bool
    ) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        let follower = try LogFollower(directory: directory, from: from)
        var number = follower.next
        do {
            try follower.poll { line in
                if number >= end { throw Enough() }
                number += 1
                if try matches(line) { lines.append(line) }
            }
        } catch is Enough {}
        return lines
    }
}
