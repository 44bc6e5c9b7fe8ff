import OrderedJSON

/// What a draft must keep to be recorded; a refusal never stops the writer.
struct DraftRules: Sendable {
    /// Type prefixes only an owner may use; `auditlog.` is the log's own.
    var reservedPrefixes: [String]
    /// The reserved prefixes this writer owns.
    var owned: Set<String>
    /// Field names that must never enter.
    var secretFields: FieldNames

    /// The log's own types: nobody else may append them.
    static let ownPrefix = "auditlog."
    /// The nesting a reader of the log accepts (`JSONLimits.standard`), the event itself included.
    static let depthLimit = 16

    /// The draft's bytes after number and time.
    func check(_ draft: EventDraft) throws(AuditLogError) -> [UInt8] {
        try checkType(draft.type)
        return try checkContents(draft)
    }

    /// As `check`, whatever the type: for the log's own events whose contents come from elsewhere.
    func checkContents(_ draft: EventDraft) throws(AuditLogError) -> [UInt8] {
        try checkWord(draft.type, "type")
        try checkWord(draft.actor, "actor")
        try checkWord(draft.origin, "origin")
        try check(.object(draft.subject), "subject", depth: 2)
        try check(.object(draft.data), "data", depth: 2)
        let tail = draft.tail
        guard tail.count + Event.headLimitBytes <= Event.lineLimitBytes else {
            throw Self.refusal(
                "an event has at most \(Event.lineLimitBytes) bytes: shorten its data")
        }
        return tail
    }

    private func checkWord(_ text: String, _ name: String) throws(AuditLogError) {
        if text.isEmpty { throw Self.refusal("an event needs \(name)") }
        try check(text, name, depth: 1)
    }

    private func checkType(_ type: String) throws(AuditLogError) {
        let own = type.begins(with: Self.ownPrefix)
        let reserved = reservedPrefixes.contains { type.begins(with: $0) && !owned.contains($0) }
        if own || reserved {
            throw Self.refusal("the type \(type) is reserved: choose another prefix")
        }
    }

    private func check(
        _ value: JSONValue, _ place: String, depth: Int
    ) throws(AuditLogError) {
        guard depth <= Self.depthLimit else {
            throw Self.refusal("\(place) is nested deeper than \(Self.depthLimit)")
        }
        switch value {
        case .null, .boolean: break
        case .string(let text): try check(text, place, depth: depth)
        case .number(let text):
            if CardNumber.isFound(inNumber: text) { throw Self.card(place) }
        case .array(let elements):
            for element in elements { try check(element, place, depth: depth + 1) }
        case .object(let object):
            if Self.hasNameTwice(object) { throw Self.refusal("\(place) names a field twice") }
            for member in object.members {
                try check(name: member.name, place, depth: depth)
                if secretFields.contains(member.name) {
                    throw Self.refusal("\(place) holds a secret field: leave it out")
                }
                try check(member.value, place, depth: depth + 1)
            }
        }
    }

    /// Up to this many members are compared one with another, which is cheaper than a set of names.
    private static let fewMembers = 16

    private static func hasNameTwice(_ object: JSONObject) -> Bool {
        let members = object.members
        if members.count > fewMembers { return Set(members.map(\.name)).count < members.count }
        return members.indices.contains { index in
            members[..<index].contains { $0.name == members[index].name }
        }
    }

    /// The words for the place are put together only for a name that is refused.
    private func check(name: String, _ place: String, depth: Int) throws(AuditLogError) {
        if CardNumber.isFound(in: name) || NestedJSON.begins(name) {
            try check(name, "a field name in \(place)", depth: depth)
        }
    }

    /// Text that begins like JSON is judged as JSON too, whatever its escapes hide; where it cannot be
    /// read (cut off, say), quoted secret names still count.
    private func check(
        _ text: String, _ place: String, depth: Int
    ) throws(AuditLogError) {
        if CardNumber.isFound(in: text) { throw Self.card(place) }
        guard NestedJSON.begins(text) else { return }
        if let value = NestedJSON.value(in: text) {
            try check(value, "JSON text in \(place)", depth: depth + 1)
        } else if NestedJSON.names(in: text).contains(where: secretFields.contains) {
            throw Self.refusal("JSON text in \(place) holds a secret field: leave it out")
        }
    }

    private static func card(_ place: String) -> AuditLogError {
        refusal("\(place) holds what looks like a card number: mask it")
    }

    private static func refusal(_ message: String) -> AuditLogError {
        AuditLogError(.refused, message)
    }
}

/// Reads a draft from JSON: an event without `seq` and `time`.
extension EventDraft {
    /// A draft from one line of JSON (audit-log.md, "append").
    /// - Throws: `AuditLogError` with code `refused`.
    public init(json bytes: [UInt8]) throws(AuditLogError) {
        let value: JSONValue
        do throws(JSONFault) {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw AuditLogError(.refused, "not an event: \(error)")
        }
        guard let object = value.objectValue else {
            throw AuditLogError(.refused, "not an event: a JSON object is needed")
        }
        let allowed = Event.keys.dropFirst(2)
        for member in object.members where !allowed.contains(member.name) {
            throw AuditLogError(
                .refused, "unknown field: an event has \(allowed.joined(separator: ", "))")
        }
        func text(_ name: String) throws(AuditLogError) -> String {
            guard let text = object[name]?.stringValue, !text.isEmpty else {
                throw AuditLogError(.refused, "an event needs \(name) as text")
            }
            return text
        }
        func part(_ name: String) throws(AuditLogError) -> JSONObject {
            guard let value = object[name] else { return [:] }
            guard let part = value.objectValue else {
                throw AuditLogError(.refused, "\(name) must be an object")
            }
            return part
        }
        guard let outcome = Outcome(rawValue: try text("outcome")) else {
            throw AuditLogError(.refused, "outcome must be success or failure")
        }
        self.init(
            type: try text("type"), actor: try text("actor"), outcome: outcome,
            origin: try text("origin"), subject: try part("subject"), data: try part("data"))
    }
}
