import DurableFiles

/// A segment to be read, as the folder shows it.
struct PlannedSegment: Sendable {
    var first: UInt64
    /// What it should hold, from its manifest; nil when that is missing or cannot be read.
    var manifest: SegmentManifest?
    var manifestSHA256: String?
    /// Where the next segment starts; nil for the last one.
    var successor: UInt64?
    var isLast: Bool { successor == nil }
    /// Compressed as an archive.
    var isArchive: Bool
    /// The last segment is opened at once: its name goes to the archive when it is sealed.
    var file: OpenedFile?
    /// Content of `.members`; nil when there is none.
    var hints: [UInt8]?

    var name: String { "segments/\(LogLayout.name(first))" }
    var place: String { "\(name).jsonl.gz" }
    /// A manifest is there: the segment was sealed, or, when it is the last, was being sealed.
    var isSealed: Bool { manifestSHA256 != nil }
}

/// What stays of a removed segment.
struct RetiredSegment: Sendable {
    var first: UInt64
    var manifest: SegmentManifest?
    var sha256: String

    var place: String { "segments/\(LogLayout.name(first)).retired" }
}

/// The segments of a log at one moment: those removed, those to be read.
struct SegmentPlan: Sendable {
    private(set) var retired: [RetiredSegment] = []
    private(set) var segments: [PlannedSegment] = []
    /// Names in the folder when it was listed.
    let names: [String]

    init(_ layout: LogLayout, _ report: inout VerificationReport) {
        names = LogLayout.names(in: layout.segments)
        let gone = Self.starts(names, ".retired")
        let files = Set(Self.starts(names, ".jsonl.gz"))
        // A removed segment whose file is still there is on its way out, and still to be read.
        retired = gone.filter { !files.contains($0) }.map { first in
            let (manifest, sha256) = Self.manifest(
                layout.retired(first), first, Self.name(first, "retired"), &report)
            return RetiredSegment(first: first, manifest: manifest, sha256: sha256 ?? "")
        }
        let known = files.union(Self.starts(names, ".manifest"))
            .subtracting(retired.map(\.first)).sorted()
        for (number, first) in known.enumerated() {
            let successor = number + 1 < known.count ? known[number + 1] : nil
            segments.append(plan(layout, first, successor, files.contains(first), &report))
        }
    }

    private func plan(
        _ layout: LogLayout, _ first: UInt64, _ successor: UInt64?, _ isThere: Bool,
        _ report: inout VerificationReport
    ) -> PlannedSegment {
        var segment = PlannedSegment(
            first: first, successor: successor, isArchive: successor != nil)
        if successor == nil, isThere {
            do throws(AuditLogError) {
                segment.file = try OpenedFile(layout.segment(first))
            } catch {
                // What else is wrong with it is found when its events are read.
                _ = report.obstruct(error)
            }
            segment.isArchive = segment.file.map(Self.isArchive) ?? false
        }
        segment.hints = Self.read(layout.members(first), &report)
        if names.contains("\(LogLayout.name(first)).manifest") {
            (segment.manifest, segment.manifestSHA256) = Self.manifest(
                layout.manifest(first), first, Self.name(first, "manifest"), &report)
        } else if successor != nil {
            report.find(.missing, "\(segment.name).manifest", "is missing")
        }
        return segment
    }

    private static func isArchive(_ file: OpenedFile) -> Bool {
        var head = [UInt8](repeating: 0, count: MemberDeflater.headerBytes)
        guard let got = try? RangeFile(file).read(&head, from: 0) else { return false }
        return got == head.count && head == SegmentForm.sealed.header
    }

