import DurableFiles
import OrderedJSON

/// Proves what can be proved of a log from its files alone: needs no private key, writes nothing,
/// works on a live log and on a copy anywhere.
public struct Verifier: Sendable {
    private let layout: LogLayout
    private let key: String?
    private let since: String?

    /// - Parameters:
    ///   - directory: the log's folder.
    ///   - key: the root verification key, kept elsewhere; nil leaves authenticity unproved.
    ///   - since: the text of a signed checkpoint kept elsewhere.
    public init(directory: String, key: String? = nil, since: String? = nil) {
        layout = LogLayout(directory: directory)
        self.key = key
        self.since = since
    }

    /// Reads everything once. `progress` is told the number of events now and then.
    public func verify(progress: (UInt64) -> Void = { _ in }) -> VerificationReport {
        var report = VerificationReport()
        guard DurableFiles.isFolder(layout.directory) else {
            report.obstacle = "\(layout.directory) is not a folder"
            return report
        }
        guard let description = describe(&report), let since = readSince(&report) else {
            return report
        }
        guard let chain = readChain(description, &report) else { return report }
        let heads = readHeads(chain, &report)
        let sizes = Set(heads.all.map(\.size) + since.map(\.size))
        withoutActuallyEscaping(progress) { progress in
            let scan = VerifyingScan(watching: sizes, progress: progress)
            let end = scanSegments(scan, &report)
            report.size = scan.edge.size
            FileComparison(layout: layout, scan: scan, end: end, heads: heads).run(&report)
            checkFirst(scan, &report)
            checkSince(since, scan, chain, &report)
            conclude(scan, heads, &report)
        }
        return report
    }

    /// log.json, and the key given against it.
    private func describe(_ report: inout VerificationReport) -> LogDescription? {
        guard DurableFiles.exists(layout.description) || !layout.segmentStarts().isEmpty else {
            report.obstacle = "\(layout.directory) holds no audit log"
            return nil
        }
        do throws(AuditLogError) {
            let description = try LogDescription.read(layout)
            guard let key else { return description }
            guard let given = try? VerificationKey(key) else {
                report.obstacle = "the key given is not a verification key"
                return nil
            }
            if given != description.rootKey {
                report.find("log.json", "the log's key is not the key given")
                return nil
            }
            return description
        } catch {
            report.find("log.json", error.description)
            return nil
        }
    }

    /// The checkpoint given: `.some([])` when none was given, nil when it cannot be read.
    private func readSince(_ report: inout VerificationReport) -> [SignedCheckpoint]? {
        guard let since else { return [] }
        guard let checkpoint = try? SignedCheckpoint(text: since) else {
            report.obstacle = "the checkpoint given cannot be read"
            return nil
        }
        return [checkpoint]
    }

    private func readChain(
        _ description: LogDescription, _ report: inout VerificationReport
    ) -> EpochChain? {
        do throws(AuditLogError) {
            let bytes = try readFile(layout.epochs, .damaged)
            let (certificates, whole) = EpochChain.read(bytes)
            if whole < bytes.count { report.find("epochs, byte \(whole)", "not a certificate") }
            return try EpochChain(certificates, root: description.rootKey)
        } catch {
            report.find("epochs", error.description)
            return nil
        }
    }

    /// The published checkpoint and the kept ones: read before the events, which run ahead.
    private func readHeads(
        _ chain: EpochChain, _ report: inout VerificationReport
    ) -> SignedHeads {
        var heads = SignedHeads()
        do throws(AuditLogError) {
            heads.published = try readCheckpoint(layout.checkpoint)
        } catch {
            report.find("checkpoint", error.description)
        }
        let bytes = (try? DurableFiles.read(layout.checkpoints, limit: readLimitBytes)) ?? []
        let (notes, whole) = SignedCheckpoint.all(in: bytes)
        heads.kept = notes
        heads.keptIsWhole = whole == bytes.count && !bytes.isEmpty
        for (place, note) in heads.placed where !chain.isValid(note) {
            report.find(place, "not signed by the log's key")
        }
        for (earlier, later) in zip(notes, notes.dropFirst()) where later.size < earlier.size {
            report.find("checkpoints", "size \(later.size) follows size \(earlier.size)")
        }
        return heads
    }

