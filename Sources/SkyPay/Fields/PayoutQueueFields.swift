public import OrderedJSON

/// The fields of `payoutQueue` (`skypay-api.md §2`, 3.1). One table, from which rows are checked
/// and the table in docs/skypay-protocol.md is made.
public enum PayoutQueueFields {
    /// Every field a row may have, in the order of the contract.
    public static let table: [FieldSpecification] = [
        .init("sender", 100, .defaulted),
        .init("controlNumber", 15, .always, .any, .controlNumber),
        .init("name", 50, .always, .any, .name),
        .init("phone", 11, .always, .any, .phone),
        .init("amount", 13, .always, .any, .amount),
        .init("bankNo", 50, .bank, .bank),
        .init("accountNo", 50, .always, .any, .account),
        .init("withdrawChannel", 5, .always, .any, .channel),
        .init("identificationId", 50, .never),
        .init("identificationTypeId", 3, .never, .bank, .digits),
        .init("idType", 50, .never, .wallet),
        .init("idcardPicType", 50, .never, .wallet),
        .init("idcardPicUrl", 500, .never, .wallet),
        .init("birthday", 10, .never, .any, .date),
        .init("birthPlace", 250, .never, .bank),
        .init("location", 500, .never),
        .init("provinceId", 9, .never, .bank, .digits),
        .init("cityId", 9, .never, .bank, .digits),
        .init("expiryDate", 50, .never, .bank),
    ]

    /// Fields the program itself adds; a file never holds them.
    public static let addedByProgram = ["userName", "action", "authentication"]

    private static let indexByName: [String: Int] = Dictionary(
        uniqueKeysWithValues: table.enumerated().map { ($0.element.name, $0.offset) })

    /// Everything wrong with a row, in the order of the table, unknown fields first; empty when
    /// the row may be sent. `""` and null count as absent.
    /// - Parameter controlNumberPrefix: the configured prefix, 2–5 characters; nil to accept any.
    public static func validate(
        _ fields: JSONObject, controlNumberPrefix: String?
    ) -> [FieldFault] {
        var faults: [FieldFault] = []
        var values = [JSONValue?](repeating: nil, count: table.count)
        for member in fields.members {
            guard let index = indexByName[member.name] else {
                faults.append(unknown(member.name))
                continue
            }
            if values[index] != nil { faults.append(duplicate(member.name)) }
            values[index] = member.value
        }
        let channel = indexByName["withdrawChannel"].flatMap { values[$0]?.scalarText }
            .flatMap(PayoutChannel.init(wire:))
        let context = FieldContext(
            channel: channel, controlNumberPrefix: controlNumberPrefix)
        for (index, field) in table.enumerated() {
            if let fault = field.check(values[index], context) { faults.append(fault) }
        }
        return faults
    }

    private static func duplicate(_ name: String) -> FieldFault {
        FieldFault(
            field: name, code: FieldFaultCode.duplicateField,
            message: "\(name) stands twice in this row; keep one")
    }

    private static func unknown(_ name: String) -> FieldFault {
        if addedByProgram.contains(where: { $0.lowercased() == name.lowercased() }) {
            return FieldFault(
                field: name, code: FieldFaultCode.notAllowed,
                message: "\(name) is added from the configuration; remove it from the file")
        }
        let hint =
            DidYouMean.suggestion(for: name, among: table.map(\.name))
            .map { "; did you mean \($0)?" } ?? "; remove it"
        return FieldFault(
            field: name, code: FieldFaultCode.unknownField,
            message: "payoutQueue has no field of this name" + hint)
    }
}

extension FieldSpecification {
    /// What is wrong with a value; nil when nothing is.
    func check(_ value: JSONValue?, _ context: FieldContext) -> FieldFault? {
        guard let value, value != .null, value != .string("") else { return absent(context) }
        guard let text = value.stringValue ?? (form.takesNumber ? number(value) : nil) else {
            return fault(FormFault(FieldFaultCode.wrongType, typeMessage))
        }
        if let channel = context.channel, scope != .any, (scope == .wallet) != channel.isWallet {
            let place = scope == .bank ? "for banks (channel 5)" : "for wallets"
            return fault(
                FormFault(
                    FieldFaultCode.notAllowed,
                    "is only \(place); leave it empty for channel \(channel.rawValue)"))
        }
        if let found = form.fault(in: text, context) { return fault(found) }
        guard text.utf16.count <= maxLength else {
            return fault(
                FormFault(
                    FieldFaultCode.tooLong,
                    "has \(text.utf16.count) characters; at most \(maxLength) are allowed"))
        }
        return nil
    }

    private func absent(_ context: FieldContext) -> FieldFault? {
        switch required {
        case .never, .defaulted: return nil
        case .always: return fault(FormFault(FieldFaultCode.missing, "is required; fill it in"))
        case .bank:
            guard context.channel == .bank else { return nil }
            return fault(
                FormFault(FieldFaultCode.missing, "is required for banks (channel 5); fill it in"))
        }
    }

    private var typeMessage: String {
        form.takesNumber
            ? "must be a string or an integer number"
            : "must be a JSON string in quotes, so that no digit is lost"
    }

    private func number(_ value: JSONValue) -> String? {
        if case .number(let text) = value { text } else { nil }
    }

    private func fault(_ found: FormFault) -> FieldFault {
        FieldFault(field: name, code: found.code, message: "\(name) \(found.message)")
    }
}
