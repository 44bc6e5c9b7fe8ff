import DurableFiles
import Glibc

/// Proves what can be proved of a log from its files alone: needs no private key, writes nothing,
/// works on a live log and on a copy anywhere.
public struct Verifier: Sendable {
    private let layout: LogLayout
    private let key: String?
    private let since: String?
    private let workers: Int
    /// Compressed bytes of the open segment that one worker takes at a time, at least.
    var unitBytes = SegmentPlan.unitBytes

    /// A log that is sealed while it is read is read again, at most this often.
    private static let attempts = 3

    /// - Parameters:
    ///   - directory: the log's folder.
    ///   - key: the root verification key, kept elsewhere; nil leaves authenticity unproved.
    ///   - since: the text of a signed checkpoint kept elsewhere.
    ///   - workers: threads that read; one a processor when nil.
    public init(directory: String, key: String? = nil, since: String? = nil, workers: Int? = nil) {
        layout = LogLayout(directory: directory)
        self.key = key
        self.since = since
        self.workers = max(1, workers ?? Self.processors)
    }

    /// Reads everything. `progress` is told about ten times a second how far it has come.
    public func verify(progress: (VerificationProgress) -> Void = { _ in }) -> VerificationReport {
        var report = VerificationReport()
        for _ in 0..<Self.attempts {
            let before = stamp
            report = VerificationReport()
            verify(&report, progress)
            if report.obstacle != nil { report.keepObstacle() }
            // What was found may come from files that changed places while they were read.
            if report.findings.isEmpty || stamp == before { break }
        }
        return report
    }

    /// What sealing, opening and signing change.
    private var stamp: [String] {
        let checkpoint = (try? readFile(layout.checkpoint)) ?? []
        return LogLayout.names(in: layout.segments) + [sha256Text(checkpoint)]
    }

    private func verify(
        _ report: inout VerificationReport, _ progress: (VerificationProgress) -> Void
    ) {
        guard let subject = open(&report) else { return }
        withoutActuallyEscaping(progress) { progress in
            let verification = Verification(
                layout: layout, subject: subject, workers: workers, unitBytes: unitBytes,
                progress: progress)
            verification.run(&report)
        }
    }

    /// What is to be verified against what.
    struct Subject {
        var description: LogDescription
        var descriptionSHA256: String
        var isKeyGiven: Bool
        var since: SignedCheckpoint?
    }

    /// log.json, the key and the checkpoint given; nil when there is no going on.
    private func open(_ report: inout VerificationReport) -> Subject? {
        let exists =
            DurableFiles.exists(layout.description) || DurableFiles.exists(layout.checkpoint)
            || !((try? layout.segmentStarts()) ?? []).isEmpty
        guard exists else {
            report.obstacle = "\(layout.directory) holds no audit log"
            return nil
        }
        guard canList(&report) else { return nil }
        var given: VerificationKey?
        if let key {
            given = try? VerificationKey(key)
            if given == nil {
                report.obstacle = "the key given is not a verification key: NAME+HASH+KEY is needed"
                return nil
            }
        }
        guard let since = readSince(&report) else { return nil }
        guard let (description, sha256) = describe(&report) else { return nil }
        guard isRoot(given, of: description, &report) else { return nil }
        return Subject(
            description: description, descriptionSHA256: sha256, isKeyGiven: given != nil,
            since: since.first)
    }

    /// False, with the obstacle, when a folder cannot be listed: what lies in it would be passed over.
    private func canList(_ report: inout VerificationReport) -> Bool {
        for folder in [layout.directory, layout.segments, layout.tree] {
            do throws(FileError) {
                _ = try LogLayout.list(folder)
            } catch {
                // No folder at all is an alteration, and found as one.
                if error.code == ENOTDIR { continue }
                report.obstacle = "\(folder) cannot be listed: \(error)"
                return false
            }
        }
        return true
    }

    private func describe(
        _ report: inout VerificationReport
    ) -> (LogDescription, String)? {
        let bytes: [UInt8]
        do throws(AuditLogError) {
            bytes = try readFile(layout.description)
        } catch {
            if report.obstruct(error) { return nil }
            report.find(.missing, "log.json", "is missing or cannot be read: nothing can be proved")
            return nil
        }
        do throws(AuditLogError) {
            return (try LogDescription(bytes), sha256Text(bytes))
        } catch {
            report.find(
                .damaged, "log.json", "is not the description of a log: nothing can be proved")
            return nil
        }
    }

    private func isRoot(
        _ given: VerificationKey?, of description: LogDescription,
        _ report: inout VerificationReport
    ) -> Bool {
        guard let given, given != description.rootKey else { return true }
        let bytes = (try? DurableFiles.read(layout.epochs, limit: readLimitBytes)) ?? []
        let certificates = EpochChain.read(bytes).certificates
        if let epoch = certificates.first(where: { $0.key == given })?.epoch {
            report.obstacle =
                "the key given is that of epoch \(epoch), which changes: give the root key, "
                + "which was printed when the log was made"
            return false
        }
        report.find(
            .key, "log.json",
            "the log's root key is not the key given: another log, or all of it was made again")
        return false
    }

    /// The checkpoint given: `[]` when none was given, nil when it cannot be read.
    private func readSince(_ report: inout VerificationReport) -> [SignedCheckpoint]? {
        guard let since else { return [] }
        guard let checkpoint = try? SignedCheckpoint(text: since) else {
            report.obstacle = "the checkpoint given cannot be read"
            return nil
        }
        return [checkpoint]
    }
}
