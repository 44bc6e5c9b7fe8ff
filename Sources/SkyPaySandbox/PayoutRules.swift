import OrderedJSON
import SkyPay

/// The sandbox's own reading of `skypay-api.md §2` for payoutQueue. It shares nothing with
/// `ActionTable`, so that each can find the other's mistakes.
struct PayoutRules {
    /// A refusal: the code SkyPay would answer, and the field at fault.
    struct Refusal: Equatable {
        let code: ReturnCode
        let reason: String
    }

    private static let required = [
        "sender", "controlNumber", "name", "phone", "amount", "accountNo", "withdrawChannel",
    ]
    private static let lengths: [String: Int] = [
        "userName": 50, "action": 50, "authentication": 255, "sender": 100, "controlNumber": 15,
        "name": 50, "phone": 11, "amount": 13, "bankNo": 50, "accountNo": 50,
        "withdrawChannel": 5, "identificationId": 50, "identificationTypeId": 3, "idType": 50,
        "idcardPicType": 50, "idcardPicUrl": 500, "birthday": 10, "birthPlace": 250,
        "location": 500, "provinceId": 9, "cityId": 9, "expiryDate": 50,
    ]
    private static let bankOnly = [
        "bankNo", "identificationTypeId", "birthPlace", "provinceId", "cityId", "expiryDate",
    ]
    private static let walletOnly = ["idType", "idcardPicType", "idcardPicUrl"]

    let prefix: String?

    /// The refusal of a request, or its amount and channel.
    func check(_ fields: JSONObject) -> Result<(amount: Amount, channel: String), RefusalError> {
        var texts: [String: String] = [:]
        for member in fields.members {
            guard let limit = Self.lengths[member.name] else {
                return refuse(.missingParameter, "unknown parameter \(member.name)")
            }
            guard let text = member.value.stringValue else {
                return refuse(.missingParameter, "\(member.name) is not a string")
            }
            if text.isEmpty { continue }
            guard text.utf16.count <= limit, !text.contains(where: \.isControl) else {
                return refuse(Self.code(of: member.name), "\(member.name) is malformed")
            }
            texts[member.name] = text
        }
        for name in Self.required where texts[name] == nil {
            return refuse(.missingParameter, "\(name) is missing")
        }
        if let name = malformed(texts) {
            return refuse(Self.code(of: name), "\(name) is malformed")
        }
        guard let amount = texts["amount"].flatMap(Amount.init(wire:)), amount > .zero else {
            return refuse(.missingParameter, "amount is malformed")
        }
        return .success((amount, texts["withdrawChannel"] ?? ""))
    }

    private func refuse(
        _ code: ReturnCode, _ reason: String
    ) -> Result<(amount: Amount, channel: String), RefusalError> {
        .failure(RefusalError(refusal: Refusal(code: code, reason: reason)))
    }

    /// The first field whose form is wrong.
    private func malformed(_ texts: [String: String]) -> String? {
        let channel = texts["withdrawChannel"] ?? ""
        let isBank = channel == "5"
        guard isBank || ["6", "8", "15"].contains(channel) else { return "withdrawChannel" }
        if isBank, texts["bankNo"] == nil { return "bankNo" }
        let foreign = isBank ? Self.walletOnly : Self.bankOnly
        if let name = foreign.first(where: { texts[$0] != nil }) { return name }
        if let prefix, let number = texts["controlNumber"], !number.hasPrefix(prefix) {
            return "controlNumber"
        }
        let forms = isBank ? Self.forms : Self.forms + [("accountNo", Self.isPhone)]
        return forms.first { name, holds in texts[name].map { !holds($0) } ?? false }?.0
    }

    private static func code(of field: String) -> ReturnCode {
        switch field {
        case "controlNumber": .prefixIncorrect
        case "bankNo": .bankNumberIncorrect
        case "accountNo", "phone": .invalidAccountNumber
        case "provinceId", "cityId": .bankCityIncorrect
        default: .missingParameter
        }
    }
}

/// A refusal as an error.
struct RefusalError: Error {
    let refusal: PayoutRules.Refusal
}

extension PayoutRules {
    private typealias Form = (String, @Sendable (String) -> Bool)

    private static let forms: [Form] = [
        (
            "controlNumber",
            {
                $0.wholeMatch(of: /[A-Za-z0-9]{2,5}[0-9]{8,13}/) != nil
                    && (13...15).contains($0.count)
            }
        ),
        ("name", { $0.wholeMatch(of: /[^,]*[^, ][^,]*,[^,]*[^, ][^,]*(,[^,]*){0,2}/) != nil }),
        ("phone", isPhone),
        ("amount", { $0.wholeMatch(of: /(0|[1-9][0-9]{0,9})\.[0-9]{2}/) != nil }),
        ("accountNo", isAccount),
        ("identificationTypeId", isNumber), ("provinceId", isNumber), ("cityId", isNumber),
        ("birthday", isDate),
        ("sender", isNotBlank), ("bankNo", isNotBlank), ("identificationId", isNotBlank),
        ("idType", isNotBlank), ("idcardPicType", isNotBlank), ("idcardPicUrl", isNotBlank),
        ("birthPlace", isNotBlank), ("location", isNotBlank), ("expiryDate", isNotBlank),
    ]

    private static let isPhone: @Sendable (String) -> Bool = {
        $0.wholeMatch(of: /0[89][0-9]{9}/) != nil
    }
    private static let isNumber: @Sendable (String) -> Bool = {
        $0.wholeMatch(of: /[0-9]+/) != nil
    }
    private static let isNotBlank: @Sendable (String) -> Bool = { $0.contains { $0 != " " } }

    private static let isAccount: @Sendable (String) -> Bool = { text in
        text.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?/) != nil
            && text.contains(/[0-9]/) && text.wholeMatch(of: /[0-9]+[eE]-?[0-9]+/) == nil
    }

    private static let isDate: @Sendable (String) -> Bool = { text in
        guard let match = text.wholeMatch(of: /([0-9]{4})-([0-9]{2})-([0-9]{2})/),
            let year = Int(match.1), let month = Int(match.2), let day = Int(match.3), year > 0
        else { return false }
        let leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
        let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return lengths.indices.contains(month - 1) && (1...lengths[month - 1]).contains(day)
    }
}

extension Character {
    fileprivate var isControl: Bool {
        unicodeScalars.contains {
            $0.properties.generalCategory == .control || $0 == "\u{2028}" || $0 == "\u{2029}"
        }
    }
}
