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
/// with the acknowledgement or when the file goes away.
final class WaitingBoard {
    private let outbox: String
    private let ledger: Ledger
    private var shown: [InboxEntry.Place: Shown] = [:]

    private struct Shown {
        var waiting: WaitingFile
        var path: String
    }

    init(outbox: String, ledger: Ledger) {
        self.outbox = outbox
        self.ledger = ledger
    }

    /// Forgets what an earlier process showed: its files may have gone away since. Once at start;
    /// whatever still waits is shown again by the first look.
    func clear() throws {
        try clear(outbox)
        for name in try OpenFolder(site: outbox).names(limit: .max) {
            guard NameRules.isSender(name), let text = name.text else { continue }
            let folder = "\(outbox)/\(text)"
            if DurableFiles.isFolder(folder) { try clear(folder) }
        }
    }

    private func clear(_ folder: String) throws {
        for name in try OpenFolder(site: folder).names(limit: .max) {
            guard let text = name.text, text.hasSuffix(Self.suffix) else { continue }
            let path = "\(folder)/\(text)"
            if !DurableFiles.isFolder(path) { try DurableFiles.remove(path) }
        }
    }

    private static let suffix = ".status.json"

    /// What was said last about an entry.
    func known(_ entry: InboxEntry) -> WaitingFile? {
        shown[entry.place]?.waiting
    }

    /// Brings the outbox up to date: these files wait, and no others.
    func show(_ waiting: [WaitingFile]) throws {
        let present = Set(waiting.map(\.entry.place))
        for (place, gone) in shown where !present.contains(place) {
            try DurableFiles.remove(gone.path)
            shown[place] = nil
        }
        for file in waiting {
            if let known = shown[file.entry.place], known.waiting.reason == file.reason { continue }
            try write(file)
        }
    }

    private func write(_ file: WaitingFile) throws {
        let name = file.entry.name.shown
        let earlier = try ledger.filesNamed(name, sender: file.entry.sender)
        let output = earlier == 0 ? name : "\(name)~\(earlier + 1)"
        let folder = file.entry.sender.isEmpty ? outbox : outbox + "/" + file.entry.sender
        let path = "\(folder)/\(output)\(Self.suffix)"
        let document: JSONValue = [
            "file": .string(file.path), "state": "waiting", "reason": .string(file.reason),
        ]
        try DurableFiles.makeFolder(folder, mode: 0o750)
        try DurableFiles.replace(path, Array(document.prettyText().utf8), mode: 0o640)
        shown[file.entry.place] = Shown(waiting: file, path: path)
    }
}
