import OrderedJSON

/// What SkyPay takes for a partner's answer to a callback (`skypay-api.md §1` "Writing", §3): written
/// apart from what the runner makes its answers of, so that each can find the other's mistakes.
enum PartnerAnswer {
    /// A member of a good answer: its names (the vendor's pages write some with a space), its length
    /// in UTF-16 units, what its text must be, and whether it may be left out.
    private struct Member {
        let names: [String]
        let length: Int
        var holds: TextForms.Form = TextForms.isNotBlank
        var isOptional = false
    }

    private static let base = [
        Member(names: ["responseTime"], length: 24, holds: isTime),
        Member(names: ["responseCode"], length: 5, holds: isCode),
        Member(names: ["responseDescription"], length: 255),
    ]

    private static let more: [String: [Member]] = [
        "payoutInquiry": [
            Member(names: ["controlNumber"], length: 50),
            Member(names: ["sender"], length: 100),
            Member(names: ["senderAddress", "sender address"], length: 500),
            Member(names: ["name"], length: 50, holds: TextForms.isName),
            Member(names: ["birthday"], length: 10, holds: TextForms.isDate),
            Member(names: ["identificationId"], length: 50),
            Member(names: ["idType"], length: 50),
            Member(names: ["phone"], length: 11, holds: TextForms.isPhone),
            Member(names: ["amount"], length: 13, holds: TextForms.isAmount),
            Member(names: ["idcardPicType"], length: 50),
            Member(names: ["idcardPicUrl"], length: 500),
            Member(names: ["contractNumber"], length: 50, isOptional: true),
            Member(names: ["location"], length: 500),
        ],
        "collectionInquiry": [
            Member(names: ["amount"], length: 13, holds: TextForms.isAmount),
            Member(names: ["payerName"], length: 50, holds: TextForms.isName),
            Member(names: ["payerAddress", "payer address"], length: 500),
            Member(names: ["payerPhone"], length: 11, holds: TextForms.isPhone),
        ],
    ]

    private static let isCode: TextForms.Form = { $0.wholeMatch(of: /-?[0-9]{4}/) != nil }
    private static let isTime: TextForms.Form = { text in
        text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{4}/)
            != nil && TextForms.isDate(String(text.prefix(10)))
    }

    /// What is wrong with an answer to a callback; nil when nothing is. Names, never values.
    static func fault(in answer: JSONObject, to message: JSONValue) -> String? {
        let isGood = answer["responseCode"] == "1000"
        let extra = more[message["action"]?.stringValue ?? ""] ?? []
        let members = base + (isGood ? extra : [])
        for member in members {
            let found = member.names.compactMap { answer[$0] }.first
            guard let found else {
                if member.isOptional { continue }
                return "the answer has no \(member.names[0])"
            }
            guard let text = found.stringValue, text.utf16.count <= member.length,
                !TextForms.hasControl(text), member.holds(text)
            else { return "the answer's \(member.names[0]) is malformed" }
        }
        let known = members.flatMap(\.names)
        if let unknown = answer.members.first(where: { !known.contains($0.name) }) {
            return "the answer has \(unknown.name), which the contract does not"
        }
        let number = answer["controlNumber"]
        return number == nil || number == message["controlNumber"]
            ? nil : "the answer is about another control number"
    }
}
