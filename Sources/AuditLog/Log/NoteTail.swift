import DurableFiles

/// The end of a file of notes, `checkpoints` or `epochs`: those files grow for years, and opening
/// needs only their last notes.
struct NoteTail {
    /// Where the bytes start, and the bytes to the end of the file.
    let offset: Int64
    let bytes: [UInt8]

    /// Starts at a note: at the front of the file, or behind an end of a note, where the line after
    /// a signature line is no signature.
    init(_ path: String) throws(AuditLogError) {
        let file = try RangeFile(path)
        let from = max(0, file.length - Int64(NoteFile.noteLimitBytes))
        let tail = try file.rest(from: from)
        let start = from == 0 ? 0 : NoteFile.noteStart(in: tail, isEnd: true) ?? 0
        offset = from + Int64(start)
        bytes = Array(tail[start...])
    }
}

/// What a crash leaves of a note: each one is synced before the next is appended, and the last one is
/// made durable by every opening, so only one can be torn.
enum TornNote {
    /// A note of ours has about 200 bytes; with witnesses some hundred more each.
    static let limitBytes = 2_048

    /// True when bytes that begin with no whole checkpoint may be what is left of one: short, and with no
    /// whole one behind. Else they were altered, or the disk lost them.
    static func mayBe(_ bytes: some Collection<UInt8>) -> Bool {
        if bytes.count > limitBytes { return false }
        let bytes = Array(bytes)
        var line = 0
        while let end = bytes[line...].firstIndex(of: 0x0A) {
            line = end + 1
            if (try? SignedCheckpoint.first(in: bytes, at: line)) != nil { return false }
        }
        return true
    }
}
