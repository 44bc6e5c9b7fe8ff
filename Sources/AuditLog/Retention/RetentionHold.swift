public import OrderedJSON

/// Days that must be kept whatever their age: a dispute, an inquiry.
public struct RetentionHold: Sendable, Equatable {
    /// By which it is released: `hold-` and eight hexadecimal digits.
    public let id: String
    /// First day, `2026-11-01`, +08:00.
    public let from: String
    /// Last day.
    public let to: String
    /// Why.
    public let reason: String
    /// Number of the event that says so.
    public let sequence: UInt64

    /// As JSON.
    public var json: JSONObject {
        [
            "id": .string(id), "from": .string(from), "to": .string(to),
            "reason": .string(reason), "event": .number(String(sequence)),
        ]
    }

    init?(_ event: Event) {
        guard let id = event.data["id"]?.stringValue, let from = event.data["from"]?.stringValue,
            let to = event.data["to"]?.stringValue, let reason = event.data["reason"]?.stringValue
        else { return nil }
        (self.id, self.from, self.to, self.reason) = (id, from, to, reason)
        sequence = event.sequence
    }

    /// `data` of the event; `carried` from an event that is about to be removed.
    func data(carried: Bool) -> JSONObject {
        var data: JSONObject = [
            "id": .string(id), "from": .string(from), "to": .string(to),
            "reason": .string(reason),
        ]
        if carried { data["carriedFrom"] = .number(String(sequence)) }
        return data
    }

    /// True when one of its days is one of the segment's.
    func touches(_ manifest: SegmentManifest) -> Bool {
        from <= manifest.lastTime.prefix(10) && to >= manifest.firstTime.prefix(10)
    }

    /// The holds in force: not released since, each with its newest event.
    /// - Throws: `AuditLogError` when the log cannot be read.
    public static func inForce(at directory: String) throws(AuditLogError) -> [RetentionHold] {
        try inForce(LogLayout(directory: directory))
    }

    static func inForce(_ layout: LogLayout) throws(AuditLogError) -> [RetentionHold] {
        var holds: [String: RetentionHold] = [:]
        for event in try OwnEvents(layout).read([OwnEvent.hold, OwnEvent.released]) {
            guard let id = event.data["id"]?.stringValue else { continue }
            holds[id] = event.type == OwnEvent.hold ? RetentionHold(event) : nil
        }
        return holds.values.sorted { $0.sequence < $1.sequence }
    }
}

extension AuditLog {
    /// Keeps the segments with these days (`2026-11-01`, +08:00, both included) from removal until it
    /// is released. One placed while `retire` verifies the log is heeded.
    /// - Throws: `refused` for what are no days, no reason, or a reason the rules refuse, and in the
    ///   moment in which segments are removed.
    public func hold(
        from: String, to: String, reason: String
    ) async throws(AuditLogError) -> RetentionHold {
        guard let first = CalendarDay(from), let last = CalendarDay(to), first <= last,
            first.text == from, last.text == to
        else {
            throw AuditLogError(.refused, "a hold has two days in order: 2026-11-01, 2026-11-30")
        }
        if isRemoving {
            throw AuditLogError(
                .refused,
                "segments are being removed: place the hold when that is done, and see what is "
                    + "left of its days")
        }
        holdsUnderWay += 1
        defer { holdsUnderWay -= 1 }
        var generator = SystemRandomNumberGenerator()
        let random = (0..<4).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let data: JSONObject = [
            "id": .string("hold-\(hexadecimal(random))"), "from": .string(from),
            "to": .string(to), "reason": .string(reason),
        ]
        guard let hold = RetentionHold(try await record(.hold, data, reason)) else {
            throw AuditLogError(.refused, "a hold needs its days and a reason")
        }
        return hold
    }

    /// Ends a hold.
    /// - Throws: `missing` when no such hold is in force, `refused` without a reason.
    @discardableResult
    public func release(hold id: String, reason: String) async throws(AuditLogError) -> Event {
        guard try RetentionHold.inForce(layout).contains(where: { $0.id == id }) else {
            throw AuditLogError(.missing, "no hold \(id) is in force")
        }
        return try await record(
            .released, ["id": .string(id), "reason": .string(reason)], reason)
    }

    private func record(
        _ type: OwnType, _ data: JSONObject, _ reason: String
    ) async throws(AuditLogError) -> Event {
        if reason.isEmpty { throw AuditLogError(.refused, "a reason is needed") }
        let draft = own(type, data)
        _ = try rules.checkContents(draft)
        guard let event = try await record(own: [draft]).first else {
            throw AuditLogError(.stopped, "the event was not recorded")
        }
        return event
    }
}
