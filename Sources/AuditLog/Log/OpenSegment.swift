import DurableFiles

/// The segment that is being written, with the hints to its members.
struct OpenSegment {
    /// Its first sequence number.
    let first: UInt64
    /// The tree before it.
    let base: TreeEdge
    var segment: any LogFile
    var hints: any LogFile
    /// Day of its first event, `2026-11-21` (+08:00); nil while it has none.
    private(set) var day: String?

    private static let dayBytes = 10

    /// The last segment there is. One that was being sealed is not opened for writing: it may be
    /// read-only already.
    init(
        _ layout: LogLayout, _ files: any LogFiles, _ opening: LogOpening, firstTime: String?
    ) throws(FileError) {
        first = opening.first
        base = opening.base
        let path = layout.segment(first)
        segment = opening.isSealed ? SealedFile(path) : try files.open(path)
        hints = opening.isSealed ? SealedFile(path) : try files.open(layout.members(first))
        day = firstTime.map { String($0.prefix(Self.dayBytes)) }
    }

    /// A new one, behind `base`.
    init(_ layout: LogLayout, _ files: any LogFiles, base: TreeEdge) throws(FileError) {
        first = base.size
        self.base = base
        segment = try files.open(layout.segment(first))
        hints = try files.open(layout.members(first))
    }

    mutating func noteFirstTime(_ time: String) {
        if day == nil { day = String(time.prefix(Self.dayBytes)) }
    }

    /// True when it is full with so many bytes, or its first event is of an earlier day than `time`.
    func isDue(at time: String, length: Int64, limitBytes: Int64) -> Bool {
        guard let day else { return false }
        return length >= limitBytes || day < time.prefix(Self.dayBytes)
    }
}

/// Stands for a segment that is no longer written to.
private final class SealedFile: LogFile {
    let length: Int64 = 0
    private let path: String

    init(_ path: String) { self.path = path }

    func append(_ bytes: [UInt8]) throws(FileError) { throw refusal }
    func sync() throws(FileError) { throw refusal }
    func truncate(to newLength: Int64) throws(FileError) { throw refusal }
    func isStillAt(_ path: String) -> Bool { false }

    private var refusal: FileError { FileError(operation: "write", path: path, code: 30) }
}
