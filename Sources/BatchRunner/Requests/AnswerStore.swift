import DurableFiles
import OrderedJSON

/// SkyPay's answers to senders' questions, kept as they came: durable here first, then named by the
/// event with their hash, then told in the result. A crash in between leaves bytes that no event
/// names; the question is asked again.
actor AnswerStore {
    private let folder: String
    private var open: [String: AppendFile] = [:]

    /// Batches whose answers stay open at once.
    private static let maxOpenFiles = 16

    init(folder: String) { self.folder = folder }

    /// Appends one object for each answer of a batch, with one sync for all of them.
    func keep(_ answers: [JSONObject], of fileID: String) throws -> [StoredAnswer] {
        let name = fileID + Self.suffix
        let file = try appending(name)
        var stored: [StoredAnswer] = []
        var text: [UInt8] = []
        let start = Int(file.length)
        for answer in answers {
            let line = answer.bytes() + [0x0A]
            stored.append(
                StoredAnswer(
                    name: name, offset: start + text.count, length: line.count, entries: nil,
                    sha256: SHA256Text.of(line)))
            text += line
        }
        try file.append(text)
        try file.sync()
        return stored
    }

    /// Begins a list of any length, one object a line, in a file of its own. What an earlier
    /// attempt left there is replaced when it is finished.
    nonisolated func list(of row: RowKey) throws -> AnswerList {
        try AnswerList(folder: folder, name: "\(row.fileID).\(row.row)\(Self.suffix)")
    }

    private func appending(_ name: String) throws -> AppendFile {
        if let known = open[name] { return known }
        if open.count >= Self.maxOpenFiles { open.removeAll() }
        let path = folder + "/" + name
        let file =
            DurableFiles.exists(path)
            ? try AppendFile(path: path) : try AppendFile(path: path, createMode: 0o600)
        open[name] = file
        return file
    }

    private static let suffix = ".jsonl"
}

/// A list of entries while it is written.
final class AnswerList {
    private let staged: StagedFile
    private let name: String
    private var entries = 0

    fileprivate init(folder: String, name: String) throws {
        self.name = name
        staged = try StagedFile(path: folder + "/" + name)
    }

    /// Appends one entry.
    func add(_ entry: JSONObject) throws {
        try staged.write(entry.bytes() + [0x0A])
        entries += 1
    }

    /// Makes the list durable.
    func finish() throws -> StoredAnswer {
        let (sha256, bytes) = try staged.finish()
        return StoredAnswer(
            name: name, offset: 0, length: bytes, entries: entries, sha256: sha256)
    }
}

/// Reads stored answers back for responses.
struct AnswerReader: Sendable {
    let folder: String

    /// Gives out every object of an answer, in order.
    /// - Throws: `InvariantViolation` when the bytes are not those the audit log names.
    func forEach(_ answer: StoredAnswer, _ body: (JSONObject) throws -> Void) throws {
        let file = try InputFile(path: folder + "/" + answer.name)
        var hash = RunningHash()
        var (at, rest) = (answer.offset, [UInt8]())
        let end = answer.offset + answer.length
        while at < end {
            let chunk = try file.bytes(at: at, length: min(Self.chunkBytes, end - at))
            guard !chunk.isEmpty else { throw changed(answer) }
            hash.update(chunk)
            at += chunk.count
            rest += chunk
            var start = 0
            while let newline = rest[start...].firstIndex(of: 0x0A) {
                let line = Array(rest[start..<newline])
                guard let object = try? JSONValue(parsing: line).objectValue else {
                    throw changed(answer)
                }
                try body(object)
                start = newline + 1
            }
            rest.removeSubrange(..<start)
        }
        guard rest.isEmpty, hash.text() == answer.sha256 else { throw changed(answer) }
    }

    /// The one object of an answer that is no list.
    func object(_ answer: StoredAnswer) throws -> JSONObject {
        var found = JSONObject()
        try forEach(answer) { found = $0 }
        return found
    }

    private func changed(_ answer: StoredAnswer) -> InvariantViolation {
        InvariantViolation(
            "state/answers/\(answer.name) is not what the audit log names; restore it from a "
                + "backup")
    }

    private static let chunkBytes = 262_144
}
