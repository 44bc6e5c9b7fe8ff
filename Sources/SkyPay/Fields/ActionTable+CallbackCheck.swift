public import OrderedJSON

extension ActionTable {
    /// What is wrong with a callback by the contract. It is read tolerantly: keys in any letter
    /// case, under their aliases too, scalars as string or number, fields nobody knows. What the
    /// callback cannot do without must be there and of its form, and money must be money wherever
    /// it stands; the rest is taken as it comes: a report is not lost for a field nobody acts on.
    public func check(callback object: JSONObject) -> [FieldFault] {
        let context = FieldContext(
            table: self, values: [], channel: nil, controlNumberPrefix: nil, catalogs: nil)
        return fields.compactMap { field in
            let text = ([field.name] + field.aliases).lazy
                .compactMap { object.caseInsensitive($0)?.scalarText }.first { !$0.isEmpty }
            return field.check(callback: text, context)
        }
    }
}

extension FieldSpecification {
    fileprivate func check(callback text: String?, _ context: FieldContext) -> FieldFault? {
        guard let text else {
            guard required == .always else { return nil }
            return fault(FieldFaultCode.missing, "is missing")
        }
        guard required == .always || form == .providersAmount else { return nil }
        if let found = form.fault(in: text, context) { return fault(found.code, found.message) }
        guard text.utf16.count > maxLength else { return nil }
        return fault(
            FieldFaultCode.tooLong,
            "has \(text.utf16.count) characters; at most \(maxLength) are allowed")
    }
}
