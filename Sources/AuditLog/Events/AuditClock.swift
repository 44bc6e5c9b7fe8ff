import Glibc

/// Where event times come from; a parameter, so that tests need not wait.
public protocol AuditClock: Sendable {
    /// Unix time, UTC: whole seconds, and microseconds 0…999,999 within the second.
    func now() -> (seconds: Int64, microseconds: Int32)
}

/// The clock of this machine.
public struct SystemAuditClock: AuditClock {
    /// The clock of this machine.
    public init() {}

    /// clock_gettime(CLOCK_REALTIME).
    public func now() -> (seconds: Int64, microseconds: Int32) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return (Int64(time.tv_sec), Int32(time.tv_nsec / 1_000))
    }
}

/// The time text of events: RFC 3339, microseconds, always +08:00, always 32 bytes, so that the
/// order of texts is the order of times.
enum AuditTime {
    static let byteCount = 32
    static let zoneSeconds: Int64 = 8 * 3_600

    static func text(_ time: (seconds: Int64, microseconds: Int32)) -> String {
        let local = time.seconds + zoneSeconds
        let days = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let second = Int(local - days * 86_400)
        let (year, month, day) = civil(days)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        append(year, 4, 0x2D, to: &bytes)
        append(month, 2, 0x2D, to: &bytes)
        append(day, 2, 0x54, to: &bytes)
        append(second / 3_600, 2, 0x3A, to: &bytes)
        append(second / 60 % 60, 2, 0x3A, to: &bytes)
        append(second % 60, 2, 0x2E, to: &bytes)
        append(Int(time.microseconds), 6, 0x2B, to: &bytes)
        bytes.append(contentsOf: "08:00".utf8)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// True when the text has the form of an event's time: digits and marks in their places.
    static func isWellFormed(_ text: some Collection<UInt8>) -> Bool {
        let form = "0000-00-00T00:00:00.000000+08:00".utf8
        guard text.count == byteCount else { return false }
        return zip(form, text).enumerated().allSatisfy { place, pair in
            pair.0 == 0x30 && place < 26 ? (0x30...0x39).contains(pair.1) : pair.0 == pair.1
        }
    }

    private static func append(
        _ value: Int, _ width: Int, _ mark: UInt8, to bytes: inout [UInt8]
    ) {
        var scale = 1
        for _ in 1..<width { scale *= 10 }
        while scale > 0 {
            bytes.append(0x30 + UInt8(value / scale % 10))
            scale /= 10
        }
        bytes.append(mark)
    }

    /// Gregorian date of a day number (0 is 1970-01-01), counting years from March.
    private static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(day))
    }
}
