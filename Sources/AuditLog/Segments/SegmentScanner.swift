import Glibc

/// Is told what a scan finds, in order.
protocol SegmentVisitor: AnyObject {
    /// A member starts at this byte of the segment.
    func memberBegan(at offset: Int64)
    /// One line without its newline; returns why the scan must stop, nil to go on.
    func line(_ line: UnsafeRawBufferPointer) -> String?
    /// The member was whole, its checksum right; the next byte is at this offset.
    func memberEnded(at offset: Int64)
}

extension SegmentVisitor {
    func memberBegan(at offset: Int64) {}
    func memberEnded(at offset: Int64) {}
}

/// How a scan of a segment ended.
enum ScanEnd {
    /// After a whole member, at the end of the file.
    case whole
    /// The bytes ended inside a member: a live log, or a torn tail.
    case open(SegmentTail)
    /// Bytes that are not what they should be.
    case broken(SegmentTail, String)
}

/// What is known of a member that is not whole.
struct SegmentTail {
    /// Where the member starts.
    var memberOffset: Int64
    /// Just behind the last flush that ends on a whole line; nil when there is none.
    var boundary: Int64?
    /// CRC-32 and length of the lines up to the boundary.
    var checksum: UInt32 = 0
    var length: UInt32 = 0
    /// Whole lines behind the boundary, with their newlines.
    var extra: [UInt8] = []
    /// Where reading stopped.
    var stoppedAt: Int64
}

/// Reads a segment front to back, strictly: exact header bytes, whole lines, right checksums, no
/// empty member, nothing between members (audit-log.md, rules 2 and 5).
final class SegmentScanner {
    private static let chunkBytes = 65_536
    private static let tooLong = "a line is longer than allowed"
    private let file: RangeFile
    private let visitor: any SegmentVisitor
    private let inflater: RawInflater
    private var form: SegmentForm?
    private var input = [UInt8](repeating: 0, count: chunkBytes)
    private var inputAt = 0
    private var inputEnd = 0
    private var output = [UInt8](repeating: 0, count: chunkBytes)
    private let keepsTail: Bool
    /// What has been inflated since the last boundary (of no use without `keepsTail`: since the last
    /// whole line).
    private var text: [UInt8] = []
    /// Of that, the lines the visitor took.
    private var wholeCount = 0
    private var lines = 0
    private var position: Int64
    private var tail: SegmentTail

    /// Members of another form than `form` are not accepted; nil takes that of the first member.
    /// `keepsTail`: whether the lines behind the last boundary will be asked for, as repairing does;
    /// it costs the memory of a member.
    init(
        _ file: RangeFile, from offset: Int64, form: SegmentForm? = nil,
        visitor: any SegmentVisitor, keepsTail: Bool = true
    ) throws(AuditLogError) {
        self.file = file
        self.form = form
        self.keepsTail = keepsTail
        self.visitor = visitor
        inflater = try RawInflater()
        position = offset
        tail = SegmentTail(memberOffset: offset, stoppedAt: offset)
    }

    /// Scans to the end of the file or the first thing amiss.
    func scan() throws(AuditLogError) -> ScanEnd {
        while true {
            tail = SegmentTail(memberOffset: position, stoppedAt: position)
            // Also before a header that is none: what a member before it held is not torn.
            forgetText()
            if try !hasInput() { return .whole }
            if let end = try header() { return end }
            if let end = try content() { return end }
            if let end = try trailer() { return end }
            visitor.memberEnded(at: position)
        }
    }

    private func hasInput() throws(AuditLogError) -> Bool {
        if inputAt < inputEnd { return true }
        inputAt = 0
        inputEnd = try file.read(&input, from: position)
        return inputEnd > 0
    }

    /// Takes exactly `count` bytes; fewer at the end of the file.
    private func take(_ count: Int) throws(AuditLogError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, try hasInput() {
            bytes.append(input[inputAt])
            inputAt += 1
            position += 1
        }
        return bytes
    }

    private func header() throws(AuditLogError) -> ScanEnd? {
        let bytes = try take(MemberDeflater.headerBytes)
        let forms = form.map { [$0] } ?? SegmentForm.allCases
        guard let found = forms.first(where: { $0.header.starts(with: bytes) }) else {
            return broken("not a member header")
        }
        if bytes.count < MemberDeflater.headerBytes { return open() }
        form = found
        inflater.reset()
        lines = 0
        visitor.memberBegan(at: tail.memberOffset)
        return nil
    }

    private func content() throws(AuditLogError) -> ScanEnd? {
        while true {
            guard try hasInput() else { return open() }
            let (used, produced, step) = input[inputAt..<inputEnd].withUnsafeBufferPointer {
                input in
                output.withUnsafeMutableBufferPointer { inflater.step(input, $0) }
            }
            inputAt += used
            position += Int64(used)
            if let problem = split(produced) { return broken(problem) }
            switch step {
            case .broken: return broken("the compressed data is damaged")
            case .padded: return broken("hidden bits in the compressed data")
            case .ended: return isBetweenLines ? nil : broken("a member ends inside a line")
            case .boundary where isBetweenLines && lines > 0: markBoundary()
            case .boundary, .more: break
            }
        }
    }

    private var isBetweenLines: Bool { text.count == wholeCount }

    private func markBoundary() {
        tail.boundary = position
        tail.checksum = UInt32(truncatingIfNeeded: inflater.checksum)
        tail.length = inflater.length
        forgetText()
    }

    private func forgetText() {
        text.removeAll(keepingCapacity: true)
        wholeCount = 0
    }

    /// Gives whole lines to the visitor, keeps the rest.
    private func split(_ produced: Int) -> String? {
        let fresh = text.count
        text.append(contentsOf: output[..<produced])
        let problem = text.withUnsafeBytes { deliverLines($0, fresh: fresh) }
        if problem == nil, text.count - wholeCount > Event.lineLimitBytes { return Self.tooLong }
        if !keepsTail {
            text.removeFirst(wholeCount)
            wholeCount = 0
        }
        return problem
    }

    private func deliverLines(_ text: UnsafeRawBufferPointer, fresh: Int) -> String? {
        var start = wholeCount
        defer { wholeCount = start }
        var searched = fresh
        while let end = newline(in: text, from: searched) {
            if end - start > Event.lineLimitBytes { return Self.tooLong }
            let line = UnsafeRawBufferPointer(rebasing: text[start..<end])
            if let problem = visitor.line(line) { return problem }
            lines += 1
            start = end + 1
            searched = start
        }
        return nil
    }

    private func newline(in text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = text.baseAddress,
            let found = memchr(base + start, 0x0A, text.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    private func trailer() throws(AuditLogError) -> ScanEnd? {
        let bytes = try take(MemberDeflater.trailerBytes)
        if bytes.count < MemberDeflater.trailerBytes { return open() }
        func number(_ start: Int) -> UInt32 {
            bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard number(0) == UInt32(truncatingIfNeeded: inflater.checksum),
            number(4) == inflater.length
        else { return broken("a member's checksum is wrong") }
        return lines > 0 ? nil : broken("an empty member")
    }

    private func open() -> ScanEnd {
        endTail()
        return .open(tail)
    }

    private func broken(_ problem: String) -> ScanEnd {
        endTail()
        return .broken(tail, problem)
    }

    private func endTail() {
        tail.stoppedAt = position
        if keepsTail { tail.extra = Array(text[..<wholeCount]) }
    }
}
