import Crypto
import DurableFiles
import OrderedJSON

/// Destroys one key. Order: intent durable (`….shredding`, with the key's fingerprint) →
/// `auditlog.shredded` durable and under a checkpoint → key gone → intent gone. Whoever finds an
/// intent finishes; an intent without its key has nothing left to do but go.
struct KeyShredding {
    enum Target: Equatable {
        case month(String)
        /// Replaced by a new key: parties before and after cannot be linked any more.
        case pseudonyms
    }

    let keys: KeyLayout
    let target: Target

    private var keyPath: String {
        switch target {
        case .month(let month): keys.field(month)
        case .pseudonyms: keys.pseudonym
        }
    }

    private var intentPath: String {
        switch target {
        case .month(let month): keys.shredding(month)
        case .pseudonyms: keys.pseudonymShredding
        }
    }

    /// The targets of intents that are there.
    static func begun(_ keys: KeyLayout) -> [Target] {
        let suffix = ".shredding"
        var targets: [Target] = LogLayout.names(in: keys.fields).compactMap { name in
            let month = String(name.dropLast(suffix.count))
            return name.hasSuffix(suffix) && CalendarMonth.isOne(month) ? .month(month) : nil
        }
        if DurableFiles.exists(keys.pseudonymShredding) { targets.append(.pseudonyms) }
        return targets
    }

    /// - Throws: `missing` when there is no such key.
    func begin() throws(AuditLogError) {
        guard DurableFiles.exists(keyPath) else {
            throw AuditLogError(
                .missing, "\(keyPath) is not there: nothing was sealed, or it is destroyed already")
        }
        let fingerprint = SecretKeyFile.fingerprint(try SecretKeyFile(keyPath).read())
        try write { () throws(FileError) in
            try DurableFiles.createOrMatch(intentPath, Array((fingerprint + "\n").utf8))
        }
    }

    /// Fingerprint of the key that is still to be destroyed; nil when it is gone.
    func pending() throws(AuditLogError) -> String? {
        let fingerprint = try lineOfText(intentPath, .key)
        guard DurableFiles.exists(keyPath),
            SecretKeyFile.fingerprint(try SecretKeyFile(keyPath).read()) == fingerprint
        else { return nil }
        return fingerprint
    }

    /// `data` of the event.
    func data(_ fingerprint: String) -> JSONObject {
        switch target {
        case .month(let month):
            ["month": .string(month), "keySha256": .string(fingerprint)]
        case .pseudonyms: ["pseudonyms": true, "keySha256": .string(fingerprint)]
        }
    }

    /// The key goes; only after its event is durable.
    func destroy() throws(AuditLogError) {
        try write { () throws(FileError) in
            switch target {
            case .month: try DurableFiles.remove(keyPath)
            case .pseudonyms:
                try DurableFiles.replace(
                    keyPath, SecretKeyFile.line(SymmetricKey(size: .bits256)))
            }
        }
    }

    func end() throws(AuditLogError) {
        try write { () throws(FileError) in try DurableFiles.remove(intentPath) }
    }

    private func write(_ work: () throws(FileError) -> Void) throws(AuditLogError) {
        do throws(FileError) {
            try work()
        } catch {
            throw AuditLogError(.file, "destroying a key failed: open the log again", cause: error)
        }
    }
}

extension AuditLog {
    /// Destroys the key of a month that is over, so that what it sealed can never be read again; masks,
    /// pseudonyms and every proof stay. Recorded as `auditlog.shredded`, which is returned. Copies of
    /// the key in backups must be destroyed too.
    /// - Throws: `refused` for the present month or a later one, `missing` without such a key.
    @discardableResult
    public func shred(month: String) async throws(AuditLogError) -> Event? {
        guard CalendarMonth.isOne(month), month < CalendarMonth.of(clock.now()) else {
            throw AuditLogError(.refused, "only the key of a month that is over can be destroyed")
        }
        return try await shred(.month(month))
    }

    /// Replaces the key of the pseudonyms: nobody can find a party by its number any more in what was
    /// recorded until now, nor link it to what comes. Recorded as `auditlog.shredded`.
    @discardableResult
    public func shredPseudonyms() async throws(AuditLogError) -> Event? {
        try await shred(.pseudonyms)
    }

    private func shred(_ target: KeyShredding.Target) async throws(AuditLogError) -> Event? {
        let shredding = KeyShredding(keys: keyLayout, target: target)
        try shredding.begin()
        return try await complete(shredding) { _ in false }
    }

    /// What an earlier run began.
    func finishShredding() async throws(AuditLogError) {
        let begun = KeyShredding.begun(keyLayout)
        if begun.isEmpty { return }
        let recorded = try OwnEvents(layout).read([OwnEvent.shredded])
        for target in begun {
            let shredding = KeyShredding(keys: keyLayout, target: target)
            _ = try await complete(shredding) { data in recorded.contains { $0.data == data } }
        }
    }

    private func complete(
        _ shredding: KeyShredding, isRecorded: (JSONObject) -> Bool
    ) async throws(AuditLogError) -> Event? {
        var event: Event?
        if let fingerprint = try shredding.pending() {
            let data = shredding.data(fingerprint)
            if !isRecorded(data) { event = try await record(own: [own(.shredded, data)]).first }
            _ = try await checkpoint()
            if case .month(let month) = shredding.target { sealing.fieldKeys.forget(month) }
            try shredding.destroy()
        }
        if shredding.target == .pseudonyms {
            use(try PseudonymKey(keys: keyLayout.directory))
        }
        try shredding.end()
        return event
    }

    /// Types of own events these parts record.
    enum OwnType: String {
        case shredded = "auditlog.shredded"
        case hold = "auditlog.hold"
        case released = "auditlog.released"
        case retired = "auditlog.retired"
    }

    /// A draft of the log's own, by whoever opened it.
    func own(_ type: OwnType, _ data: JSONObject) -> EventDraft {
        EventDraft(
            type: type.rawValue, actor: options.actor, outcome: .success, origin: options.origin,
            data: data)
    }
}

/// Events of the log's own, read from the log itself.
struct OwnEvents {
    let layout: LogLayout

    init(_ layout: LogLayout) { self.layout = layout }

    /// Every event of these types, in order.
    func read(_ types: [String]) throws(AuditLogError) -> [Event] {
        var events: [Event] = []
        do {
            let reader = try AuditReader(directory: layout.directory)
            for type in types {
                var query = AuditQuery()
                query.type = type
                query.text = "\"type\":\"\(type)\""
                _ = try reader.search(query) { events.append($0) }
            }
        } catch let error as AuditLogError {
            throw error
        } catch {
            throw AuditLogError(.file, "the log cannot be read", cause: error)
        }
        return events.sorted { $0.sequence < $1.sequence }
    }
}
