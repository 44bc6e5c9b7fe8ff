import DurableFiles
import Glibc

@testable import AuditLog

/// Bytes as a segment: the reader must think what the slow reading thinks, and what it would mend must
/// come out whole with every line it could read.
struct SegmentOracle {
    let bytes: [UInt8]
    private static let lineLimit = 20_000

    /// What is wrong; nil when all holds.
    func violation() throws -> String? {
        let slow = SlowSegment(bytes)
        if slow.outcome == .tooMuch { return nil }
        let (lines, end) = try Self.scan(bytes)
        if lines.count >= Self.lineLimit { return nil }
        let outcome = Self.outcome(end)
        guard outcome == slow.outcome || slow.endsBehindBlock && outcome == .open else {
            return "the reader says \(end), the slow one \(slow.outcome)"
        }
        let shorter = min(lines.count, slow.lines.count)
        guard lines[..<shorter] == slow.lines[..<shorter],
            slow.outcome == .broken || lines.count == slow.lines.count
        else { return "the reader gives other lines than the slow one" }
        switch end {
        case .whole: return nil
        case .open(let tail), .broken(let tail, _): return try mended(tail, lines)
        }
    }

    /// What opening does to a torn tail, in memory.
    private func mended(_ tail: SegmentTail, _ lines: [[UInt8]]) throws -> String? {
        let keep = Int(tail.boundary ?? tail.memberOffset)
        var whole = Array(bytes[..<keep])
        let deflater = try MemberDeflater(bytes.count > 8 && bytes[8] == 2 ? .sealed : .open)
        if tail.boundary != nil {
            deflater.resume(checksum: tail.checksum, length: tail.length)
        } else if !tail.extra.isEmpty {
            deflater.begin(&whole)
        }
        if !tail.extra.isEmpty { deflater.add(tail.extra, to: &whole) }
        if tail.boundary != nil || !tail.extra.isEmpty { deflater.finish(&whole) }
        let (after, end) = try Self.scan(whole)
        guard case .whole = end else { return "mended, it is not whole: \(end)" }
        return after == lines ? nil : "mended, it has other lines"
    }

    private static func outcome(_ end: ScanEnd) -> SlowSegment.Outcome {
        switch end {
        case .whole: .whole
        case .open: .open
        case .broken: .broken
        }
    }

    private static func scan(_ bytes: [UInt8]) throws -> ([[UInt8]], ScanEnd) {
        let file = try MemoryFile(bytes)
        let visitor = LineCollector(limit: lineLimit)
        let end = try SegmentScanner(try RangeFile(file.path), from: 0, visitor: visitor).scan()
        return (visitor.lines, end)
    }
}

/// Takes every line as it comes.
private final class LineCollector: SegmentVisitor {
    private(set) var lines: [[UInt8]] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        lines.append(Array(line))
        return lines.count < limit ? nil : "enough"
    }
}

/// Bytes under a path, in memory only.
final class MemoryFile {
    private let descriptor: Int32
    var path: String { "/proc/self/fd/\(descriptor)" }

    init(_ bytes: [UInt8]) throws {
        var template = Array("/dev/shm/auditlog-segment-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0, unlink(template) == 0,
            write(descriptor, bytes, bytes.count) == bytes.count
        else { throw FileError(operation: "mkstemp", path: "/dev/shm", code: errno) }
    }

    deinit { close(descriptor) }
}
