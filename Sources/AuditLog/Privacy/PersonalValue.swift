public import OrderedJSON

/// What stands in an event in place of an account or identity number:
/// `{"masked":"*******4567","pseudonym":"p_…"}`, with `"sealed":"2026-11.…"` where configured.
public struct PersonalValue: Sendable, Equatable {
    /// The value with all but its last characters as `*`.
    public var masked: String
    /// The same for the same value, for the life of the log.
    public var pseudonym: String
    /// The whole value, encrypted with the key of the month it begins with.
    public var sealed: String?

    /// Characters of a value of ten or more that stay readable.
    public static let shownCharacters = 4
    /// From this many characters on the last four are shown, below it a third.
    static let fullMaskCharacters = 10

    init(masked: String, pseudonym: String, sealed: String?) {
        self.masked = masked
        self.pseudonym = pseudonym
        self.sealed = sealed
    }

    /// Reads exactly this form; nil for anything else.
    public init?(_ value: JSONValue) {
        guard let object = value.objectValue, let masked = object["masked"]?.stringValue,
            let pseudonym = object["pseudonym"]?.stringValue,
            Self.isMasked(masked), PseudonymKey.isOne(pseudonym)
        else { return nil }
        let names = object.members.map(\.name)
        if names == ["masked", "pseudonym"] {
            self.init(masked: masked, pseudonym: pseudonym, sealed: nil)
        } else if names == ["masked", "pseudonym", "sealed"],
            let sealed = object["sealed"]?.stringValue, SealedText(sealed) != nil
        {
            self.init(masked: masked, pseudonym: pseudonym, sealed: sealed)
        } else {
            return nil
        }
    }

    /// The form in an event.
    public var json: JSONValue {
        var object: JSONObject = ["masked": .string(masked), "pseudonym": .string(pseudonym)]
        if let sealed { object["sealed"] = .string(sealed) }
        return .object(object)
    }

    /// The normalized value with every character but the last shown ones as `*`; a character is a
    /// Unicode scalar.
    static func mask(_ value: String) -> String {
        let scalars = Array(PseudonymKey.normalized(value).unicodeScalars)
        let shown = shown(of: scalars.count)
        var text = String(repeating: "*", count: scalars.count - shown)
        text.unicodeScalars.append(contentsOf: scalars.suffix(shown))
        return text
    }

    /// Four of ten or more; of fewer a third, rounded down.
    static func shown(of count: Int) -> Int {
        count >= fullMaskCharacters ? shownCharacters : count / 3
    }

    private static func isMasked(_ text: String) -> Bool {
        let hidden = text.unicodeScalars.prefix { $0 == "*" }.count
        let count = text.unicodeScalars.count
        return hidden > 0 && count - hidden <= shown(of: count)
    }
}

/// `2026-11.` and the base64 of nonce, ciphertext and tag.
struct SealedText {
    static let leastBytes = 12 + 16
    let month: String
    let bytes: [UInt8]

    init(month: String, bytes: [UInt8]) {
        self.month = month
        self.bytes = bytes
    }

    init?(_ text: String) {
        let month = String(text.prefix(7))
        guard CalendarMonth.isOne(month), text.dropFirst(7).first == ".",
            let bytes = Base64.decode(text.dropFirst(8).utf8), bytes.count >= Self.leastBytes
        else { return nil }
        self.init(month: month, bytes: bytes)
    }

    var text: String { "\(month).\(Base64.encode(bytes))" }
}

/// Months as texts, `2026-11`, in +08:00.
enum CalendarMonth {
    /// The month of a time.
    static func of(_ time: (seconds: Int64, microseconds: Int32)) -> String {
        String(AuditTime.text(time).prefix(7))
    }

    /// True for `0000-01` to `9999-12`.
    static func isOne(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 7, bytes[4] == 0x2D else { return false }
        let digits = bytes[..<4] + bytes[5...]
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        let month = (bytes[5] - 0x30) * 10 + bytes[6] - 0x30
        return (1...12).contains(month)
    }
}
