/// A segment after reading: the results of its units, put together.
struct SegmentRead {
    let segment: PlannedSegment
    let results: [UnitReading]

    /// Reads again in one piece when the pieces do not fit: then hints were wrong, or the segment is.
    init(_ segment: PlannedSegment, _ results: [UnitReading], rereading: () -> UnitReading) {
        self.segment = segment
        self.results = Self.fit(results) ? results : [rereading()]
    }

    private init(_ segment: PlannedSegment, torn results: [UnitReading]) {
        self.segment = segment
        self.results = results
    }

    /// The segment as a crash may leave it: what stands behind its last line is no member, and is
    /// set aside by opening. Nil when nothing is damaged, or a seal says that all must be whole.
    var torn: SegmentRead? {
        guard segment.isLast, !segment.isSealed, case .broken(let tail, _) = end,
            var last = results.last?.unchecked.first
        else { return nil }
        last.end = .open(tail)
        return SegmentRead(segment, torn: results.dropLast() + [last])
    }

    /// True when each piece ended exactly where the next began: in bytes, since it was read up to
    /// there and ended whole, in number and in time.
    private static func fit(_ results: [UnitReading]) -> Bool {
        zip(results, results.dropFirst()).allSatisfy { left, right in
            guard case .whole = left.end else { return false }
            return left.next == right.first && left.lastTime <= right.firstTime
        }
    }

    var end: ScanEnd { results.last?.end ?? .whole }
    var next: UInt64 { results.last?.next ?? segment.first }
    var firstTime: String { results.first?.firstTime ?? "" }
    var lastTime: String { results.last?.lastTime ?? "" }
    var own: [OwnRecord] { results.flatMap(\.own) }
    var hints: [UInt8] { results.flatMap(\.members).flatMap(\.bytes) }

    var isWhole: Bool {
        guard case .whole = end else { return false }
        return !isShort
    }

    /// Ends at a member's end, but before the events that its manifest and its successor tell of.
    var isShort: Bool {
        guard let manifest = segment.manifest, next < manifest.next else { return false }
        return segment.successor.map { $0 == manifest.next } ?? segment.isArchive
    }

    /// "; events 0 to 1023 are readable before it"
    var before: String {
        next > segment.first
            ? "; events \(segment.first) to \(next - 1) are readable before it"
            : "; none of its events is readable"
    }
}

/// Compares a sealed segment with its manifest.
struct SegmentComparison {
    let read: SegmentRead
    let manifest: SegmentManifest
    let origin: String
    /// The tree behind its events; nil when that is not known.
    let edge: TreeEdge?

    func run(_ report: inout VerificationReport) {
        let place = "\(read.segment.name).manifest"
        let result = read.results.first
        let isSameFile = read.segment.isArchive && result?.fileSHA256 == manifest.sha256
        let checks: [(Bool, String)] = [
            (manifest.origin == origin, "its origin is not the log's"),
            (manifest.next == read.next, "says \(manifest.next) where event \(read.next) follows"),
            (
                manifest.firstTime == read.firstTime && manifest.lastTime == read.lastTime,
                "its times are not those of the events"
            ),
            (edge == nil || manifest.edge == edge, "its tree is not that of the events"),
            (
                !isSameFile || result.map { UInt64($0.fileBytes) } == manifest.bytes,
                "its length is not that of the file"
            ),
        ]
        for (holds, message) in checks where !holds { report.find(.altered, place, message) }
    }
}
