import DurableFiles
import OrderedJSON

/// Closes the last member in place: what cannot be kept goes to a `.torn` file first, so nothing is
/// ever discarded. A crash at any step leaves a log that this same repair mends.
struct TailRepair {
    let opening: LogOpening
    let segment: any LogFile
    let files: any LogFiles

    /// What is adopted is written anew in pieces of this many bytes.
    private static let pieceBytes = 1 << 20

    /// What was cut, for `auditlog.recovered`.
    struct Torn {
        var bytes: Int
        var file: String
        var sha256: String
    }

    /// Copies the cut bytes aside, cuts, writes the end of the member, syncs; then what is about to be
    /// signed is written once more.
    func run() throws(AuditLogError) -> Torn? {
        let torn = try closeMember()
        try rewriteUnsigned()
        return torn
    }

    private func closeMember() throws(AuditLogError) -> Torn? {
        guard let tail = opening.tail else { return nil }
        let keep = tail.boundary ?? tail.memberOffset
        do throws(FileError) {
            let torn = try saveTorn(from: keep)
            if segment.length > keep { try segment.truncate(to: keep) }
            try segment.append(try ending(tail))
            try segment.sync()
            return torn
        } catch {
            throw Self.failure(error)
        }
    }

    /// Events that no checkpoint covers are adopted as the file shows them; but the sync that failed
    /// under them, or never came, may have left them in the system's memory alone, and signed events
    /// that go with the power are a log behind its pin. From the member of the first of them on.
    private func rewriteUnsigned() throws(AuditLogError) {
        let signed = opening.pin.size
        guard opening.scan.size > signed else { return }
        let path = opening.layout.segment(opening.first)
        let file = try RangeFile(path)
        var offset = opening.scan.hints.last { $0.first <= signed }?.offset ?? 0
        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
        while offset < file.length {
            let got = try file.read(&piece, from: offset)
            if got == 0 { break }
            do throws(FileError) {
                try files.rewrite(path, Array(piece[..<got]), at: offset)
            } catch {
                throw Self.failure(error)
            }
            offset += Int64(got)
        }
    }

    private static func failure(_ error: FileError) -> AuditLogError {
        AuditLogError(.stopped, "mending the end of the log failed", cause: error)
    }

    private func saveTorn(from keep: Int64) throws(FileError) -> Torn? {
        let path = opening.layout.segment(opening.first)
        let bytes = (try? RangeFile(path).rest(from: keep)) ?? []
        guard Int64(bytes.count) == segment.length - keep else {
            throw FileError(operation: "pread", path: path, code: 5)
        }
        if bytes.isEmpty { return nil }
        let hash = sha256Text(bytes)
        let name = "\(LogLayout.name(opening.first)).\(keep)-\(hash.prefix(8)).torn"
        let aside = "\(opening.layout.segments)/\(name)"
        try DurableFiles.createOrMatch(
            aside, bytes, mode: DurableFiles.modeLikeFolder(of: aside))
        return Torn(bytes: bytes.count, file: name, sha256: hash)
    }

    private func ending(_ tail: SegmentTail) throws(FileError) -> [UInt8] {
        guard let deflater = try? MemberDeflater() else {
            throw FileError(operation: "deflateInit2", path: "", code: 12)
        }
        var output: [UInt8] = []
        if tail.boundary != nil {
            deflater.resume(checksum: tail.checksum, length: tail.length)
        } else if tail.extra.isEmpty {
            return []
        } else {
            deflater.begin(&output)
        }
        if !tail.extra.isEmpty { deflater.add(tail.extra, to: &output) }
        deflater.finish(&output)
        return output
    }
}
