/// An amount of Philippine pesos, in whole centavos: money is never a floating-point number.
public struct Amount: Sendable, Hashable, Comparable {
    /// The amount in centavos.
    public let centavos: Int64

    /// Nothing.
    public static let zero = Amount(centavos: 0)

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

    /// Reads an amount as the provider writes one: digits, perhaps with one or two decimals
    /// (`1500`, `1500.5`, `1500.00`). Nil for everything else, three decimals too.
    public init?(provider text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1].utf8.count : 0
        guard parts.count == 1 || (parts.count == 2 && (1...2).contains(decimals)) else {
            return nil
        }
        let whole =
            text + (parts.count == 1 ? "." : "") + String(repeating: "0", count: 2 - decimals)
        self.init(whole, maxIntegerDigits: Self.maxTotalIntegerDigits)
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
