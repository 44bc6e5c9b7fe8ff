/// An amount of Philippine pesos, in whole centavos: money is never a floating-point number.
public struct Amount: Sendable, Hashable, Comparable {
    /// The amount in centavos.
    public let centavos: Int64

    /// Nothing.
    public static let zero = Amount(centavos: 0)

    /// The most that AMT can say: 9,999,999,999.99.
    public static let most = Amount(centavos: 999_999_999_999)

    /// Integer digits an AMT may have (`skypay-api.md §1`).
    public static let maxIntegerDigits = 10
    /// Integer digits a total over a file may have.
    public static let maxTotalIntegerDigits = 16

    /// An amount of so many centavos.
    public init(centavos: Int64) { self.centavos = centavos }

    /// Reads AMT as it stands on the wire: 1 to 10 integer digits, a point, exactly 2 decimals; no
    /// sign, no grouping, no leading zero before another digit. Nil for everything else.
    public init?(wire: String) {
        self.init(wire, maxIntegerDigits: Self.maxIntegerDigits)
    }

    /// Reads a control total: as `init(wire:)` with up to 16 integer digits.
    public init?(wireTotal: String) {
        self.init(wireTotal, maxIntegerDigits: Self.maxTotalIntegerDigits)
    }

    /// Reads an amount as the provider may write one, a JSON number in any of its forms (`1500`,
    /// `1500.5`, `1500.0000`, `1.0E7`), as a text perhaps with zeros before it. Nil for what is no such
    /// number or no whole number of centavos, and from 10^16 pesos on; never rounded.
    public init?(provider text: String) {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard parts.count <= 2, let mantissa = parts.first else { return nil }
        let halves = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        let whole = halves[0].utf8
        let fraction = halves.count == 2 ? Array(halves[1].utf8) : []
        guard halves.count == 1 || (halves.count == 2 && !fraction.isEmpty), !whole.isEmpty else {
            return nil
        }
        var digits = Array(whole) + fraction
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard let exponent = parts.count == 2 ? Self.exponent(parts[1]) : 0 else { return nil }
        // Places behind the point that the digits have, and must have: two.
        let places = fraction.count - exponent
        if places > 2 {
            let surplus = digits.suffix(places - 2)
            guard surplus.allSatisfy({ $0 == 0x30 }) else { return nil }
            digits.removeLast(surplus.count)
        } else {
            digits += repeatElement(0x30, count: 2 - places)
        }
        let significant = digits.drop { $0 == 0x30 }
        guard significant.count <= Self.maxTotalIntegerDigits + 2 else { return nil }
        centavos = significant.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// No amount needs more, and nobody has to write down more zeros.
    private static let mostExponent = 40

    private static func exponent(_ text: Substring) -> Int? {
        // No `abs`: the least integer has none, and the text may be anybody's.
        guard let value = Int(text), (-mostExponent...mostExponent).contains(value) else {
            return nil
        }
        return value
    }

    private init?(_ text: String, maxIntegerDigits: Int) {
        let bytes = Array(text.utf8)
        let integerDigits = bytes.count - 3
        guard integerDigits >= 1, integerDigits <= maxIntegerDigits else { return nil }
        guard bytes[integerDigits] == 0x2E else { return nil }
        guard integerDigits == 1 || bytes[0] != 0x30 else { return nil }
        var value: Int64 = 0
        for (position, byte) in bytes.enumerated() where position != integerDigits {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        centavos = value
    }

    /// The wire form, with two decimals: `1500.00`. A negative amount carries a minus sign.
    public var text: String {
        let magnitude = centavos.magnitude
        let cents = magnitude % 100
        return (centavos < 0 ? "-" : "") + "\(magnitude / 100)." + (cents < 10 ? "0" : "")
            + "\(cents)"
    }

    /// The sum.
    public static func + (left: Amount, right: Amount) -> Amount {
        Amount(centavos: left.centavos + right.centavos)
    }

    /// The difference.
    public static func - (left: Amount, right: Amount) -> Amount {
        Amount(centavos: left.centavos - right.centavos)
    }

    /// Smaller first.
    public static func < (left: Amount, right: Amount) -> Bool { left.centavos < right.centavos }
}
