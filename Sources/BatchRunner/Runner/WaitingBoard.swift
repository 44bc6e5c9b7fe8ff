import DurableFiles
import OrderedJSON

/// A file that is not taken yet, and why.
struct WaitingFile: Sendable, Equatable {
    var entry: InboxEntry
    var reason: String

    init(_ entry: InboxEntry, _ reason: String) {
        self.entry = entry
        self.reason = reason
    }

    /// Sender and name as people read it.
    var path: String { (entry.sender.isEmpty ? "" : entry.sender + "/") + entry.name.shown }
}

/// Shows in the outbox why files wait: `NAME.status.json`, replaced as the reason changes, removed
/// with the acknowledgement or when the file goes away. Nobody relies on these files: a folder that
/// takes none is told of, and stops nothing.
final class WaitingBoard {
    private let outbox: String
    private let ledger: Ledger
    private var shown: [InboxEntry.Place: Shown] = [:]

    private struct Shown {
        var waiting: WaitingFile
        var folder: String
        var path: String
        /// False where the outbox did not take it: it is tried again at the next look.
        var isWritten: Bool
    }

    init(outbox: String, ledger: Ledger) {
        self.outbox = outbox
        self.ledger = ledger
    }

    /// Forgets what an earlier process showed: its files may have gone away since. Once at start;
    /// whatever still waits is shown again by the first look.
    /// - Returns: what stood in the way, in words.
    func clear() -> [String] {
        var obstacles: [String] = []
        clear(outbox, &obstacles)
        for name in (try? OpenFolder(site: outbox).names(limit: .max)) ?? [] {
            guard NameRules.isSender(name), let text = name.text else { continue }
            let folder = "\(outbox)/\(text)"
            if DurableFiles.isFolder(folder) { clear(folder, &obstacles) }
        }
        return obstacles
    }

    private func clear(_ folder: String, _ obstacles: inout [String]) {
        do {
            for name in try OpenFolder(site: folder).names(limit: .max) {
                guard name.hasSuffix(Self.suffix), let text = name.text else { continue }
                let path = "\(folder)/\(text)"
                if !DurableFiles.isFolder(path) { try DurableFiles.remove(path) }
            }
        } catch {
            let cause = (error as? FileError) ?? (error as? SiteFault)?.cause
            if let cause { add(cause, in: folder, to: &obstacles) }
        }
    }

    /// Without the file's name, which is the sender's; one line for a folder, however many files wait.
    private func add(_ error: FileError, in folder: String, to obstacles: inout [String]) {
        let failure = FileError(operation: error.operation, path: folder, code: error.code)
        let line = "status files cannot be kept up to date: \(failure)"
        if !obstacles.contains(line) { obstacles.append(line) }
    }

    private static let suffix = ".status.json"

    /// What was said last about an entry.
    func known(_ entry: InboxEntry) -> WaitingFile? {
        shown[entry.place]?.waiting
    }

    /// Brings the outbox up to date: these files wait, and no others.
    /// - Returns: what stood in the way, in words.
    func show(_ waiting: [WaitingFile]) throws -> [String] {
        var obstacles: [String] = []
        let present = Set(waiting.map(\.entry.place))
        for (place, gone) in shown where !present.contains(place) {
            do throws(FileError) {
                try DurableFiles.remove(gone.path)
                shown[place] = nil
            } catch {
                // What was never there need not go.
                if !gone.isWritten { shown[place] = nil }
                add(error, in: gone.folder, to: &obstacles)
            }
        }
        for file in waiting {
            if let known = shown[file.entry.place], known.isWritten,
                known.waiting.reason == file.reason
            {
                continue
            }
            try write(file, &obstacles)
        }
        return obstacles
    }

    private func write(_ file: WaitingFile, _ obstacles: inout [String]) throws {
        let name = file.entry.name.shown
        let output = try ledger.nextOutputName(name, sender: file.entry.sender)
        let folder = file.entry.sender.isEmpty ? outbox : outbox + "/" + file.entry.sender
        let path = "\(folder)/\(output)\(Self.suffix)"
        let document: JSONValue = [
            "file": .string(file.path), "state": "waiting", "reason": .string(file.reason),
        ]
        var isWritten = true
        do throws(FileError) {
            try DurableFiles.makeFolder(folder, mode: 0o750)
            try DurableFiles.replace(path, Array(document.prettyText().utf8), mode: 0o640)
        } catch {
            isWritten = false
            add(error, in: folder, to: &obstacles)
        }
        // Known in any case: reports tell of what waits by it.
        shown[file.entry.place] = Shown(
            waiting: file, folder: folder, path: path, isWritten: isWritten)
    }
}
