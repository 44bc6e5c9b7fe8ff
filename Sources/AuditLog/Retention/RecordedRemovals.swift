import OrderedJSON

/// The events that openings adopted: readable behind everything signed, after a crash, and signed then.
/// Whoever may write the folder can have put events there, without any key; so they bind nobody to
/// remove anything. `auditlog.recovered` names them.
struct AdoptedEvents {
    private var ranges: [Range<UInt64>] = []

    /// - Parameter recovered: the events `auditlog.recovered`, ascending.
    init(_ recovered: [(sequence: UInt64, data: JSONObject)]) {
        // The newest first: one that was itself adopted vouches for nothing. Where an opening was cut short
        // behind it, the next one named the same events again, and it among them.
        for (sequence, data) in recovered.reversed() where !contains(sequence) {
            guard let first = data["firstAdopted"]?.unsignedValue,
                let next = data["next"]?.unsignedValue, first < next
            else { continue }
            ranges.append(first..<next)
        }
    }

    func contains(_ sequence: UInt64) -> Bool { ranges.contains { $0.contains(sequence) } }
}

/// What the log tells of segments that were to be removed.
struct RecordedRemovals {
    /// `auditlog.retired` as the writer recorded and signed it, ascending: a removal may rest on it.
    let own: [Event]
    /// Those that came with events an opening adopted: the writer's last words before it died, or
    /// another's.
    let adopted: [Event]

    init(_ layout: LogLayout) throws(AuditLogError) {
        let events = try OwnEvents(layout).read([OwnEvent.retired, OwnEvent.recovered])
        let recovered = events.filter { $0.type == OwnEvent.recovered }
        let ranges = AdoptedEvents(recovered.map { (sequence: $0.sequence, data: $0.data) })
        let retired = events.filter { $0.type == OwnEvent.retired }
        own = retired.filter { !ranges.contains($0.sequence) }
        adopted = retired.filter { ranges.contains($0.sequence) }
    }
}

extension Event {
    /// First sequence number of the segment that `auditlog.retired` tells of.
    var retiredFirst: UInt64? { data["first"]?.unsignedValue }

    /// True for the event that tells of the removal that left this manifest.
    func tellsOf(_ manifestSha256: String) -> Bool {
        data["manifestSha256"]?.stringValue == manifestSha256
    }
}