    /// How the last segment ended; earlier ones must be whole.
    private func scanSegments(
        _ scan: VerifyingScan, _ report: inout VerificationReport
    ) -> ScanEnd {
        let starts = layout.segmentStarts()
        var end = ScanEnd.whole
        for start in starts {
            let place = "segments/\(LogLayout.name(start)).jsonl.gz"
            guard start == scan.edge.size else {
                report.find(place, "event \(scan.edge.size) was expected to start here")
                return end
            }
            scan.segmentBegan(start)
            do throws(AuditLogError) {
                let file = try RangeFile(layout.segment(start))
                end = try SegmentScanner(file, from: 0, visitor: scan).scan()
            } catch {
                report.find(place, error.description)
                return end
            }
            switch end {
            case .broken(let tail, let problem):
                report.find("\(place), byte \(tail.stoppedAt)", problem)
                return end
            case .open(let tail) where start != starts.last:
                report.find("\(place), byte \(tail.stoppedAt)", "the segment is cut")
                return end
            case .open, .whole: break
            }
        }
        return end
    }

    /// Event 0 binds log.json.
    private func checkFirst(_ scan: VerifyingScan, _ report: inout VerificationReport) {
        let bytes = (try? DurableFiles.read(layout.description, limit: readLimitBytes)) ?? []
        guard let event = try? Event(line: scan.firstLine), event.type == OwnEvent.created,
            event.data["logSha256"]?.stringValue == sha256Text(bytes)
        else {
            report.find("log.json", "not the description that event 0 was written for")
            return
        }
        report.proved.append("log.json is the description the log was made with")
    }

    private func checkSince(
        _ since: [SignedCheckpoint], _ scan: VerifyingScan, _ chain: EpochChain,
        _ report: inout VerificationReport
    ) {
        guard let checkpoint = since.first else {
            report.notProved.append(
                "that nothing later was removed: no checkpoint kept elsewhere was given (--since)")
            return
        }
        let place = "the checkpoint given"
        let size = checkpoint.size
        if !chain.isValid(checkpoint) {
            report.conflicts.append(Finding(place: place, message: "not signed by the log's key"))
        } else if size > scan.edge.size {
            report.conflicts.append(
                Finding(place: place, message: "covers \(size) events, the log has fewer"))
        } else if (size == 0 ? TreeHash.empty.bytes : scan.roots[size]) != checkpoint.root {
            report.conflicts.append(
                Finding(place: place, message: "its first \(size) events were other ones"))
        } else {
            report.proved.append("the first \(size) events are those of the checkpoint given")
        }
    }

    private func conclude(
        _ scan: VerifyingScan, _ heads: SignedHeads, _ report: inout VerificationReport
    ) {
        guard report.findings.isEmpty else { return }
        report.proved.append(
            "events 0 to \(heads.newest) (exclusive) are complete, in order and unaltered "
                + "under the signed checkpoint")
        if key != nil {
            report.proved.append("the checkpoint was signed with the key given")
        } else {
            report.notProved.append(
                "authenticity: no key kept elsewhere was given (--key), so the log's own was used")
        }
        if scan.edge.size > heads.newest {
            report.notProved.append(
                "events \(heads.newest) to \(scan.edge.size) (exclusive): not yet under a checkpoint"
            )
        }
    }
}

/// The signed tree heads of a log.
struct SignedHeads {
    var published: SignedCheckpoint?
    var kept: [SignedCheckpoint] = []
    var keptIsWhole = true

    var all: [SignedCheckpoint] { kept + (published.map { [$0] } ?? []) }
    var newest: UInt64 { all.map(\.size).max() ?? 0 }

    /// Each with the file it stands in.
    var placed: [(String, SignedCheckpoint)] {
        kept.map { ("checkpoints, size \($0.size)", $0) }
            + (published.map { [("checkpoint", $0)] } ?? [])
    }
}
