import DurableFiles
import Locks
import OrderedJSON

/// The private copies: only these are ever parsed, and they are kept as long as the audit log.
struct FileStore: Sendable {
    let site: SiteFolder
    /// SkyPay's lists.
    let catalogs: CatalogCache
    /// Held while a gzip copy is inflated: rounds of sending, responses and counters' calls want the same
    /// text, and would write it under the same temporary name.
    private let inflating = Locked(())

    init(site: SiteFolder) {
        self.site = site
        catalogs = CatalogCache(folder: site.catalogs)
    }

    /// What planning needs of a claimed file. A file that has its verdict is planned by the lists
    /// it was judged by.
    func text(of file: StoredFile) throws -> BatchText {
        let digest = file.details["catalogs"]?.stringValue
        return BatchText(
            path: site.file(file.fileID), name: file.name, sha256: file.sha256,
            sideFile: try sideFile(of: file),
            catalogs: try digest.map(catalogs.catalogs(recordedAs:)))
    }

    /// SHA-256 of a private copy as it is now, lower-case hexadecimal.
    func contentSHA256(of file: StoredFile) throws -> String {
        try Self.contentSHA256(of: try InputFile(path: site.file(file.fileID)))
    }

    /// The same of any file.
    static func contentSHA256(of copy: InputFile) throws -> String {
        var hash = RunningHash()
        var offset = 0
        while true {
            let chunk = try copy.bytes(at: offset, length: hashedChunkBytes)
            if chunk.isEmpty { return hash.text() }
            hash.update(chunk)
            offset += chunk.count
        }
    }

    private static let hashedChunkBytes = 1 << 20

    /// The bytes of the side file that was claimed with a file.
    func sideFile(of file: StoredFile) throws -> [UInt8]? {
        guard file.sideSHA256 != nil else { return nil }
        return try Self.sideBytes(site.file(file.fileID + ".ctl"))
    }

    /// A side file's bytes, at most one more than the limit: enough for its reader to refuse it.
    static func sideBytes(_ path: String) throws -> [UInt8] {
        try InputFile(path: path).bytes(
            at: 0, length: BatchLimits.standard.maxSideFileBytes + 1)
    }

    /// Opens a batch for reading single rows. A gzip copy is inflated once, beside it; the inflated
    /// text is derived, so a torn one is simply made again.
    func rows(of file: StoredFile, _ summary: BatchSummary) throws -> RowReader {
        try RowReader(
            path: try plainText(of: file), form: summary.form, columns: summary.columns)
    }

    /// True when the rows of a file can be read without inflating it first.
    func hasPlainText(of file: StoredFile) -> Bool {
        !ByteSource.isGzip(name: file.name) || DurableFiles.exists(textPath(of: file))
    }

    /// What the text of a gzip copy is called: by the copy's hash too. Where an older state was put back,
    /// ids are given out anew, and the text of a file of the lost time must never be read for a later
    /// file of its id.
    static func textName(_ fileID: String, sha256: String) -> String {
        "\(fileID).\(sha256.prefix(textHashDigits))\(textSuffix)"
    }

    /// How such names end, and those of earlier versions: `<fileId>.text`.
    static let textSuffix = ".text"
    /// Digits of the hash in the name; another copy of one id does not have the same 64 bits.
    private static let textHashDigits = 16

    private func textPath(of file: StoredFile) -> String {
        site.file(Self.textName(file.fileID, sha256: file.sha256))
    }

    private func plainText(of file: StoredFile) throws -> String {
        let copy = site.file(file.fileID)
        guard ByteSource.isGzip(name: file.name) else { return copy }
        let inflated = textPath(of: file)
        // Whole or not there; whoever wants another text than the one that is being made has not to wait.
        if DurableFiles.exists(inflated) { return inflated }
        return try inflating.withLock { _ in
            if DurableFiles.exists(inflated) { return inflated }
            let staged = try StagedFile(path: inflated)
            try BatchReader.inflate(path: copy, name: file.name) { try staged.write($0) }
            _ = try staged.finish()
            return inflated
        }
    }
}
