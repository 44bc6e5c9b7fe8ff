import DurableFiles
import Glibc
import OrderedJSON

/// Gathers the numbers of a log from its files.
struct StatisticsGathering {
    let layout: LogLayout
    let reader: AuditReader

    /// The events are read last: a log that is being written to only grows meanwhile.
    func run(
        full: Bool, now: Int64, progress: (UInt64) -> Void
    ) throws(AuditLogError) -> LogStatistics {
        var statistics = LogStatistics()
        statistics.origin = try LogDescription.read(layout).origin
        addNotes(now, to: &statistics)
        addFiles(to: &statistics)
        let starts = try layout.segmentStarts()
        statistics.segments = starts.count
        statistics.firstEvent = starts.first ?? 0
        statistics.retiredSegments = try layout.retiredStarts().count
        for start in starts { try addSegment(start, to: &statistics) }
        let size = statistics.checkpointSize ?? 0
        statistics.events = size - min(size, statistics.firstEvent)
        do {
            if full {
                try readAll(&statistics, progress)
            } else {
                try readEnds(&statistics)
            }
        } catch {
            throw error as? AuditLogError
                ?? AuditLogError(.file, "the log cannot be read", cause: error)
        }
        return statistics
    }

    private func addNotes(_ now: Int64, to statistics: inout LogStatistics) {
        if let checkpoint = try? readCheckpoint(layout.checkpoint) {
            statistics.checkpointSize = checkpoint.size
            statistics.checkpointAgeSeconds = Self.status(layout.checkpoint).map {
                max(0, now - $0.written)
            }
        }
        var kept = 0
        try? NoteFile(layout.checkpoints).forEachCheckpoint { _, _ in kept += 1 }
        statistics.checkpointsKept = kept
        let epochs = (try? DurableFiles.read(layout.epochs, limit: readLimitBytes)) ?? []
        statistics.epochs = EpochChain.read(epochs).certificates.count
    }

    private func addFiles(to statistics: inout LogStatistics) {
        for folder in ["", "segments/", "tree/"] {
            for name in LogLayout.names(in: "\(layout.directory)/\(folder)") {
                let path = "\(layout.directory)/\(folder)\(name)"
                guard let bytes = Self.status(path)?.bytes, !DurableFiles.isFolder(path) else {
                    continue
                }
                if name.hasSuffix(".torn") {
                    statistics.tornFiles += 1
                    statistics.tornBytes += bytes
                } else if folder == "tree/" {
                    statistics.treeBytes += bytes
                } else if name.hasSuffix(".index") {
                    statistics.indexBytes += bytes
                } else if !name.hasSuffix(".jsonl.gz"), path != layout.reserve {
                    statistics.otherBytes += bytes
                }
            }
        }
    }

    private func addSegment(
        _ start: UInt64, to statistics: inout LogStatistics
    ) throws(AuditLogError) {
        let file = try RangeFile(layout.segment(start))
        let bytes = UInt64(file.length)
        statistics.compressedBytes += bytes
        if DurableFiles.exists(layout.manifest(start)) {
            statistics.sealedSegments += 1
            statistics.sealedBytes += bytes
        }
        let members = self.members(of: start)
        statistics.members += members.count
        for (place, member) in members.enumerated() {
            let isLast = place + 1 == members.count
            let end = isLast ? file.length : members[place + 1].offset
            let next = isLast ? Self.next(of: start, layout) : members[place + 1].first
            // The last member of the open segment may still grow; it has no end to read.
            guard let next, let raw = Self.rawBytes(endingAt: end, in: file) else { continue }
            // Manifest and index of an altered log need not agree; nothing is counted by them then.
            let (count, isNone) = next.subtractingReportingOverflow(member.first)
            let (sum, isTooMany) = statistics.rawEvents.addingReportingOverflow(count)
            if isNone || isTooMany { continue }
            statistics.rawBytes += UInt64(raw)
            statistics.rawEvents = sum
        }
    }

    /// Where members start: in the table of a sealed segment's index, else in the hints.
    private func members(of start: UInt64) -> [MemberHint] {
        guard DurableFiles.exists(layout.manifest(start)),
            let bytes = try? DurableFiles.read(layout.index(start), limit: readLimitBytes),
            let index = try? SegmentIndex(bytes)
        else { return MemberHint.read(layout.members(start)) }
        return (0..<index.memberCount).map {
            MemberHint(offset: index.member($0).offset, first: index.member($0).first)
        }
    }

    /// The number behind the last event of a sealed segment.
    private static func next(of start: UInt64, _ layout: LogLayout) -> UInt64? {
        guard let bytes = try? DurableFiles.read(layout.manifest(start), limit: readLimitBytes)
        else { return nil }
        return (try? SegmentManifest(bytes))?.next
    }

    /// The last four bytes of a member: how much it inflates to (RFC 1952, ISIZE).
    private static func rawBytes(endingAt end: Int64, in file: RangeFile) -> UInt32? {
        var bytes = [UInt8](repeating: 0, count: 4)
        guard end >= 4, let got = try? file.read(&bytes, from: end - 4), got == 4 else {
            return nil
        }
        return bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Times of the first event and of the last one under the checkpoint.
    private func readEnds(_ statistics: inout LogStatistics) throws {
        statistics.firstTime = try reader.event(statistics.firstEvent)?.time
        let size = statistics.checkpointSize ?? 0
        if size > statistics.firstEvent {
            statistics.lastTime = try reader.event(size - 1)?.time
        }
    }

    private func readAll(
        _ statistics: inout LogStatistics, _ progress: (UInt64) -> Void
    ) throws {
        var count: UInt64 = 0
        var raw: UInt64 = 0
        var days: [String: UInt64] = [:]
        var types: [String: UInt64] = [:]
        var times: (first: String, last: String)?
        try reader.forEachLine(from: statistics.firstEvent) { line, _ in
            guard let event = ReportEvent(line) else {
                throw AuditLogError(
                    .damaged, "event \(statistics.firstEvent + count) cannot be read")
            }
            count += 1
            raw += UInt64(line.count) + 1
            days[String(event.time.prefix(10)), default: 0] += 1
            let isKnown = types[event.type] != nil || types.count < Self.typeLimit
            types[isKnown ? event.type : ReportCounting.furtherTypes, default: 0] += 1
            times = (times?.first ?? event.time, event.time)
            if count % ReportSource.progressEveryEvents == 0 { progress(count) }
        }
        (statistics.events, statistics.rawEvents, statistics.rawBytes) = (count, count, raw)
        (statistics.firstTime, statistics.lastTime) = (times?.first, times?.last)
        statistics.days = days.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        statistics.types = types.sorted {
            $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key
        }.map { ($0.key, $0.value) }
        statistics.isFull = true
    }

    /// Types counted apart; an event can name any.
    private static let typeLimit = 1_000

    private static func status(_ path: String) -> (bytes: UInt64, written: Int64)? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return (UInt64(max(0, status.st_size)), Int64(status.st_mtim.tv_sec))
    }
}
