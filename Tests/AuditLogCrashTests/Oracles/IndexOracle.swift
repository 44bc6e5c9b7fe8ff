import OrderedJSON

@testable import AuditLog

/// The index of a segment. Bytes that begin as one does are read; of all others members and events
/// are made, and their index must never leave out a member that holds what is sought.
struct IndexOracle {
    static let fields = CreationOptions.standardIndexedFields
    /// Ends a member of the script, and an event.
    static let memberEnd: UInt8 = 0xFF
    static let eventEnd: UInt8 = 0xFE
    private static let first: UInt64 = 7

    let bytes: [UInt8]

    func violation() throws -> String? {
        bytes.starts(with: SegmentIndex.magic.prefix(4)) ? reading() : try building()
    }

    // MARK: - Changed bytes

    /// What is taken has members that follow one another, and answers every question.
    private func reading() -> String? {
        guard let index = try? SegmentIndex(bytes) else { return nil }
        var (offset, first) = (Int64(0), index.first)
        for place in 0..<index.memberCount {
            let member = index.member(place)
            guard member.offset == offset, member.first == first, member.next > first,
                member.end > offset
            else { return "member \(place) does not follow the one before it" }
            guard index.memberIndex(of: first) == place,
                index.memberIndex(of: member.next - 1) == place
            else { return "the events of member \(place) are looked for elsewhere" }
            (offset, first) = (member.end, member.next)
        }
        guard offset == index.fileLength, first == index.next else {
            return "the members are not the archive"
        }
        for start in stride(from: 0, to: bytes.count - 8, by: max(1, bytes.count / 64)) {
            _ = members(IndexBytes.number(bytes, start), index)
        }
        for hash in [0, UInt64.max] { _ = members(hash, index) }
        return nil
    }

    private func members(_ hash: UInt64, _ index: SegmentIndex) -> MemberSet {
        var set = MemberSet(count: index.memberCount)
        index.keep(hash, in: &set)
        return set
    }

    // MARK: - The builder's bytes

    private func building() throws -> String? {
        let members = bytes.split(separator: Self.memberEnd)
            .map { $0.split(separator: Self.eventEnd) }.filter { !$0.isEmpty }
        if members.isEmpty { return nil }
        let builder = SegmentIndexBuilder(first: Self.first, fields: Self.fields)
        var next = Self.first
        var holders: [UInt64: Set<Int>] = [:]
        for (place, member) in members.enumerated() {
            builder.memberBegan(at: Int64(place) * 100)
            for script in member {
                let event = ScriptedEvent(script, next)
                if let problem = event.line.withUnsafeBytes({ builder.line($0) }) { return problem }
                for query in event.queries {
                    guard query.matches(event.event, line: event.line) else {
                        return "event \(next) does not match a query for it"
                    }
                    for key in query.keys(indexed: Self.fields) {
                        holders[key, default: []].insert(place)
                    }
                }
                next += 1
            }
            builder.memberEnded(at: Int64(place + 1) * 100)
        }
        let index = try SegmentIndex(builder.finish(fileLength: Int64(members.count) * 100))
        guard index.memberCount == members.count, index.first == Self.first, index.next == next
        else { return "the index is of other members" }
        for (key, places) in holders {
            let kept = self.members(key, index)
            if let lost = places.first(where: { !kept.contains($0) }) {
                return "member \(lost) holds a key and is left out"
            }
        }
        return nil
    }
}

/// An event that bytes say: the first byte where its text stands, the rest the text.
private struct ScriptedEvent {
    let event: Event
    let line: [UInt8]

    init(_ script: ArraySlice<UInt8>, _ sequence: UInt64) {
        let text = String(decoding: script.dropFirst(), as: UTF8.self)
        var draft = EventDraft(type: "a.b", actor: "c", outcome: .success, origin: "d")
        let pseudonym = "p_" + sha256Text(Array(text.utf8)).prefix(22)
        let party: JSONValue = ["masked": "***4567", "pseudonym": .string(pseudonym)]
        switch (script.first ?? 0) % 8 {
        case 0: draft.type = text
        case 1: (draft.actor, draft.outcome) = (text, .failure)
        case 2: draft.subject = ["x": .string(text), "reference": .string(text)]
        case 3:
            draft.subject = [
                "file": .number(String(text.utf8.count)), "batch": .array([.string(text)]),
                "controlNumber": .boolean(text.isEmpty), "reference": .null,
            ]
        case 4: draft.data = ["t": .string(text)]
        case 5: draft.subject = JSONObject([(text, .string(text)), ("file", .string(text))])
        case 6: draft.data = ["to": .array([party]), text: .null]
        default: draft.subject = ["reference": .string(party.text()), "t": .string(text)]
        }
        let second = sequence % 60
        let time = "2026-11-21T08:00:\(second < 10 ? "0" : "")\(second).000000+08:00"
        event = Event(sequence: sequence, time: time, draft: draft)
        line = event.bytes
    }

    /// What finds it, one condition each.
    var queries: [AuditQuery] {
        var queries = [AuditQuery()]
        func add(_ condition: (inout AuditQuery) -> Void) {
            var query = AuditQuery()
            condition(&query)
            queries.append(query)
        }
        add { $0.type = event.type }
        let type = Array(event.type.utf8)
        for place in type.indices where type[place] == 0x2E {
            add { $0.type = String(decoding: type[...place], as: UTF8.self) }
        }
        add { $0.actor = event.actor }
        add { $0.outcome = event.outcome }
        for field in IndexOracle.fields {
            guard let value = event.subject[field]?.scalarText else { continue }
            add { $0.subject = [(field, value)] }
        }
        for pseudonym in pseudonyms { add { $0.pseudonym = pseudonym } }
        return queries
    }

    /// By the document: these 24 bytes wherever they stand behind "subject".
    private var pseudonyms: [String] {
        let start = line.firstRange(of: Array(",\"subject\":{".utf8))?.upperBound ?? line.count
        return line.indices.dropFirst(start).compactMap { place in
            let bytes = line[place...].prefix(24)
            guard bytes.count == 24, bytes.starts(with: [0x70, 0x5F]) else { return nil }
            let text = String(decoding: bytes, as: UTF8.self)
            return PseudonymKey.isOne(text) ? text : nil
        }
    }
}
