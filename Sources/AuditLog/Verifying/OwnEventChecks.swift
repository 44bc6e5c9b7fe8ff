import OrderedJSON

/// The log's own events against the files they name: `sealed`, `epoch`, `retired`.
struct OwnEventChecks {
    let all: VerificationFindings

    func run(_ report: inout VerificationReport) {
        for (number, read) in all.reads.enumerated() {
            checkStart(number, read, &report)
            for record in read.own { checkPlace(record, read.segment, &report) }
        }
        checkEpochs(&report)
        checkRetired(&report)
        checkLastRetired(&report)
    }

    /// The first event of a segment binds the one before, the second names the epoch's key.
    private func checkStart(
        _ number: Int, _ read: Verification.SegmentSummary, _ report: inout VerificationReport
    ) {
        let first = read.segment.first
        let place = read.segment.place
        guard first > 0, read.next > first else { return }
        guard let sealed = all.sealing(before: number) else {
            report.find(
                .altered, place, event: first,
                "auditlog.sealed was expected, which binds the segment before")
            return
        }
        let before = number > 0 ? all.reads[number - 1].segment.first : all.plan.retired.last?.first
        if sealed.data.members.map(\.name) != Self.sealedNames
            || sealed.data["next"]?.unsignedValue != first
            || before.map({ sealed.data["first"]?.unsignedValue != $0 }) ?? false
        {
            report.find(
                .altered, place, event: first, "auditlog.sealed is not about the segment before")
        }
        guard read.next > first + 1 else { return }
        if !read.own.contains(where: { $0.type == OwnEvent.epoch && $0.sequence == first + 1 }) {
            report.find(.altered, place, event: first + 1, "auditlog.epoch was expected")
        }
    }

    private static let sealedNames = [
        "first", "next", "fileSha256", "indexSha256", "manifestSha256",
    ]

    /// These events stand in one place only.
    private func checkPlace(
        _ record: OwnRecord, _ segment: PlannedSegment, _ report: inout VerificationReport
    ) {
        let right: UInt64? =
            switch record.type {
            case OwnEvent.created: 0
            case OwnEvent.sealed: segment.first > 0 ? segment.first : nil
            case OwnEvent.epoch: segment.first > 0 ? segment.first + 1 : nil
            default: record.sequence
            }
        if right != record.sequence {
            report.find(
                .altered, segment.place, event: record.sequence,
                "\(record.type) cannot stand here")
        }
    }

    /// Each certificate has its event, each event its certificate.
    private func checkEpochs(_ report: inout VerificationReport) {
        let events = all.reads.flatMap(\.own).filter { $0.type == OwnEvent.epoch }
        var named: Set<UInt64> = []
        var missing: (epoch: UInt64, event: UInt64)?
        for event in events {
            let epoch = event.data["epoch"]?.unsignedValue ?? .max
            guard epoch < UInt64(all.heads.certificates.count) else {
                missing = missing ?? (epoch, event.sequence)
                continue
            }
            let certificate = all.heads.certificates[Int(epoch)]
            named.insert(epoch)
            if event.data != data(certificate) || event.sequence != certificate.size + 1 {
                report.find(
                    .altered, "epochs",
                    "the certificate of epoch \(epoch) is not the one that event "
                        + "\(event.sequence) names")
            }
        }
        tellMissing(missing, &report)
        for certificate in all.heads.certificates where certificate.epoch > 0 {
            let isRead = certificate.size >= all.firstEvent && certificate.size + 1 < all.size
            if isRead, all.isComplete, !named.contains(certificate.epoch) {
                report.find(
                    .altered, "epochs",
                    "the certificate of epoch \(certificate.epoch) is named by no event")
            }
        }
    }

    /// A certificate that an event names and that is not there explains why checkpoints behind it
    /// seem wrong; without it they are.
    private func tellMissing(
        _ missing: (epoch: UInt64, event: UInt64)?, _ report: inout VerificationReport
    ) {
        if !all.heads.chainIsWhole { return }
        guard let missing else {
            for suspect in all.heads.suspects { report.find(suspect) }
            report.count(all.heads.furtherSuspects, in: "checkpoints")
            return
        }
        let length = (try? OpenedFile(all.layout.epochs).length) ?? 0
        let torn = all.heads.torn.first { $0.file == "epochs" }?.byte
        report.find(
            torn == nil ? .missing : .damaged, "epochs", byte: torn ?? length,
            "the certificate of epoch \(missing.epoch), which event \(missing.event) names, is "
                + (torn == nil ? "missing" : "not whole"))
    }

    private func data(_ certificate: EpochCertificate) -> JSONObject {
        [
            "epoch": .number(String(certificate.epoch)),
            "size": .number(String(certificate.size)), "key": .string(certificate.key.text),
            "certificateSha256": .string(certificate.sha256),
        ]
    }

    /// Segments go oldest first, each by a signed event; so the newest that is gone must have one
    /// that is still there, and its record says that those before it went earlier.
    private func checkRetired(_ report: inout VerificationReport) {
        var recorded: [UInt64: OwnRecord] = [:]
        let recovered = all.reads.flatMap(\.own).filter {
            $0.type == OwnEvent.recovered && $0.sequence < all.heads.newest
        }
        let adopted = AdoptedEvents(recovered.map { (sequence: $0.sequence, data: $0.data) })
        for read in all.reads {
            for record in read.own where record.type == OwnEvent.retired {
                guard let first = record.data["first"]?.unsignedValue,
                    record.sequence < all.heads.newest, !adopted.contains(record.sequence)
                else { continue }
                recorded[first] = record
            }
        }
        var unnamed = 0
        for retired in all.plan.retired {
            guard let record = recorded[retired.first] else {
                unnamed += 1
                if retired.first == all.plan.retired.last?.first {
                    report.find(
                        .missing, "segments/\(LogLayout.name(retired.first)).jsonl.gz",
                        "was removed, and no event that the writer signed says so")
                }
                continue
            }
            if record.data["manifestSha256"]?.stringValue != retired.sha256 {
                report.find(
                    .altered, retired.place,
                    "not the manifest that event \(record.sequence) names")
            }
        }
        let isLastUnnamed = all.plan.retired.last.map { recorded[$0.first] == nil } ?? false
        if unnamed > 0, !isLastUnnamed {
            report.notProved.append(
                "what \(unnamed) of the .retired files say: the events that named them were removed"
            )
        }
    }

    /// The manifest of the last removed segment is also bound by the first event behind it.
    private func checkLastRetired(_ report: inout VerificationReport) {
        guard let retired = all.plan.retired.last, let sealed = all.sealing(before: 0) else {
            return
        }
        if sealed.data["manifestSha256"]?.stringValue != retired.sha256 {
            report.find(
                .altered, retired.place, "not the manifest that event \(sealed.sequence) names")
        }
    }
}
