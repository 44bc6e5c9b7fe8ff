/// What a log is made of, in numbers.
///
/// Without `full` only manifests, indexes, hints and the ends of members are read: quick on a log of
/// any size, and nothing about the events themselves. With `full` every event is read; then counts
/// and raw bytes are exact up to the last readable line. Nothing is proved either way (`Verifier`).
public struct LogStatistics: Sendable {
    /// Name of the log.
    public internal(set) var origin = ""
    /// Events that are there: read, or those the newest checkpoint covers.
    public internal(set) var events: UInt64 = 0
    /// Number of the first event that is there; more than 0 once segments were retired.
    public internal(set) var firstEvent: UInt64 = 0
    /// Segments there are.
    public internal(set) var segments = 0
    /// Sealed ones among them.
    public internal(set) var sealedSegments = 0
    /// Those removed after their retention time.
    public internal(set) var retiredSegments = 0
    /// Members in them.
    public internal(set) var members = 0
    /// Bytes of all segments.
    public internal(set) var compressedBytes: UInt64 = 0
    /// Those of sealed segments.
    public internal(set) var sealedBytes: UInt64 = 0
    /// Bytes of the events' lines; without `full` those of whole members.
    public internal(set) var rawBytes: UInt64 = 0
    /// Events whose lines `rawBytes` counts.
    public internal(set) var rawEvents: UInt64 = 0
    /// Bytes of all indexes.
    public internal(set) var indexBytes: UInt64 = 0
    /// Bytes of the tree's files.
    public internal(set) var treeBytes: UInt64 = 0
    /// Bytes of manifests, hints, checkpoints, certificates and log.json.
    public internal(set) var otherBytes: UInt64 = 0
    /// Epoch certificates.
    public internal(set) var epochs = 0
    /// Checkpoints kept.
    public internal(set) var checkpointsKept = 0
    /// Events the newest checkpoint covers.
    public internal(set) var checkpointSize: UInt64?
    /// Seconds since the file of the newest checkpoint was written.
    public internal(set) var checkpointAgeSeconds: Int64?
    /// Files of bytes that recoveries set aside.
    public internal(set) var tornFiles = 0
    /// Bytes in them.
    public internal(set) var tornBytes: UInt64 = 0
    /// Time of the first event.
    public internal(set) var firstTime: String?
    /// Time of the last event.
    public internal(set) var lastTime: String?
    /// Events by day; with `full` only.
    public internal(set) var days: [(day: String, events: UInt64)] = []
    /// Events by type; with `full` only.
    public internal(set) var types: [(type: String, events: UInt64)] = []
    /// True when every event was read.
    public internal(set) var isFull = false

    /// Raw bytes for each compressed one, in hundredths; nil unless every event was read.
    public var ratioHundredths: UInt64? {
        compressedBytes == 0 || !isFull ? nil : rawBytes * 100 / compressedBytes
    }

    /// Segments, indexes and tree, for each event, in hundredths of a byte.
    public var bytesPerEventHundredths: UInt64? {
        events == 0 ? nil : (compressedBytes + indexBytes + treeBytes) * 100 / events
    }

    /// Events for each calendar day between the first and the last event.
    public var eventsPerDay: UInt64? {
        guard let firstTime, let lastTime, let first = Self.dayNumber(firstTime),
            let last = Self.dayNumber(lastTime), last >= first
        else { return nil }
        return events / UInt64(last - first + 1)
    }

    /// Days since 0000-03-01 of the Gregorian calendar.
    static func dayNumber(_ time: String) -> Int? {
        let parts = time.prefix(10).split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3 else { return nil }
        let year = parts[1] > 2 ? parts[0] : parts[0] - 1
        let month = (parts[1] + 9) % 12
        return year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + parts[2]
    }

    /// Reads the statistics of the log in a folder.
    /// - Throws: `AuditLogError`: `missing` without a log, `damaged` where it cannot be read.
    public static func read(
        directory: String, full: Bool = false, clock: any AuditClock = SystemAuditClock(),
        progress: (UInt64) -> Void = { _ in }
    ) throws(AuditLogError) -> LogStatistics {
        let layout = LogLayout(directory: directory)
        let reader: AuditReader
        do {
            reader = try AuditReader(directory: directory)
        } catch {
            throw error as? AuditLogError
                ?? AuditLogError(.file, "the log cannot be read", cause: error)
        }
        let gathering = StatisticsGathering(layout: layout, reader: reader)
        return try gathering.run(full: full, now: clock.now().seconds, progress: progress)
    }
}
