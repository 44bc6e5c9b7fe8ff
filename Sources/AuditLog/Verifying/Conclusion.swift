/// What was proved and what was not, in plain words.
struct Conclusion {
    let all: VerificationFindings

    func run(_ report: inout VerificationReport) {
        checkSince(&report)
        if report.findings.isEmpty {
            tellProved(&report)
        } else {
            tellIntactParts(&report)
            tellBehind(&report)
        }
        tellRemoved(&report)
        if all.size > all.heads.newest, all.isComplete {
            report.notProved.append(
                "events \(all.heads.newest) to \(all.size - 1): under no valid checkpoint yet")
        }
        if !all.subject.isKeyGiven {
            report.notProved.append(
                "authenticity: no key kept elsewhere was given (--key), so the log's own was used")
        }
    }

    private func tellProved(_ report: inout VerificationReport) {
        if all.firstEvent == 0 {
            report.proved.append("log.json is the description the log was made with")
        } else if let record = all.descriptionRecords.last {
            report.proved.append(
                "log.json is the description that event \(record.sequence) binds; event 0 was removed"
            )
        } else {
            report.notProved.append("log.json: event 0, which binds it, was removed")
        }
        if all.heads.newest > all.firstEvent {
            report.proved.append(
                "events \(all.firstEvent) to \(all.heads.newest - 1) are complete, in order and "
                    + "unaltered under the signed checkpoint")
        }
        let sealed = all.reads.filter { $0.segment.isSealed && $0.segment.isArchive }
        if let last = sealed.last, last.next <= all.heads.newest {
            report.proved.append(
                sealed.count == 1
                    ? "one sealed segment, its manifest and its index are those sealed"
                    : "\(sealed.count) sealed segments, their manifests and indexes are those sealed"
            )
        }
        report.proved.append(
            "every checkpoint is signed by the key of its epoch; "
                + (all.heads.certificates.count == 1
                    ? "one epoch, certified by the root key"
                    : "\(all.heads.certificates.count) epochs, each certified by the one before"))
        if all.subject.isKeyGiven {
            report.proved.append("the first epoch is certified by the key given")
        }
    }

    /// After damage: what still stands.
    private func tellIntactParts(_ report: inout VerificationReport) {
        let size = all.intact(below: .max)
        let damaged = all.reads.filter { !$0.isWhole && !($0.segment.isLast && isOpen($0)) }
        if damaged.isEmpty || size <= damaged[0].next {
            let end = min(size, damaged.first?.next ?? size)
            if end > all.firstEvent {
                report.proved.append(
                    "events \(all.firstEvent) to \(end - 1) are intact under a signed checkpoint")
            }
            return
        }
        // The tree went on from a manifest, and a later signature fits it: what is whole is right.
        for read in all.reads where read.next > read.segment.first && read.segment.first < size {
            let isDamaged = damaged.contains { $0.segment.first == read.segment.first }
            let end = isDamaged ? all.intact(below: read.next) : min(read.next, size)
            guard end > read.segment.first else { continue }
            report.proved.append(
                "events \(read.segment.first) to \(end - 1) of \(read.segment.place) are intact")
        }
    }

    private func tellBehind(_ report: inout VerificationReport) {
        guard let behind = all.behind, let place = all.reads.last?.segment.place else { return }
        report.proved.append(
            "events \(behind.first) to \(behind.end - 1) of \(place), behind the damage, are intact: "
                + "with tree/ for what lies between, they give a signed root")
    }

    private func isOpen(_ read: Verification.SegmentSummary) -> Bool {
        guard case .open = read.end else { return false }
        return !read.segment.isSealed
    }

    private func tellRemoved(_ report: inout VerificationReport) {
        guard all.firstEvent > 0 else { return }
        report.notProved.append(
            "what events 0 to \(all.firstEvent - 1) said: they were removed after their retention; "
                + "their tree, as it was sealed, is under every later checkpoint")
        let unknown = all.heads.heads.count {
            $0.size <= all.firstEvent && all.walk.roots[$0.size] == nil
        }
        if unknown > 0 {
            report.notProved.append(
                "\(unknown) signed roots within the removed events: their signatures are valid, "
                    + "the events are gone")
        }
    }

    private func checkSince(_ report: inout VerificationReport) {
        guard let checkpoint = all.subject.since else {
            report.notProved.append(
                "that nothing later was removed: no checkpoint kept elsewhere was given (--since)")
            return
        }
        let size = checkpoint.size
        let root = size == 0 ? TreeHash.empty : all.walk.roots[size]
        if let problem = problem(of: checkpoint) {
            conflict(problem, &report)
        } else if size > all.size {
            if all.isComplete {
                conflict("covers \(size) events, the log has \(all.size)", &report)
            }
        } else if let root {
            if root.bytes == checkpoint.root {
                report.proved.append("the first \(size) events are those of the checkpoint given")
            } else {
                conflict("its first \(size) events were other ones", &report)
            }
        } else {
            report.notProved.append(
                "that the log goes on from the checkpoint given: its \(size) events cannot all be "
                    + "read any more")
        }
    }

    private func problem(of checkpoint: SignedCheckpoint) -> String? {
        guard all.heads.chainIsWhole, let chain = all.heads.chain else { return nil }
        if checkpoint.origin != all.subject.description.origin {
            return "is of another log: \(checkpoint.origin)"
        }
        // No key signs nothing.
        if checkpoint.size == 0 { return "covers no event" }
        return chain.problem(of: checkpoint)
    }

    private func conflict(_ message: String, _ report: inout VerificationReport) {
        report.conflicts.append(Finding(.conflict, "the checkpoint given", message))
    }
}
