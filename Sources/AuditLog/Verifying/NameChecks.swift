import DurableFiles

/// Nothing else may lie in the log's folders.
struct NameChecks {
    let all: VerificationFindings

    private static let topNames: Set<String> = [
        "log.json", "checkpoint", "checkpoints", "epochs", "reserve", "segments", "tree",
    ]

    func run(_ report: inout VerificationReport) {
        let directory = all.layout.directory
        for name in LogLayout.names(in: directory) where !Self.topNames.contains(name) {
            judge(name, "", &report)
        }
        for name in LogLayout.names(in: all.layout.tree) {
            if let level = Int(name), name == String(level), level > 0 { continue }
            judge(name, "tree/", &report)
        }
        for name in LogLayout.names(in: all.layout.segments) { judgeSegment(name, &report) }
    }

    private func judgeSegment(_ name: String, _ report: inout VerificationReport) {
        let digits = name.prefix { $0.isNumber }
        guard let first = UInt64(digits), LogLayout.name(first) == digits else {
            judge(name, "segments/", &report)
            return
        }
        let segment = all.plan.segments.first { $0.first == first }
        let isRetired = DurableFiles.exists(all.layout.retired(first))
        switch name.dropFirst(digits.count) {
        // Files that came after the folder was listed belong to a segment begun since then.
        case ".jsonl.gz": return
        case ".manifest": if isRetired { leftover(name, &report) }
        case ".retired": if segment != nil { leftover(name, &report) }
        case ".index": judgeIndex(name, first, segment, isRetired, &report)
        case ".members": judgeHints(name, first, segment, &report)
        default: judge(name, "segments/", &report)
        }
    }

    private func judgeIndex(
        _ name: String, _ first: UInt64, _ segment: PlannedSegment?, _ isRetired: Bool,
        _ report: inout VerificationReport
    ) {
        if isRetired {
            leftover(name, &report)
        } else if segment?.isSealed != true || segment?.isArchive != true {
            if segment?.isLast == true {
                report.notProved.append("segments/\(name): of a sealing under way, not used yet")
            } else if isListed(name) {
                report.find(.unknown, "segments/\(name)", "belongs to no sealed segment")
            }
        }
    }

    /// Hints are of the open segment; those of the one before go last when it is sealed.
    private func judgeHints(
        _ name: String, _ first: UInt64, _ segment: PlannedSegment?,
        _ report: inout VerificationReport
    ) {
        guard isListed(name), segment?.isLast != true else { return }
        if segment != nil, first == all.plan.segments.dropLast().last?.first, !all.isClosed {
            report.notProved.append("segments/\(name): of a sealing under way, not used any more")
        } else {
            report.find(.unknown, "segments/\(name)", "only the open segment has hints")
        }
    }

    /// True when the file was there before reading began: a live log makes new ones meanwhile.
    private func isListed(_ name: String) -> Bool { all.plan.names.contains(name) }

    private func leftover(_ name: String, _ report: inout VerificationReport) {
        report.notProved.append(
            "segments/\(name): of a removal under way, or cut short (retention finishes it)")
    }

    private func judge(_ name: String, _ folder: String, _ report: inout VerificationReport) {
        let place = folder + name
        if name.hasSuffix(".torn") {
            judgeTorn(name, place, &report)
        } else if name.hasPrefix("."), name.hasSuffix(DurableFiles.temporarySuffix) {
            report.notProved.append("\(place): a file half written, which no reader uses")
        } else {
            report.find(.unknown, place, "no file of an audit log")
        }
    }

    /// The name ends in the first eight digits of its content's hash.
    private func judgeTorn(
        _ name: String, _ place: String, _ report: inout VerificationReport
    ) {
        var sha256: String?
        do throws(AuditLogError) {
            sha256 = try sha256Text(ofFile: "\(all.layout.directory)/\(place)")
        } catch {
            if report.obstruct(error) { return }
        }
        guard let sha256, name.hasSuffix("-\(sha256.prefix(8)).torn") else {
            report.find(.altered, place, "not the bytes that a recovery set aside")
            return
        }
        report.notProved.append("\(place): bytes set aside by a recovery")
    }
}
