/// Money as a whole number of the smallest unit (centavos for two decimals); never a floating-point
/// number. Sums are 128 bits wide: 10¹⁵ events of the largest amount do not overflow them.
enum ExactAmount {
    /// Digits before the point at most; more is told as odd.
    static let maxIntegerDigits = 15
    /// Decimals a currency may have.
    static let decimalsLimits = 0...6

    /// Reads `1500`, `1500.5` or `1500.00`: digits, and at most `decimals` of them behind a point; no
    /// sign, no grouping, no exponent. Nil for everything else.
    static func parse(_ text: String, decimals: Int) -> Int64? {
        let bytes = Array(text.utf8)
        let point = bytes.firstIndex(of: 0x2E)
        let whole = bytes[..<(point ?? bytes.count)]
        let fraction = point.map { bytes[($0 + 1)...] } ?? []
        guard !whole.isEmpty, whole.count <= maxIntegerDigits,
            point == nil || (1...max(1, decimals)).contains(fraction.count),
            fraction.count <= decimals
        else { return nil }
        var value: Int64 = 0
        for byte in whole + fraction {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        for _ in fraction.count..<decimals { value *= 10 }
        return value
    }

    /// `1500.00`, for machines.
    static func plain(_ value: Int128, decimals: Int) -> String {
        text(value, decimals: decimals, mark: "")
    }

    /// `1,500.00`, for people.
    static func grouped(_ value: Int128, decimals: Int) -> String {
        text(value, decimals: decimals, mark: ",")
    }

    private static func text(_ value: Int128, decimals: Int, mark: String) -> String {
        var digits = String(value.magnitude)
        if digits.count <= decimals {
            digits = String(repeating: "0", count: decimals + 1 - digits.count) + digits
        }
        let whole = grouped(String(digits.dropLast(decimals)), mark)
        let sign = value < 0 ? "-" : ""
        return decimals == 0 ? sign + whole : "\(sign)\(whole).\(digits.suffix(decimals))"
    }

    /// `1,234,567`
    static func grouped(_ digits: String, _ mark: String = ",") -> String {
        if mark.isEmpty { return digits }
        var output = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { output += mark }
            output.append(digit)
        }
        return output
    }

    /// A count with thousands separators.
    static func count(_ number: some BinaryInteger) -> String { grouped(String(number)) }
}
