/// Notes one behind the other in a file that grows for years, `checkpoints`: read in pieces that begin
/// and end where notes do, so that threads can share them and none needs more memory than a piece.
struct NoteFile: Sendable {
    /// Whole notes, and where their bytes start in the file.
    struct Piece: Sendable {
        let offset: Int64
        let bytes: [UInt8]
    }

    private let file: OpenedFile
    private let pieceBytes: Int64
    /// Pieces; some may hold nothing.
    let count: Int

    /// About 600 notes.
    static let pieceBytes: Int64 = 1 << 17
    /// A note of one signature has about 200 bytes; the longest of our own, with many witnesses, stay
    /// far below this. Longer ones are not read.
    static let noteLimitBytes = 65_536

    /// Reads the file up to its length now: a live log goes on writing.
    init(_ path: String, pieceBytes: Int64 = Self.pieceBytes) throws(AuditLogError) {
        file = try OpenedFile(path)
        self.pieceBytes = pieceBytes
        count = Int((file.length + pieceBytes - 1) / pieceBytes)
    }

    /// Length in bytes.
    var length: Int64 { file.length }

    /// The notes that start in piece `number` of the file, and whatever stands there instead of notes.
    func piece(_ number: Int) throws(AuditLogError) -> Piece {
        let from = try start(number)
        let to = try start(number + 1)
        return Piece(offset: from, bytes: try RangeFile(file, upTo: to).rest(from: from))
    }

    /// Every whole note in order with its byte, up to the first that is not whole.
    func forEachCheckpoint(
        _ body: (_ note: SignedCheckpoint, _ byte: Int64) -> Void
    ) throws(AuditLogError) {
        for number in 0..<count {
            let piece = try piece(number)
            let end = piece.forEachCheckpoint { body($0, piece.offset + Int64($1)) }
            if end < piece.bytes.count { return }
        }
    }

    /// The first checkpoint over more than `size` events, found by halving: sizes never go down. In
    /// a file where they do, another one, or none.
    func firstCheckpoint(over size: UInt64) throws(AuditLogError) -> SignedCheckpoint? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if let last = try piece(middle).lastSize, last <= size {
                low = middle + 1
            } else {
                high = middle
            }
        }
        for number in low..<count {
            var found: SignedCheckpoint?
            try piece(number).forEachCheckpoint { note, _ in
                if found == nil, note.size > size { found = note }
            }
            if let found { return found }
        }
        return nil
    }

    /// Where piece `number` starts: at the first note that starts behind its share of the file.
    private func start(_ number: Int) throws(AuditLogError) -> Int64 {
        let from = Int64(number) * pieceBytes
        if number == 0 || from >= length { return min(from, length) }
        let to = min(length, from + Int64(Self.noteLimitBytes))
        let window = try RangeFile(file, upTo: to).rest(from: from)
        if let place = Self.noteStart(in: window, isEnd: to == length) {
            return from + Int64(place)
        }
        // No note goes on for so long: the piece before ends in something else, and is found to.
        return to
    }

    /// Where a note starts in bytes taken from the middle of a file: behind a signature line that no
    /// further one follows. Nil when there is no such place.
    static func noteStart(in bytes: [UInt8], isEnd: Bool) -> Int? {
        var isBehindSignature = false
        var line = bytes.startIndex
        while let end = bytes[line...].firstIndex(of: 0x0A) {
            let isSignature = bytes[line...].starts(with: NoteSignature.mark)
            if isBehindSignature, !isSignature { return line }
            isBehindSignature = isSignature
            line = end + 1
        }
        // A further signature line that the end of the file cuts belongs to the note before.
        let isCut = bytes[line...].starts(with: NoteSignature.mark)
        return isEnd && isBehindSignature && !isCut ? line : nil
    }
}

extension NoteFile.Piece {
    /// The whole notes in order, and at which byte of the piece each starts; returns where the last one
    /// ends.
    @discardableResult
    func forEachCheckpoint(_ body: (_ note: SignedCheckpoint, _ byte: Int) -> Void) -> Int {
        var index = 0
        while index < bytes.count,
            let (note, end) = try? SignedCheckpoint.first(in: bytes, at: index)
        {
            body(note, index)
            index = end
        }
        return index
    }

    /// Of the last note; nil when there is none.
    fileprivate var lastSize: UInt64? {
        var size: UInt64?
        forEachCheckpoint { note, _ in size = note.size }
        return size
    }
}
