public import OrderedJSON

extension ActionTable {
    /// Everything wrong with a row, in the order of the table, unknown fields first; empty when
    /// the row may be taken. `""` and null count as absent.
    /// - Parameters:
    ///   - controlNumberPrefix: the configured prefix, 2–5 characters; nil to accept any.
    ///   - catalogs: the provider's lists; a value is looked up where its list is known.
    public func validate(
        _ fields: JSONObject, controlNumberPrefix: String?, catalogs: Catalogs? = nil
    ) -> [FieldFault] {
        var faults: [FieldFault] = []
        var values = [JSONValue?](repeating: nil, count: self.fields.count)
        for member in fields.members {
            guard let index = index(of: member.name) else {
                faults.append(unknown(member.name))
                continue
            }
            if values[index] != nil { faults.append(duplicate(member.name)) }
            values[index] = member.value
        }
        let channel = index(of: "withdrawChannel").flatMap { values[$0]?.scalarText }
            .flatMap(PayoutChannel.init(wire:))
        let context = FieldContext(
            table: self, values: values,
            channel: channel.flatMap { channels.contains($0) ? $0 : nil },
            controlNumberPrefix: controlNumberPrefix, catalogs: catalogs)
        for (index, field) in self.fields.enumerated() {
            if let fault = field.check(values[index], context) { faults.append(fault) }
        }
        return faults
    }

    private func duplicate(_ name: String) -> FieldFault {
        FieldFault(
            field: name, code: FieldFaultCode.duplicateField,
            message: "\(name) stands twice in this row; keep one")
    }

    private func unknown(_ name: String) -> FieldFault {
        if Self.addedByProgram.contains(where: { $0.lowercased() == name.lowercased() }) {
            return FieldFault(
                field: name, code: FieldFaultCode.notAllowed,
                message: "\(name) is added from the configuration; remove it from the file")
        }
        let hint = Suggestion.nearest(to: name, among: rowFields.map(\.name))
            .map { "; did you mean \($0)?" }
        return FieldFault(
            field: name, code: FieldFaultCode.unknownField,
            message: "\(self.name) has no field of this name" + (hint ?? "; remove it"))
    }
}

extension FieldSpecification {
    /// What is wrong with a value in a batch's row; nil when nothing is.
    func check(_ value: JSONValue?, _ context: FieldContext) -> FieldFault? {
        guard let value, value != .null, value != .string("") else { return absent(context) }
        guard required != .program else {
            return fault(
                FieldFaultCode.notAllowed, "is written by the program itself; remove it")
        }
        guard let text = text(of: value) else { return fault(.init(wrongType, typeMessage)) }
        if let channel = context.channel, !channels.isEmpty, !channels.contains(channel) {
            return fault(
                FieldFaultCode.notAllowed,
                "is only \(channels.phrase); leave it empty for channel \(channel.rawValue)")
        }
        if let found = form.fault(in: text, context) {
            let hint = catalog.flatMap { context.catalogs?.hint(for: text, in: $0.kind) }
            return fault(found.code, found.message + (hint ?? ""))
        }
        guard text.utf16.count <= maxLength else {
            return fault(
                FieldFaultCode.tooLong,
                "has \(text.utf16.count) characters; at most \(maxLength) are allowed")
        }
        return relationFault(text, context)
    }

    /// What is wrong between this field and others, or the provider's lists.
    private func relationFault(_ text: String, _ context: FieldContext) -> FieldFault? {
        if let notBefore, let start = context.text(of: notBefore),
            PhilippineTime.isDate(start), text < start
        {
            return fault(FieldFaultCode.order, "is before \(notBefore)")
        }
        guard let catalog, let found = context.catalogs?.fault(of: text, catalog, context) else {
            return nil
        }
        return fault(found)
    }

    private func absent(_ context: FieldContext) -> FieldFault? {
        switch required {
        case .never, .defaulted, .program: return nil
        case .always: return fault(FieldFaultCode.missing, "is required; fill it in")
        case .channels(let needing):
            guard let channel = context.channel, needing.contains(channel) else { return nil }
            return fault(FieldFaultCode.missing, "is required \(needing.phrase); fill it in")
        }
    }

    /// The text of a value of a kind the field takes.
    private func text(of value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let text): takesNumber ? text : nil
        case .array(let elements):
            writing == .list && !elements.isEmpty
                && elements.allSatisfy { $0.stringValue?.contains(" ") == false }
                ? elements.compactMap(\.stringValue).joined(separator: " ") : nil
        default: nil
        }
    }

    private var wrongType: String { FieldFaultCode.wrongType }

    private var typeMessage: String {
        if writing == .list { return "must be a text with spaces between, or an array of strings" }
        return takesNumber
            ? "must be a string or an integer number"
            : "must be a JSON string in quotes, so that no digit is lost"
    }

    func fault(_ code: String, _ message: String) -> FieldFault {
        fault(FormFault(code, message))
    }

    private func fault(_ found: FormFault) -> FieldFault {
        FieldFault(field: name, code: found.code, message: "\(name) \(found.message)")
    }
}
