/// Reads the time of an audit event, `2026-11-21T04:10:19.123456+08:00`, by its fixed columns.
enum EventTime {
    /// Unix seconds; nil when the text is not of that form.
    static func unixSeconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 25, bytes[10] == 0x54 else { return nil }
        func number(_ start: Int, _ count: Int) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[start..<start + count] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
            let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let days = daysSinceEpoch(year: year, month: month, day: day)
        return days * 86_400 + hour * 3_600 + minute * 60 + second - 8 * 3_600
    }

    /// The first whole unix second that is not before it: what has to be so many seconds ago is
    /// counted from here, since a time cut to its second is up to a second too early. Nil when the
    /// text is not of that form.
    static func unixSecondsRoundedUp(_ text: String) -> Int64? {
        guard let whole = unixSeconds(text) else { return nil }
        let fraction = text.utf8.dropFirst(wholeLength).prefix { $0 != 0x2B }
        return fraction.contains { (0x31...0x39).contains($0) } ? whole + 1 : whole
    }

    /// Bytes up to the fraction of the second.
    private static let wholeLength = 19

    /// Days from 1970-01-01 in the Gregorian calendar, counting years from March.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
