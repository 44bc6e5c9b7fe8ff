import DurableFiles

/// The end of a file of notes, `checkpoints` or `epochs`: those files grow for years, and opening
/// needs only their last notes.
struct NoteTail {
    /// Where the bytes start, and the bytes to the end of the file.
    let offset: Int64
    let bytes: [UInt8]

    /// A note of one signature has about 200 bytes; the longest of our own, with many witnesses,
    /// stay far below this.
    private static let byteLimit = 65_536

    /// Starts at a note: at the front of the file, or behind an end of a note, where the line after
    /// a signature line is no signature.
    init(_ path: String) throws(AuditLogError) {
        let file = try RangeFile(path)
        let from = max(0, file.length - Int64(Self.byteLimit))
        let tail = try file.rest(from: from)
        let start = from == 0 ? 0 : Self.firstNote(in: tail)
        offset = from + Int64(start)
        bytes = Array(tail[start...])
    }

    private static func firstNote(in tail: [UInt8]) -> Int {
        var isBehindSignature = false
        var line = tail.startIndex
        while let end = tail[line...].firstIndex(of: 0x0A) {
            let isSignature = tail[line...].starts(with: NoteSignature.mark)
            if isBehindSignature, !isSignature { return line }
            isBehindSignature = isSignature
            line = end + 1
        }
        return isBehindSignature ? line : 0
    }
}
