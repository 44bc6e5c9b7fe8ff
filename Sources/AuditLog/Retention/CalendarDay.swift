/// A day in +08:00, counted from 1970-01-01.
struct CalendarDay: Comparable, Hashable {
    let number: Int64

    private static let secondsPerDay: Int64 = 86_400

    init(number: Int64) { self.number = number }

    /// Reads `2026-11-21`, or the beginning of an event's time; nil for what is no day.
    init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8.prefix(10))
        guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return nil }
        func value(_ range: Range<Int>) -> Int64? {
            guard bytes[range].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        guard let year = value(0..<4), let month = value(5..<7), let day = value(8..<10),
            (1...12).contains(month), day >= 1
        else { return nil }
        self.init(number: Self.number(year, month, day))
        guard self.text.utf8.elementsEqual(bytes) else { return nil }
    }

    /// `2026-11-21`.
    var text: String {
        let seconds = number * Self.secondsPerDay - AuditTime.zoneSeconds
        return String(AuditTime.text((seconds, 0)).prefix(10))
    }

    /// Days since 1970-01-01 of a Gregorian date, counting years from March.
    private static func number(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }
}

/// How long events are kept: `5y`, `18m` (months) or `400d`.
public struct KeepTime: Sendable, Equatable, CustomStringConvertible {
    private let count: Int64
    private let unit: Character

    /// The most years, months or days.
    static let limit: Int64 = 36_500

    /// Reads a number from 1 on and its unit: `y`, `m` for months, `d`.
    /// - Throws: `AuditLogError` with code `refused`.
    public init(_ text: String) throws(AuditLogError) {
        guard let unit = text.last, "ymd".contains(unit),
            let count = CheckpointText.number(text.dropLast()).flatMap(Int64.init(exactly:)),
            (1...Self.limit).contains(count)
        else {
            throw AuditLogError(.refused, "a time to keep is a number and y, m or d: 5y")
        }
        self.count = count
        self.unit = unit
    }

    /// As read.
    public var description: String { "\(count)\(unit)" }

    /// True when events would be past it that `other` still keeps.
    /// - Parameter now: unix seconds and microseconds.
    public func isShorter(
        than other: KeepTime, at now: (seconds: Int64, microseconds: Int32)
    ) -> Bool {
        cutoff(now) > other.cutoff(now)
    }

    /// Events before this time text are past it. In years and months the date is counted, not days:
    /// 5y before 2031-11-21 is 2026-11-21; a day that month lacks stands for the month's end.
    func cutoff(_ now: (seconds: Int64, microseconds: Int32)) -> String {
        if unit == "d" {
            return AuditTime.text((now.seconds - count * 86_400, now.microseconds))
        }
        let text = AuditTime.text(now)
        let months = unit == "y" ? count * 12 : count
        let year = Int64(text.prefix(4)) ?? 0
        let month = Int64(text.dropFirst(5).prefix(2)) ?? 1
        // Never before year 0: such a log has nothing past it.
        let all = max(0, year * 12 + month - 1 - months)
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(all / 12, 4))-\(padded(all % 12 + 1, 2))\(text.dropFirst(7))"
    }
}
