import CLinux
import DurableFiles
import Glibc

/// The folders of one self-test.
struct TrialFolders: Sendable {
    let root: String

    var site: String { root + "/site" }
    var inbox: String { site + "/inbox" }
    var outbox: String { site + "/outbox" }
    var audit: String { site + "/audit" }
    var copies: String { site + "/state/files" }
    var provider: String { root + "/provider" }
    var providerLedger: String { provider + "/ledger.jsonl" }
    /// Where the provider leaves its reports.
    var callbacks: String { root + "/callbacks" }
    var logs: String { root + "/logs" }
    /// What was put into the inbox, a line a file.
    var dropped: String { root + "/dropped.jsonl" }
    /// The hashes of responses when they were first seen.
    var firstSeen: String { root + "/first-seen.json" }
    /// What the trial itself found wrong, which no other evidence shows.
    var trial: String { root + "/trial.json" }
    /// The page, and the same as JSON.
    var page: String { root + "/verdict.txt" }
    var document: String { root + "/verdict.json" }

    /// Makes those that have to be there.
    func make() throws(SelfTestError) {
        do {
            for folder in [site, provider, callbacks, logs, inbox]
                + BatchMaker.senders.filter({ !$0.isEmpty }).map({ inbox + "/" + $0.dropLast() })
            {
                try DurableFiles.makeFolder(folder)
            }
        } catch {
            throw SelfTestError("\(error)")
        }
    }

    /// Leaves the verdict alone.
    func removeTraces() {
        // Sealed segments may be locked against everybody.
        for name in Listing.files(audit) { DurableFiles.setImmutable(audit + "/" + name, false) }
        for path in [site, provider, callbacks, logs, dropped, firstSeen, trial] {
            DurableFiles.removeTree(path)
        }
    }
}

/// Names and files.
enum Listing {
    /// Bytes of a file that is read at most.
    static let limitBytes = 256 << 20

    /// Names in a folder, in order; none when it cannot be read.
    static func names(_ folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = String(cString: clinux_entry_name(UnsafeRawPointer(entry)))
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Paths of the files below a folder, without those that are hidden.
    static func files(_ folder: String, below prefix: String = "") -> [String] {
        names(folder).filter { !$0.utf8.starts(with: ".".utf8) }.flatMap { name in
            let path = folder + "/" + name
            return DurableFiles.isFolder(path)
                ? files(path, below: prefix + name + "/") : [prefix + name]
        }
    }

    /// A file's bytes; nil when it cannot be read.
    static func bytes(_ path: String) -> [UInt8]? {
        try? DurableFiles.read(path, limit: limitBytes)
    }

    /// A file's length; 0 when it is not there.
    static func length(_ path: String) -> Int64 {
        var status = stat()
        return lstat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