    private static func manifest(
        _ path: String, _ first: UInt64, _ place: String, _ report: inout VerificationReport
    ) -> (SegmentManifest?, String?) {
        guard let bytes = Self.read(path, &report) else {
            report.find(.missing, place, "cannot be read")
            return (nil, nil)
        }
        do throws(AuditLogError) {
            let manifest = try SegmentManifest(bytes)
            if manifest.first == first { return (manifest, sha256Text(bytes)) }
            report.find(.altered, place, "describes the segment of event \(manifest.first)")
        } catch {
            report.find(.damaged, place, error.message)
        }
        return (nil, sha256Text(bytes))
    }

    /// Nil when it is not there, or cannot be read, which is then the obstacle.
    private static func read(
        _ path: String, _ report: inout VerificationReport
    ) -> [UInt8]? {
        do throws(FileError) {
            return try DurableFiles.read(path, limit: readLimitBytes)
        } catch {
            report.obstruct(error)
            return nil
        }
    }

    private static func name(_ first: UInt64, _ suffix: String) -> String {
        "segments/\(LogLayout.name(first)).\(suffix)"
    }

    /// First numbers of the files with a suffix, ascending; only names in their one form.
    static func starts(_ names: [String], _ suffix: String) -> [UInt64] {
        names.compactMap { name in
            guard name.hasSuffix(suffix), let first = UInt64(name.dropLast(suffix.count)),
                name == LogLayout.name(first) + suffix
            else { return nil }
            return first
        }.sorted()
    }

    /// Where the events that are still there begin, and the tree before them: nil when what was
    /// removed is not known well enough.
    func start(_ report: inout VerificationReport) -> TreeEdge? {
        var next: UInt64 = 0
        for segment in retired {
            guard segment.first == next else {
                report.find(.missing, segment.place, "event \(next) was expected to start here")
                return nil
            }
            guard let manifest = segment.manifest else { return nil }
            next = manifest.next
        }
        return retired.last?.manifest?.edge ?? TreeEdge()
    }
}

extension SegmentPlan {
    /// Compressed bytes a worker takes of an open segment at a time, at least.
    static let unitBytes: Int64 = 1 << 20

    /// The units to read, in order: a sealed segment as a whole, since its hash is taken on the way;
    /// the open one in pieces, split where its hints say that members start. Hints prove nothing:
    /// whether the pieces fit together is checked afterwards.
    func units(_ layout: LogLayout, fields: [String], unitBytes: Int64) -> [ReadingUnit] {
        segments.indices.flatMap { number -> [ReadingUnit] in
            let segment = segments[number]
            let whole = whole(number, layout, fields)
            guard !segment.isSealed, let file = segment.file,
                let bytes = segment.hints
            else { return [whole] }
            return Self.split(whole, file, MemberHint.parse(bytes), unitBytes)
        }
    }

    /// All of a segment in one piece.
    func whole(_ number: Int, _ layout: LogLayout, _ fields: [String]) -> ReadingUnit {
        let segment = segments[number]
        return ReadingUnit(
            segment: number, path: layout.segment(segment.first), file: segment.file, from: 0,
            to: segment.file?.length ?? .max, first: segment.first,
            form: segment.isArchive ? .sealed : .open,
            indexedFields: segment.isArchive ? fields : nil)
    }

    private static func split(
        _ whole: ReadingUnit, _ file: OpenedFile, _ hints: [MemberHint], _ unitBytes: Int64
    ) -> [ReadingUnit] {
        guard let front = hints.first, front.offset == 0, front.first == whole.first else {
            return [whole]
        }
        var units = [whole]
        for hint in hints where hint.offset < file.length {
            let last = units[units.count - 1]
            guard hint.offset - last.from >= unitBytes else { continue }
            units[units.count - 1].to = hint.offset
            var unit = whole
            (unit.from, unit.first) = (hint.offset, hint.first)
            units.append(unit)
        }
        return units
    }

    /// Compressed bytes in all.
    var totalBytes: Int64 {
        segments.reduce(0) { sum, segment in
            sum + (segment.file?.length ?? segment.manifest.map { Int64(clamping: $0.bytes) } ?? 0)
        }
    }
}
