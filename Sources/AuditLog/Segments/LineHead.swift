import Glibc

/// The head of a line, `{"seq":N,"time":"…",`, checked without reading the rest and without taking
/// memory: this runs for every event of every scan.
enum LineHead {
    private static let sequenceMark: StaticString = "{\"seq\":"
    private static let timeMark: StaticString = ",\"time\":\""
    /// Of a 64-bit number.
    private static let digitLimit = 20

    /// The line's time when it is number `sequence`; nil when it is not.
    static func time(_ line: UnsafeRawBufferPointer, sequence: UInt64) -> [UInt8]? {
        stamp(line, sequence: sequence)?.bytes
    }

    /// The line's time when it is number `sequence`, as a value that compares fast; nil when it is
    /// another line.
    static func stamp(_ line: UnsafeRawBufferPointer, sequence: UInt64) -> TimeStamp? {
        guard let number = end(of: sequenceMark, in: line, from: 0),
            let mark = end(ofNumber: sequence, in: line, from: number),
            let time = end(of: timeMark, in: line, from: mark),
            line.count > time + AuditTime.byteCount + 2
        else { return nil }
        return TimeStamp(UnsafeRawBufferPointer(rebasing: line[time..<time + AuditTime.byteCount]))
    }

    private static func end(
        of mark: StaticString, in line: UnsafeRawBufferPointer, from start: Int
    ) -> Int? {
        let count = mark.utf8CodeUnitCount
        guard line.count >= start + count, let base = line.baseAddress,
            memcmp(base + start, mark.utf8Start, count) == 0
        else { return nil }
        return start + count
    }

    /// Behind the digits that stand there, when they are the wanted number in its one form.
    private static func end(
        ofNumber wanted: UInt64, in line: UnsafeRawBufferPointer, from start: Int
    ) -> Int? {
        var value: UInt64 = 0
        var at = start
        while at < line.count, at < start + digitLimit, case let byte = line[at],
            0x30...0x39 ~= byte
        {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(byte - 0x30))
            // No number of the log has a leading zero or more than 64 bits.
            if overflow || carry || (value == 0 && at > start) { return nil }
            value = sum
            at += 1
        }
        return at > start && value == wanted ? at : nil
    }
}

/// The 32 bytes of an event's time; their order is the order of times.
struct TimeStamp: Sendable, Equatable, Comparable {
    private static let form: SIMD32<UInt8> = vector("0000-00-00T00:00:00.000000+08:00")
    /// How far each byte may lie above the form: a digit up to 9, everything else not at all.
    private static let room: SIMD32<UInt8> =
        vector("9999-99-99T99:99:99.999999+08:00") &- form

    /// Big-endian, so that comparing words compares bytes.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// Nil when the bytes do not have the form of a time.
    init?(_ text: UnsafeRawBufferPointer) {
        guard text.count == AuditTime.byteCount,
            case let bytes = text.loadUnaligned(as: SIMD32<UInt8>.self),
            all((bytes &- Self.form) .<= Self.room)
        else { return nil }
        func word(_ offset: Int) -> UInt64 {
            UInt64(bigEndian: text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        words = (word(0), word(8), word(16), word(24))
    }

    var bytes: [UInt8] {
        let stored = (
            words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
        )
        return withUnsafeBytes(of: stored) { Array($0) }
    }

    static func == (left: TimeStamp, right: TimeStamp) -> Bool { left.words == right.words }
    static func < (left: TimeStamp, right: TimeStamp) -> Bool { left.words < right.words }

    private static func vector(_ text: StaticString) -> SIMD32<UInt8> {
        UnsafeRawPointer(text.utf8Start).loadUnaligned(as: SIMD32<UInt8>.self)
    }
}
