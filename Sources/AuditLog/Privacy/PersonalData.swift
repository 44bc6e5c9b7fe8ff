import OrderedJSON

/// Replaces account and identity numbers before anything is recorded (audit-log.md, rule 11): what
/// stands under a personal or sealed field name, at any depth, in subject and data.
struct PersonalData: Sendable {
    var pseudonyms: PseudonymKey
    var fieldKeys: FieldKeys
    private let personal: FieldNames
    private let sealed: FieldNames
    /// True when there are fields whose whole value is kept under the key of the month.
    let seals: Bool

    init(_ description: LogDescription, _ keys: KeyLayout) throws(AuditLogError) {
        self.init(
            pseudonyms: try PseudonymKey(keys: keys.directory),
            fieldKeys: FieldKeys(keys, origin: description.origin),
            personal: description.personalFields, sealed: description.sealedFields)
    }

    init(
        pseudonyms: PseudonymKey, fieldKeys: FieldKeys, personal: [String], sealed: [String]
    ) {
        self.pseudonyms = pseudonyms
        self.fieldKeys = fieldKeys
        // A sealed value is masked too.
        self.personal = FieldNames(personal + sealed)
        self.sealed = FieldNames(sealed)
        seals = !sealed.isEmpty
    }

    /// The draft without plain personal values. What is protected already stays as it is. The clock
    /// tells the month whose key seals; it is read only then.
    /// - Throws: `refused` when nested too deeply, `key` when a value cannot be sealed.
    mutating func protect(
        _ draft: EventDraft, clock: any AuditClock
    ) throws(AuditLogError) -> EventDraft {
        var draft = draft
        if let subject = try protected(draft.subject, nil, clock, 2) { draft.subject = subject }
        if let data = try protected(draft.data, nil, clock, 2) { draft.data = data }
        return draft
    }

    /// Nil when nothing in it changes. `field` is the personal field all this stands under.
    private mutating func protected(
        _ object: JSONObject, _ field: String?, _ clock: any AuditClock,
        _ depth: Int
    ) throws(AuditLogError) -> JSONObject? {
        var changed: JSONObject?
        for (place, member) in object.members.enumerated() {
            let field = personal.contains(member.name) ? member.name : field
            if let value = try protected(member.value, field, clock, depth + 1) {
                if changed == nil { changed = object }
                changed?.members[place].value = value
            }
        }
        return changed
    }

    private mutating func protected(
        _ value: JSONValue, _ field: String?, _ clock: any AuditClock,
        _ depth: Int
    ) throws(AuditLogError) -> JSONValue? {
        guard depth <= DraftRules.depthLimit + 1 else {
            throw AuditLogError(
                .refused, "an event is nested deeper than \(DraftRules.depthLimit)")
        }
        switch value {
        case .null, .boolean: return nil
        case .string(let text):
            if let field { return try personalValue(text, field, clock) }
            return try protectedText(text, clock, depth)
        case .number(let text):
            guard let field else { return nil }
            return try personalValue(text, field, clock)
        case .array(let elements):
            var changed: [JSONValue]?
            for (place, element) in elements.enumerated() {
                if let value = try protected(element, field, clock, depth + 1) {
                    if changed == nil { changed = elements }
                    changed?[place] = value
                }
            }
            return changed.map { .array($0) }
        case .object(let object):
            if field != nil, PersonalValue(value) != nil { return nil }
            return try protected(object, field, clock, depth).map { .object($0) }
        }
    }

    /// Text that is itself JSON is looked into; it is written anew only when something in it changes.
    private mutating func protectedText(
        _ text: String, _ clock: any AuditClock, _ depth: Int
    ) throws(AuditLogError) -> JSONValue? {
        guard let inner = NestedJSON.value(in: text),
            let changed = try protected(inner, nil, clock, depth + 1)
        else { return nil }
        return .string(changed.text())
    }

    private mutating func personalValue(
        _ text: String, _ field: String, _ clock: any AuditClock
    ) throws(AuditLogError) -> JSONValue? {
        // Nothing but blanks and dashes tells nothing of anybody.
        if PseudonymKey.normalized(text).isEmpty { return nil }
        let isSealed = sealed.contains(field)
        return PersonalValue(
            masked: PersonalValue.mask(text), pseudonym: pseudonyms.pseudonym(of: text),
            sealed: isSealed
                ? try fieldKeys.seal(text, field: field, month: CalendarMonth.of(clock.now())) : nil
        ).json
    }
}
