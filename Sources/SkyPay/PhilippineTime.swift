/// Times as SkyPay writes them: GMT+8 whatever the machine's zone is (`skypay-api.md`, head). The
/// Philippines keep no summer time, so this is plain arithmetic on the Gregorian calendar.
public enum PhilippineTime {
    /// Seconds by which Philippine time is ahead of UTC.
    public static let offsetSeconds: Int64 = 8 * 3600

    private static let secondsPerDay: Int64 = 86_400
    private static let microsecondsPerSecond: Int64 = 1_000_000

    /// `yyyy-MM-dd HH:mm:ss.SSSS`, the form of `responseTime`; cut, not rounded, at 100 µs.
    public static func wireText(unixMicroseconds: Int64) -> String {
        let (seconds, micros) = floorDivide(unixMicroseconds, microsecondsPerSecond)
        return civil(seconds, separator: " ") + "." + padded(micros / 100, 4)
    }

    /// DT, `yyyy-MM-dd HH:mm:ss`.
    public static func wireText(unixSeconds: Int64) -> String {
        civil(unixSeconds, separator: " ")
    }

    /// RFC 3339 with seconds: `2026-11-21T12:06:18+08:00`.
    public static func rfc3339(unixSeconds: Int64) -> String {
        civil(unixSeconds, separator: "T") + "+08:00"
    }

    /// RFC 3339 with six decimals: `2026-11-21T12:06:18.000001+08:00`.
    public static func rfc3339(unixMicroseconds: Int64) -> String {
        let (seconds, micros) = floorDivide(unixMicroseconds, microsecondsPerSecond)
        return civil(seconds, separator: "T") + "." + padded(micros, 6) + "+08:00"
    }

    /// Reads a date and time without a zone, `T` or a space between, 0–9 decimals (cut at the
    /// microsecond): unix microseconds. Nil for everything else, also for days no calendar has.
    public static func unixMicroseconds(wire text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 19, bytes[10] == 0x20 || bytes[10] == 0x54, bytes[13] == 0x3A,
            bytes[16] == 0x3A, let day = dayNumber(bytes[..<10]),
            let hour = digits(bytes[11..<13]), hour < 24,
            let minute = digits(bytes[14..<16]), minute < 60,
            let second = digits(bytes[17..<19]), second < 60,
            let micros = fraction(bytes[19...])
        else { return nil }
        let seconds = day * secondsPerDay + hour * 3600 + minute * 60 + second - offsetSeconds
        return seconds * microsecondsPerSecond + micros
    }

    /// A date and time in the one form that stands for all its writings (`skypay-api.md §1`,
    /// "Reading"): a space between, no zeros at the end of the decimals, no digit lost. What is no
    /// date and time stays as it is.
    public static func canonical(wire text: String) -> String {
        guard unixMicroseconds(wire: text) != nil else { return text }
        var bytes = Array(text.utf8)
        bytes[10] = 0x20
        if bytes.count > 19 {
            while bytes.last == 0x30 { bytes.removeLast() }
            if bytes.last == 0x2E { bytes.removeLast() }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a text is a calendar date, `yyyy-MM-dd`.
    public static func isDate(_ text: String) -> Bool {
        dayNumber(Array(text.utf8)[...]) != nil
    }

    private static func fraction(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard let point = bytes.first else { return 0 }
        let decimals = bytes.dropFirst()
        guard point == 0x2E, decimals.count <= 9, digits(decimals) != nil || decimals.isEmpty else {
            return nil
        }
        let kept = Array(decimals.prefix(6))
        return digits((kept + Array(repeating: 0x30, count: 6 - kept.count))[...])
    }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard !bytes.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        return value
    }

    /// Days since 1970-01-01 of `yyyy-MM-dd`; nil when there is no such day.
    private static func dayNumber(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let text = Array(bytes)
        guard text.count == 10, text[4] == 0x2D, text[7] == 0x2D,
            let year = digits(text[..<4]), year > 0, let month = digits(text[5..<7]),
            let day = digits(text[8...]), (1...12).contains(month), day >= 1,
            day <= length(ofMonth: month, year)
        else { return nil }
        return days(year, month, day)
    }

    private static func length(ofMonth month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// Howard Hinnant's `days_from_civil`: years begin in March, eras have 400 years.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivide(shifted, 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    private static func civil(_ unixSeconds: Int64, separator: String) -> String {
        let (day, second) = floorDivide(unixSeconds + offsetSeconds, secondsPerDay)
        let (era, dayOfEra) = floorDivide(day + 719_468, 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date = [
            padded(year, 4), padded(month, 2), padded(dayOfYear - (153 * shifted + 2) / 5 + 1, 2),
        ].joined(separator: "-")
        let time = [padded(second / 3600, 2), padded(second / 60 % 60, 2), padded(second % 60, 2)]
        return date + separator + time.joined(separator: ":")
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
        let quotient = value >= 0 ? value / divisor : (value - divisor + 1) / divisor
        return (quotient, value - quotient * divisor)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
