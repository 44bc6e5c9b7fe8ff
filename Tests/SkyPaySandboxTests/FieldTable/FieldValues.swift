import OrderedJSON
import SkyPay

/// Values for probing a field, by its form alone.
enum FieldValues {
    /// The longest text the field may have.
    static func longest(
        of field: FieldSpecification, _ table: ActionTable, _ channel: PayoutChannel?
    ) -> String {
        func digits(_ count: Int) -> String { String(repeating: "9", count: count) }
        switch field.form {
        case .text: return String(repeating: "é", count: field.maxLength)
        case .controlNumber: return "SKY99" + digits(10)
        case .name: return "Dela Cruz," + String(repeating: "J", count: field.maxLength - 10)
        case .amount: return "9999999999.99"
        case .account: return channel?.isWallet == true ? "09171234567" : digits(field.maxLength)
        case .digits: return digits(field.maxLength)
        case .oneOf(let words): return words.max { $0.utf16.count < $1.utf16.count } ?? ""
        default: return field.example(in: table, channel: channel)
        }
    }

    /// One character more than it may have.
    static func tooLong(of field: FieldSpecification, _ longest: String) -> String {
        switch field.form {
        case .amount: "1" + longest
        case .channel: longest + String(repeating: "0", count: field.maxLength)
        case .listOf: longest + " 1"
        default: longest + (field.form == .text || field.form == .name ? "z" : "1")
        }
    }

    /// Values of kinds the field does not take.
    static func wrongTypes(of field: FieldSpecification) -> [JSONValue] {
        let nested: JSONValue = ["a": "b"]
        let number: [JSONValue] = field.takesNumber || field.writing == .number ? [] : [5]
        let list: [JSONValue] = field.writing == .list ? [[1, 3], [["1"]]] : [["1"]]
        return [true, nested] + number + list
    }

    /// Texts within the length that are not of the form.
    static func wrongPatterns(
        of field: FieldSpecification, _ table: ActionTable, _ channel: PayoutChannel?
    ) -> [String] {
        switch field.form {
        case .text: ["  ", "a\u{7}b", "a\nb", "a\u{2028}b", "a\u{7F}"]
        case .controlNumber:
            [
                "ABC9912345678", "SKY99 2345678", "SKY991234567", "SKY991234567A",
                "sky9912345678", "SKY99１234567８", "SKY99-1234567",
            ]
        case .name: ["Juan", "a,", ",b", " , ", "a,b,c,d,e", "a\tb,c"]
        case .phone: phones
        case .account:
            channel?.isWallet == true
                ? phones + ["1234567890"] : ["12 34", "-12", "12-", "ABC", "9E9", "12_3", "1e-5"]
        case .amount: field.writing == .number ? ["0.00", "-1.00", "1.000"] : amounts
        case .channel:
            ["06", "6.0", "x", "0", "99"]
                + PayoutChannel.allCases.filter { !table.channels.contains($0) }
                .map { String($0.rawValue) }
        case .digits: ["a", "-1", "1.5", " 1", "１"]
        case .date, .dateTime:
            ["2001-02-29", "2026-13-01", "2026-1-1", "0000-01-01", "20/11/2026", "2026-11-3a"]
        case .companyCode: ["SKY-8", "SK 98", "SKÑ98"]
        case .oneOf(let words): [words[0].lowercased() + "s", words[0].uppercased(), "x"]
        case .listOf: ["7", "1 7", "x", "1 1"]
        default: []
        }
    }

    private static let phones = [
        "9171234567", "07171234567", "+6391712345", "0917 123456", "9.17E+09", "0917123456",
        "０9171234567",
    ]
    private static let amounts = [
        "0.00", "1", "1.0", "1.000", "1,000.00", "-1.00", "+1.00", "01.00", "1e2", ".50", "1,00",
        " 1.00", "1.5E+03",
    ]
}
