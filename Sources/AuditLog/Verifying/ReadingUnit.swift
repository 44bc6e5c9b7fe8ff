import DurableFiles
import Locks
import OrderedJSON

/// Consecutive whole members of a segment (or all of it) that one worker reads: inflate, lines,
/// leaves, subtrees.
struct ReadingUnit: Sendable {
    /// Which segment of those to be read.
    var segment: Int
    var path: String
    /// The file, when it is open already.
    var file: OpenedFile?
    /// Bytes of the file.
    var from: Int64
    var to: Int64
    /// Number its first event must have.
    var first: UInt64
    /// The form its members must have; nil takes that of the first one.
    var form: SegmentForm?
    /// A sealed segment is hashed and indexed while it is read: the fields to index by.
    var indexedFields: [String]?

    /// What all units need to know.
    struct Wanted: Sendable {
        /// Sizes at which the root will be asked for, ascending.
        var sizes: [UInt64]
        /// The newest signed size: events behind it are named.
        var newest: UInt64
        var counter: ReadingCounter
    }

    /// Reads the unit; what is wrong in it is part of the result.
    func read(_ wanted: Wanted) -> UnitReading {
        let index = indexedFields.map { SegmentIndexBuilder(first: first, fields: $0) }
        let visitor = EventFolder(first: first, from: from, wanted: wanted, index: index)
        do throws(AuditLogError) {
            let opened: OpenedFile
            if let file { opened = file } else { opened = try OpenedFile(path) }
            let range = RangeFile(opened, upTo: to, hashing: indexedFields != nil)
            let scanner = try SegmentScanner(
                range, from: from, form: form, visitor: visitor, keepsTail: false)
            var result = visitor.finish(try scanner.scan())
            result.fileBytes = range.length
            guard case .whole = result.end else { return result }
            result.fileSHA256 = range.sha256
            result.index = index?.finish(fileLength: range.length)
            return result
        } catch {
            let tail = SegmentTail(memberOffset: from, stoppedAt: from)
            var result = visitor.finish(.broken(tail, "cannot be read: \(error)"))
            result.refused = error.refusedCall
            return result
        }
    }
}

/// What reading a unit gave; small: one hash for 256 events.
struct UnitReading: Sendable {
    var first: UInt64
    /// The number behind its last event.
    var next: UInt64
    /// Leaves up to the first multiple of 256, and behind the last one.
    var headLeaves: [TreeHash] = []
    var tailLeaves: [TreeHash] = []
    /// Complete subtrees of 256 leaves in between.
    var tiles: [TreeHash] = []
    /// Sizes asked for within `tiles`: hashes of the last, incomplete subtree there.
    var partials: [(size: UInt64, hashes: [TreeHash])] = []
    var firstTime = ""
    var lastTime = ""
    /// Events the log wrote about its structure.
    var own: [OwnRecord] = []
    var members: [MemberHint] = []
    var end: ScanEnd
    /// The call that the disk or a mode refused, when that ended it.
    var refused: FileError?
    /// When a member is damaged: the result with its lines up to there, which no checksum covers.
    var unchecked: [UnitReading] = []
    /// Type of the last signed event, if it is in here.
    var lastSignedType: String?
    /// Types of the first unsigned events.
    var unsigned: [(event: UInt64, type: String)] = []
    var fileBytes: Int64 = 0
    /// Of a sealed segment that is whole.
    var fileSHA256: String?
    var index: [UInt8]?
}

/// An event of the log about itself that verification compares with the files.
struct OwnRecord: Sendable {
    var sequence: UInt64
    var type: String
    var data: JSONObject
}

/// What has been read so far, by all workers.
final class ReadingCounter: Sendable {
    private let counts = Locked<(events: UInt64, bytes: Int64)>((0, 0))

    func add(events: UInt64, bytes: Int64) {
        counts.withLock { counts in
            counts.events += events
            counts.bytes += bytes
        }
    }

    var value: (events: UInt64, bytes: Int64) { counts.withLock { $0 } }
}
