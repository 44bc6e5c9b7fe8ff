import DurableFiles
public import OrderedJSON

/// A sealed value of an event, read with the key of its month, or why it cannot be.
public struct RevealedValue: Sendable, Equatable {
    /// Where it stands: `data.account`.
    public let place: String
    /// What the event shows.
    public let masked: String
    /// The whole value; nil when it cannot be read.
    public let value: String?
    /// Why not; nil when it can.
    public let problem: String?

    /// As JSON.
    public var json: JSONValue {
        [
            "place": .string(place), "masked": .string(masked),
            "value": value.map { .string($0) } ?? .null,
            "problem": problem.map { .string($0) } ?? .null,
        ]
    }
}

/// Reads sealed values with the keys of their months.
public struct SealedReader: Sendable {
    private let layout: LogLayout
    private let fieldKeys: FieldKeys

    /// - Parameters:
    ///   - directory: the log's folder.
    ///   - keys: its keys folder.
    /// - Throws: `AuditLogError` with code `missing` or `damaged` when log.json cannot be read.
    public init(directory: String, keys: String) throws(AuditLogError) {
        layout = LogLayout(directory: directory)
        fieldKeys = FieldKeys(
            KeyLayout(directory: keys), origin: try LogDescription.read(layout).origin)
    }

    /// Every sealed value of an event, in order; empty when it has none.
    /// - Throws: when the log cannot be searched for what became of a key.
    public func reveal(_ event: Event) throws(AuditLogError) -> [RevealedValue] {
        var values: [RevealedValue] = []
        try reveal(.object(event.subject), "subject", nil, &values)
        try reveal(.object(event.data), "data", nil, &values)
        return values
    }

    /// `fields` are the names a value may have been sealed under, innermost last: below a personal
    /// name everything is personal, and the name stands nowhere but above.
    private func reveal(
        _ value: JSONValue, _ place: String, _ fields: [String]?, _ values: inout [RevealedValue]
    ) throws(AuditLogError) {
        if let fields, let personal = PersonalValue(value) {
            if let sealed = personal.sealed {
                values.append(try reveal(sealed, personal.masked, place, fields))
            }
            return
        }
        switch value {
        case .object(let object):
            for member in object.members {
                try reveal(
                    member.value, "\(place).\(member.name)", (fields ?? []) + [member.name],
                    &values)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                try reveal(element, "\(place)[\(index)]", fields, &values)
            }
        case .string(let text):
            guard let inner = NestedJSON.value(in: text) else { return }
            try reveal(inner, place, fields, &values)
        case .null, .boolean, .number: return
        }
    }

    private func reveal(
        _ sealed: String, _ masked: String, _ place: String, _ fields: [String]
    ) throws(AuditLogError) -> RevealedValue {
        var problem = "no field name of this value fits"
        for field in fields.reversed() {
            do throws(AuditLogError) {
                let value = try fieldKeys.reveal(sealed, field: field)
                return RevealedValue(place: place, masked: masked, value: value, problem: nil)
            } catch {
                if error.code == .missing {
                    problem = try fate(of: String(sealed.prefix(7)))
                    break
                }
                problem = error.message
            }
        }
        return RevealedValue(place: place, masked: masked, value: nil, problem: problem)
    }

    /// What the log says of a key that is not there.
    private func fate(of month: String) throws(AuditLogError) -> String {
        let event = try OwnEvents(layout).read([OwnEvent.shredded])
            .last { $0.data["month"]?.stringValue == month }
        guard let event else {
            return "the key of \(month) is not in the keys folder: restore it from a backup"
        }
        return "the key of \(month) was destroyed on \(event.time.prefix(10))"
            + " (event \(event.sequence))"
    }
}
