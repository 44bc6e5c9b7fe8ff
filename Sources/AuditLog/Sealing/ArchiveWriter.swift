import DurableFiles

/// Compresses the lines of a segment into whole members of a sealed one.
final class ArchiveWriter: SegmentVisitor {
    /// Members end where the number of events is a multiple of this: 4 · 256.
    static let memberLeaves: UInt64 = 4 * TreeEdge.tileLeaves
    /// Lines are handed to zlib, and bytes to the file, in pieces of about this many bytes.
    private static let pieceBytes = 65_536
    /// So many bytes are synced at a time: who waits for the last of them waits for no more.
    private static let syncBytes: Int64 = 4 << 20

    private let file: AppendFile
    private let deflater: MemberDeflater
    private var next: UInt64
    private var memberIsOpen = false
    private var lines: [UInt8] = []
    private var output: [UInt8] = []
    /// Where the last whole member ends in the file.
    private var memberEnd: Int64 = 0
    private var syncedTo: Int64 = 0
    /// Asked before each piece.
    private let isCancelled: @Sendable () -> Bool
    /// The write that failed; the scan stops there.
    private(set) var failure: FileError?

    init(
        _ path: String, first: UInt64, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(AuditLogError) {
        next = first
        self.isCancelled = isCancelled
        deflater = try MemberDeflater(.sealed)
        do throws(FileError) {
            file = try AppendFile(path: path, createMode: SegmentSealing.mode)
        } catch {
            throw SegmentSealing.failure(error)
        }
    }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        if !memberIsOpen {
            deflater.begin(&output)
            memberIsOpen = true
        }
        lines.append(contentsOf: line)
        lines.append(0x0A)
        next += 1
        if next % Self.memberLeaves == 0 {
            endMember()
        } else if lines.count >= Self.pieceBytes {
            if isCancelled() { return "sealing was given up" }
            compress()
        }
        return write(whenOver: Self.pieceBytes)
    }

    /// Writes what is compressed so far. Returns where the last whole member ends.
    func writeMembers() throws(AuditLogError) -> Int64 {
        _ = write(whenOver: 0)
        if let failure { throw SegmentSealing.failure(failure) }
        return memberEnd
    }

    /// The file with its last member ended; not yet synced.
    func finish() throws(AuditLogError) -> AppendFile {
        if memberIsOpen { endMember() }
        _ = write(whenOver: 0)
        if let failure { throw SegmentSealing.failure(failure) }
        return file
    }

    private func compress() {
        deflater.add(lines, to: &output)
        lines.removeAll(keepingCapacity: true)
    }

    private func endMember() {
        compress()
        deflater.finish(&output)
        memberIsOpen = false
        memberEnd = file.length + Int64(output.count)
    }

    private func write(whenOver limit: Int) -> String? {
        guard output.count > limit else { return nil }
        do throws(FileError) {
            try file.append(output)
            output.removeAll(keepingCapacity: true)
            if file.length - syncedTo >= Self.syncBytes {
                try file.sync()
                syncedTo = file.length
            }
            return nil
        } catch {
            failure = error
            return "the archive cannot be written"
        }
    }
}
