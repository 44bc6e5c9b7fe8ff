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
