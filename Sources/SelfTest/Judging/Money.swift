/// Money in whole centavos, read and written by rules of its own: the judge shares none with the
/// runner.
enum Money {
    /// `1500.00` as 150000; nil for any other form.
    static func centavos(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 2, !parts[0].isEmpty,
            (parts[0] + parts[1]).utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(parts[0] + parts[1])
    }

    /// 150000 as `1500.00`.
    static func text(_ centavos: Int64) -> String {
        let rest = String(centavos % 100)
        return String(centavos / 100) + "." + (rest.utf8.count == 1 ? "0" : "") + rest
    }

    /// 150000 as `1,500.00`, for people.
    static func shown(_ centavos: Int64) -> String {
        Figure.grouped(Int(centavos / 100)) + text(centavos % 100).dropFirst()
    }
}

/// Whole numbers for people.
enum Figure {
    /// 12345 as `12,345`.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0, digits[index - 1] != "-" { text += "," }
            text.append(digit)
        }
        return text
    }

    /// `1 file`, `2 files`.
    static func count(_ number: Int, _ one: String, _ many: String) -> String {
        grouped(number) + " " + (number == 1 ? one : many)
    }
}

/// Times in microseconds since 1970, so that two clocks' texts can be compared.
enum Moment {
    private static let secondsPerDay: Int64 = 86_400

    /// `2026-11-21T16:30:00.123456+08:00`, as the audit log writes them; nil for any other form.
    static func microseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 32, bytes[10] == UInt8(ascii: "T"), bytes[19] == UInt8(ascii: "."),
            text.hasSuffix("+08:00"), let year = number(bytes, 0, 4),
            let month = number(bytes, 5, 2), let day = number(bytes, 8, 2),
            let hour = number(bytes, 11, 2), let minute = number(bytes, 14, 2),
            let second = number(bytes, 17, 2), let fraction = number(bytes, 20, 6)
        else { return nil }
        let days = days(year, month, day)
        let seconds = days * secondsPerDay + hour * 3_600 + minute * 60 + second - 8 * 3_600
        return seconds * 1_000_000 + fraction
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int64? {
        Int64(String(decoding: bytes[start..<start + count], as: UTF8.self))
    }

    /// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that the leap day
    /// is the last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + ofYear - 719_468
    }
}
