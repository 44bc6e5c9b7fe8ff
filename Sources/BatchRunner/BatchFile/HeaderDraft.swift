internal import OrderedJSON
internal import SkyPay

/// A batch's header while its keys are read: from H and T cells, a JSON envelope or a side file.
struct HeaderDraft {
    /// Where a key or its value stands.
    struct Place {
        var line: Int?
        var column: Int?
    }

    /// Keys of an H record.
    static let openingKeys = ["batch", "action", "mode", "sequence"]
    /// Keys of a T record.
    static let closingKeys = ["count", "amount"]
    /// Keys of a side file.
    static let sideKeys = openingKeys + closingKeys + ["sha256"]
    /// Keys of a JSON envelope.
    static let envelopeKeys = openingKeys + closingKeys + ["items"]

    /// What messages say before the text: the name of the side file, or nothing.
    var source = ""
    private(set) var faults: [Fault] = []
    /// Where each key stands.
    private(set) var places: [String: Place] = [:]
    private(set) var seen: Set<String> = []
    private var batch = ""
    private(set) var action = ""
    private var mode = ""
    private var sequence: Int?
    private var count = 0
    private var amount: Amount?
    private var sha256: String?

    /// Takes the key as read: false when it is unknown, a secret, or there already.
    mutating func begin(_ key: String, allowed: [String], line: Int?, column: Int?) -> Bool {
        let problem: (code: String, message: String)?
        if ActionFields.isSecret(key) {
            problem = (
                FaultCode.secret,
                "\"\(key)\" must not be in a file: the runner adds credentials itself; "
                    + "remove it, and change the credential if the value was a real one"
            )
        } else if !allowed.contains(key) {
            let hint = Suggestion.sentence(for: key, among: allowed)
            problem = (FaultCode.unknownField, "\"\(shown(key))\" is not a known key here\(hint)")
        } else if !seen.insert(key).inserted {
            problem = (FaultCode.duplicateField, "\"\(key)\" stands twice: keep one")
        } else {
            places[key] = Place(line: line, column: column)
            return true
        }
        if let problem { note(problem.code, problem.message, key, line, column) }
        return false
    }

    /// Takes the value of a key that `begin` allowed.
    mutating func set(_ key: String, _ value: JSONValue, line: Int?, column: Int?) {
        let message: String?
        switch key {
        case "batch": message = setBatch(value)
        case "action": message = Self.assign(value.stringValue, to: &action, "a text")
        case "mode": message = setMode(value)
        case "sequence": message = setSequence(value)
        case "count": message = setCount(value)
        case "amount": message = setAmount(value)
        case "sha256": message = setDigest(value)
        default: message = nil
        }
        guard let message else { return }
        let code =
            switch key {
            case "count": FaultCode.count
            case "amount": FaultCode.amount
            default: FaultCode.header
            }
        note(code, message, key, line, column)
    }

    mutating func note(
        _ code: String, _ message: String, _ key: String, _ line: Int?, _ column: Int?
    ) {
        faults.append(
            Fault(
                line: line, column: column, field: ActionFields.isSecret(key) ? nil : shown(key),
                code: code, message: source + message))
    }

    private static func assign(
        _ value: String?, to target: inout String, _ kind: String
    ) -> String? {
        guard let value else { return "must be \(kind)" }
        target = value
        return nil
    }

    private mutating func setBatch(_ value: JSONValue) -> String? {
        guard let text = value.stringValue else { return "batch must be a text" }
        guard !text.isEmpty else {
            return "batch is blank: give the file a batch identifier that was never used before"
        }
        guard text.utf8.count <= BatchLimits.standard.maxBatchNameBytes,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x2C })
        else {
            return "batch must be at most \(BatchLimits.standard.maxBatchNameBytes) letters, "
                + "digits and signs, without spaces, commas and quotes"
        }
        batch = text
        return nil
    }

    private mutating func setMode(_ value: JSONValue) -> String? {
        guard let text = value.stringValue, text == "test" || text == "live" else {
            return "mode must be \"test\" or \"live\""
        }
        mode = text
        return nil
    }

    private mutating func setSequence(_ value: JSONValue) -> String? {
        if value == .string("") || value == .null { return nil }
        guard let number = Self.wholeNumber(value), number > 0 else {
            return "sequence must be a whole number from 1, or left out"
        }
        sequence = number
        return nil
    }

    private mutating func setCount(_ value: JSONValue) -> String? {
        guard let number = Self.wholeNumber(value) else {
            return "count must be the number of rows, a whole number from 0"
        }
        count = number
        return nil
    }

    private mutating func setAmount(_ value: JSONValue) -> String? {
        guard let text = value.stringValue, let total = Amount(wireTotal: text) else {
            return "amount must be the total of the rows as a text with two decimals, \"5400.00\""
        }
        amount = total
        return nil
    }

    private mutating func setDigest(_ value: JSONValue) -> String? {
        let digits = Set("0123456789abcdef".utf8)
        guard let text = value.stringValue?.lowercased(), text.utf8.count == 64,
            text.utf8.allSatisfy(digits.contains)
        else { return "sha256 must be 64 hexadecimal digits" }
        sha256 = text
        return nil
    }

    /// Digits and nothing else: what `Int` would also take is refused, not repaired.
    private static func wholeNumber(_ value: JSONValue) -> Int? {
        guard case .number(let text) = value, text.utf8.count <= 18,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }

    /// The header, complete once both checks have passed.
    var header: BatchHeader {
        BatchHeader(
            batch: batch, action: action, mode: mode, sequence: sequence, count: count,
            amount: amount, sha256: sha256)
    }
}
