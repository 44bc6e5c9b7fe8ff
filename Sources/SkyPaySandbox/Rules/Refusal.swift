import SkyPay

/// Why the provider refuses a request: the code it answers, and what is at fault. Never a value.
struct Refusal: Error, Equatable {
    let code: ReturnCode
    let reason: String

    init(_ code: ReturnCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// A field that does not keep its form.
    init(malformed field: String) {
        self.init(Self.code(of: field), "\(field) is malformed")
    }

    /// What SkyPay answers to a fault in this field (`skypay-api.md §4`).
    static func code(of field: String) -> ReturnCode {
        switch field {
        case "controlNumber", "contractNumber": .prefixIncorrect
        case "bankNo": .bankNumberIncorrect
        case "accountNo", "phone": .invalidAccountNumber
        case "provinceId", "cityId": .bankCityIncorrect
        default: .missingParameter
        }
    }
}
