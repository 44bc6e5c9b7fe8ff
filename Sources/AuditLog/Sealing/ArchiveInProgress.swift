import DurableFiles
import Locks

/// The archive of a segment while it is made: compressed anew aside, read back and indexed as far as
/// whole members of the segment have been taken in. In pieces or at once, the bytes are the same.
///
/// Sendable since one thread uses it at a time: that of `ArchiveAhead` until it is done, then the writer's.
final class ArchiveInProgress: @unchecked Sendable {
    let aside: String
    private let path: String
    private let writer: ArchiveWriter
    private let check: ArchiveCheck
    /// The one thing that another thread may touch at any time.
    private let isCancelled = Locked(false)
    /// Of the segment: the members before it are taken in.
    private(set) var position: Int64 = 0
    /// Of the archive: the members before it are read back.
    private var checkedTo: Int64 = 0

    /// Begins it, and removes what a crash left of an earlier one.
    /// - Parameter start: the tree at the segment's first event.
    init(
        _ layout: LogLayout, _ description: LogDescription, start: TreeEdge
    ) throws(AuditLogError) {
        path = layout.segment(start.size)
        aside = Self.aside(layout, start.size)
        do throws(FileError) {
            try DurableFiles.remove(aside)
        } catch {
            throw SegmentSealing.failure(error)
        }
        let isCancelled = isCancelled
        writer = try ArchiveWriter(aside, first: start.size) { isCancelled.withLock { $0 } }
        check = ArchiveCheck(
            start: start,
            index: SegmentIndexBuilder(first: start.size, fields: description.indexedFields))
    }

    /// Where the archive of the segment that begins with `first` lies while it is made.
    static func aside(_ layout: LogLayout, _ first: UInt64) -> String {
        DurableFiles.temporaryPath(for: layout.segment(first))
    }

    /// Whatever takes in members ends with an error, within a piece of the archive.
    func cancel() { isCancelled.withLock { $0 = true } }

    /// Takes in the members of the segment up to a byte where one ends, and reads back those of the
    /// archive that are whole by then.
    func take(upTo end: Int64) throws(AuditLogError) {
        guard end > position else { return }
        let scan = try SegmentScanner(
            RangeFile(try OpenedFile(path), upTo: end), from: position, visitor: writer,
            keepsTail: false
        ).scan()
        guard case .whole = scan, writer.failure == nil else {
            throw writer.failure.map(SegmentSealing.failure)
                ?? AuditLogError(.damaged, "\(path) cannot be read back for sealing: \(scan)")
        }
        position = end
        try readBack(upTo: try writer.writeMembers())
    }

    /// Takes in what is left. Nothing replaces the events before it has been read and gives their very
    /// tree: `edge`.
    func finish(_ edge: TreeEdge) throws(AuditLogError) -> (
        archive: AppendFile, check: ArchiveCheck
    ) {
        try take(upTo: .max)
        let archive = try writer.finish()
        try readBack(upTo: archive.length)
        guard check.edge == edge, try OpenedFile(aside).length == archive.length else {
            throw notGivenBack
        }
        return (archive, check)
    }

    private func readBack(upTo end: Int64) throws(AuditLogError) {
        guard end > checkedTo else { return }
        let scan = try SegmentScanner(
            RangeFile(try OpenedFile(aside), upTo: end), from: checkedTo, form: .sealed,
            visitor: check, keepsTail: false
        ).scan()
        guard case .whole = scan else { throw notGivenBack }
        checkedTo = end
    }

    private var notGivenBack: AuditLogError {
        AuditLogError(
            .stopped, "\(aside) does not give back the events it was made of: check the disk")
    }
}
