/// Builds the `.index` of a sealed segment from a scan of its archive: the same archive and the same
/// fields give the same bytes, so anyone can make it anew and compare.
///
/// Memory: at most 16 MiB and the keys of one member.
final class SegmentIndexBuilder: SegmentVisitor {
    private let first: UInt64
    private let fields: [String]
    private let keys: LineKeys
    @exclusivity(unchecked) private var next: UInt64
    private var table: [UInt8] = []
    private var groups: [UInt8] = []
    @exclusivity(unchecked) private var group = KeyGroup()
    private var parts = LineParts()
    /// Keys of this member that the group does not have yet.
    private let waiting = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: keysAtOnce)
    @exclusivity(unchecked) private var waitingCount = 0
    private static let keysAtOnce = 256
    private var memberCount: UInt32 = 0
    private var memberOffset: Int64 = 0
    private var memberFirst: UInt64 = 0
    @exclusivity(unchecked) private var firstSecond: UInt64 = 0
    @exclusivity(unchecked) private var lastSecond = IndexSecond()

    /// - Parameters:
    ///   - first: number of the archive's first event.
    ///   - fields: members of `subject` to index, `indexedFields` of log.json.
    init(first: UInt64, fields: [String]) {
        self.first = first
        self.fields = fields
        keys = LineKeys(fields: fields)
        next = first
    }

    deinit { waiting.deallocate() }

    func memberBegan(at offset: Int64) {
        memberOffset = offset
        memberFirst = next
    }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        guard LineKeys.find(&parts, line) else {
            return "event \(next) is not in canonical form"
        }
        take(line, parts)
        return nil
    }

    /// Takes a line that has been walked over already.
    func take(_ line: UnsafeRawBufferPointer, _ parts: LineParts) {
        lastSecond = IndexSecond(line, timeEnd: parts.timeEnd)
        if next == memberFirst { firstSecond = lastSecond.number }
        addKeys(line, parts)
        next += 1
    }

    /// Through a buffer: the group is reached once for many keys, and not for each.
    private func addKeys(_ line: UnsafeRawBufferPointer, _ parts: LineParts) {
        keys.forEach(line, parts) { hash in
            if waitingCount == Self.keysAtOnce { addWaiting() }
            waiting[waitingCount] = hash
            waitingCount += 1
        }
    }

    private func addWaiting() {
        group.add(UnsafeBufferPointer(rebasing: waiting[..<waitingCount]))
        waitingCount = 0
    }

    func memberEnded(at offset: Int64) {
        table.appendLittleEndian(UInt64(bitPattern: memberOffset))
        table.appendLittleEndian(memberFirst)
        table.appendLittleEndian(firstSecond)
        table.appendLittleEndian(lastSecond.number)
        memberCount += 1
        addWaiting()
        group.endMember()
        if group.isFull { groups += group.finish() }
    }

    /// The bytes of the `.index`, after a scan that ended well.
    /// - Parameter fileLength: bytes of the archive.
    func finish(fileLength: Int64) -> [UInt8] {
        if group.members > 0 { groups += group.finish() }
        var output = SegmentIndex.magic
        output.appendLittleEndian(UInt32(truncatingIfNeeded: fields.count))
        for field in fields {
            output.appendLittleEndian(UInt32(truncatingIfNeeded: field.utf8.count))
            output += Array(field.utf8)
        }
        output.appendLittleEndian(UInt64(bitPattern: fileLength))
        output.appendLittleEndian(first)
        output.appendLittleEndian(next)
        output.appendLittleEndian(memberCount)
        return output + table + groups
    }
}

/// A time to the second as the number its digits make: 20261121080000. Its order is that of times.
struct IndexSecond {
    // "2026-11-21T08:00:00" of the line read last; 24 bytes, the last five unused.
    private var text: (UInt64, UInt64, UInt64) = (0, 0, 0)
    static let textBytes = 19

    init() {}

    /// The time of a line; it ends before byte `timeEnd`.
    @inline(__always)
    init(_ line: UnsafeRawBufferPointer, timeEnd: Int) {
        let start = timeEnd - AuditTime.byteCount
        text = line.loadUnaligned(fromByteOffset: start, as: (UInt64, UInt64, UInt64).self)
    }

    var number: UInt64 {
        withUnsafeBytes(of: text) { bytes in
            bytes.prefix(Self.textBytes).reduce(0) { number, byte in
                (0x30...0x39).contains(byte) ? number * 10 + UInt64(byte - 0x30) : number
            }
        }
    }

    /// The number for a beginning of a time, its missing digits filled up; nil when the text is no
    /// beginning of a time.
    static func number(beginning text: String, filledWith digit: UInt8) -> UInt64? {
        let form = "0000-00-00T00:00:00".utf8
        var number: UInt64 = 0
        var given = text.utf8.makeIterator()
        var isGiven = true
        for mark in form {
            let byte = isGiven ? given.next() : nil
            isGiven = byte != nil
            if mark == 0x30 {
                guard (0x30...0x39).contains(byte ?? digit) else { return nil }
                number = number * 10 + UInt64((byte ?? digit) - 0x30)
            } else if let byte, byte != mark {
                return nil
            }
        }
        return number
    }
}
