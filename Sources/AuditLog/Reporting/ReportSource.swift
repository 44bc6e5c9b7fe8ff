import DurableFiles
import OrderedJSON

/// One event as a report reads it.
struct ReportEvent {
    let sequence: UInt64
    let time: String
    let type: String
    let isFailure: Bool
    let json: JSONValue

    /// Form and canonical bytes are the verifier's business; here a line only has to be readable.
    init?(_ line: [UInt8]) {
        guard let json = try? JSONValue(parsing: line),
            let sequence = json["seq"]?.unsignedValue, let time = json["time"]?.stringValue,
            AuditTime.isWellFormed(time.utf8), let type = json["type"]?.stringValue,
            let outcome = json["outcome"]?.stringValue
        else { return nil }
        (self.sequence, self.time, self.type, self.json) = (sequence, time, type, json)
        isFailure = outcome == Outcome.failure.rawValue
    }
}

/// The events of a period, from the segments that cover it and no others; may be read several times.
final class ReportSource {
    private let layout: LogLayout
    private let reader: AuditReader
    private let period: ReportPeriod
    private let progress: (UInt64) -> Void
    private let first: UInt64
    /// Behind the last event the report counts: a log that grows meanwhile gives the same events
    /// each time.
    private var end: UInt64?
    private var read: UInt64 = 0

    static let progressEveryEvents: UInt64 = 65_536

    init(
        _ layout: LogLayout, _ period: ReportPeriod, progress: @escaping (UInt64) -> Void
    ) throws(AuditLogError) {
        self.layout = layout
        self.period = period
        self.progress = progress
        do {
            reader = try AuditReader(directory: layout.directory)
        } catch {
            throw error as? AuditLogError
                ?? AuditLogError(.file, "the log cannot be read", cause: error)
        }
        first = Self.firstSegment(layout, period)
    }

    /// Gives every event of the period in order; afterwards later calls give exactly the same ones.
    /// - Throws: `AuditLogError`: `damaged` where the log cannot be read on.
    func forEach(_ body: (ReportEvent) throws -> Void) throws(AuditLogError) {
        var next = first
        do {
            try reader.forEachLine(from: first) { line, _ in
                guard next < end ?? .max else { throw Enough() }
                try give(line, next, body)
                next += 1
                count()
            }
        } catch is Enough {
            // Everything of the period has been given.
        } catch {
            // Damage behind the events of the first reading was told by it.
            if let end, next >= end { return }
            end = next
            throw error as? AuditLogError
                ?? AuditLogError(.file, "the log cannot be read", cause: error)
        }
        end = end ?? next
    }

    private func give(
        _ line: [UInt8], _ sequence: UInt64, _ body: (ReportEvent) throws -> Void
    ) throws {
        let time = line.withUnsafeBytes { LineHead.time($0, sequence: sequence) }
        guard let time else {
            throw AuditLogError(.damaged, "event \(sequence) was expected, another line is there")
        }
        let text = String(decoding: time, as: UTF8.self)
        switch period.place(text) {
        case .before: return
        case .behind: throw Enough()
        case .inside: break
        }
        guard period.isReal(text) else {
            throw AuditLogError(.damaged, "event \(sequence) has a time that no clock shows")
        }
        guard let event = ReportEvent(line) else {
            throw AuditLogError(.damaged, "event \(sequence) cannot be read")
        }
        try body(event)
    }

    private func count() {
        read += 1
        if read % Self.progressEveryEvents == 0 { progress(read) }
    }

    private struct Enough: Error {}

    /// The first segment that is not wholly before the period; those without a manifest may be.
    private static func firstSegment(_ layout: LogLayout, _ period: ReportPeriod) -> UInt64 {
        let starts = (try? layout.segmentStarts()) ?? []
        let covering = starts.first { start in
            guard let manifest = manifest(layout.manifest(start)) else { return true }
            return period.place(manifest.lastTime) != .before
        }
        return covering ?? starts.last ?? 0
    }

    /// Ranges of the period that were removed after their retention time.
    static func removed(_ layout: LogLayout, _ period: ReportPeriod) -> [ClosedRange<UInt64>] {
        LogLayout.names(in: layout.segments).compactMap { name in
            guard name.hasSuffix(".retired"),
                let gone = manifest("\(layout.segments)/\(name)"),
                period.place(gone.lastTime) != .before, period.place(gone.firstTime) != .behind
            else { return nil }
            return gone.first...gone.edge.size - 1
        }
    }

    private static func manifest(_ path: String) -> SegmentManifest? {
        guard let bytes = try? DurableFiles.read(path, limit: readLimitBytes) else { return nil }
        return try? SegmentManifest(bytes)
    }
}
