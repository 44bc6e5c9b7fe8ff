import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

/// A segment of events made for a test, with the archive's bytes and its index.
struct IndexedArchive {
    var lines: [[UInt8]] = []
    var bytes: [UInt8] = []
    var index: [UInt8] = []

    static let fields = CreationOptions.standardIndexedFields

    /// Compresses the events into members of `memberLeaves`, and indexes them.
    init(_ drafts: [EventDraft], first: UInt64 = 0, memberLeaves: Int = 4) throws {
        let deflater = try MemberDeflater()
        for (place, draft) in drafts.enumerated() {
            let number = first + UInt64(place)
            let time = AuditTime.text((1_795_219_200 + Int64(number), 7))
            let line = Event(sequence: number, time: time, draft: draft).bytes
            if place % memberLeaves == 0 { deflater.begin(&bytes) }
            deflater.add(line + [0x0A], to: &bytes)
            lines.append(line)
            if place % memberLeaves == memberLeaves - 1 || place == drafts.count - 1 {
                deflater.finish(&bytes)
            }
        }
        index = try Self.build(bytes, first: first)
    }

    static func build(_ bytes: [UInt8], first: UInt64 = 0) throws -> [UInt8] {
        let fixture = try LogFixture()
        let path = "\(fixture.root)/archive.gz"
        try LogFixture.write(path, bytes)
        let builder = SegmentIndexBuilder(first: first, fields: fields)
        let end = try SegmentScanner(RangeFile(path), from: 0, visitor: builder).scan()
        guard case .whole = end else { throw AuditLogError(.damaged, "\(end)") }
        return builder.finish(fileLength: Int64(bytes.count))
    }

    static func hash(_ name: String, _ value: String) -> UInt64 {
        IndexHash.hash(name: name, value: value)
    }
}

extension SegmentIndex {
    func members(holding hash: UInt64) -> [Int] {
        var set = MemberSet(count: memberCount)
        keep(hash, in: &set)
        return (0..<memberCount).filter { set.contains($0) }
    }
}

/// Drafts like those of payments: several events for a control number, now and then with escapes,
/// numbers, nested values and pseudonyms.
func paymentDrafts(_ count: Int, seed: UInt64) -> [EventDraft] {
    var random = SeededGenerator(state: seed)
    let types = ["payout.accepted", "payout.sent", "payout.paid", "file.claimed", "x"]
    return (0..<count).map { number in
        let person = UInt64.random(in: 0..<50, using: &random)
        return EventDraft(
            type: types.randomElement(using: &random) ?? "x",
            actor: number % 9 == 0 ? "the \"night\" shift\n" : "runner", outcome: .success,
            origin: "node-1",
            subject: [
                "file": .string("batch \(number / 20).csv"), "line": .number(String(number)),
                "batch": number % 5 == 0 ? .null : .number(String(number / 20)),
                "controlNumber": .string("SKY\(Int.random(in: 0..<99, using: &random))"),
                "reference": number % 7 == 0 ? ["a": 1] : .boolean(number % 2 == 0),
            ],
            data: [
                "note": .string(
                    number % 4 == 0 ? "}{\"pseudonym\":\"\(pseudonym(person + 100))\"}" : "p_no"),
                "to": [
                    [
                        "party": [
                            "masked": "***4567", "pseudonym": .string(pseudonym(person)),
                        ]
                    ]
                ],
            ])
    }
}

func pseudonym(_ person: UInt64) -> String {
    let digits = String(person)
    return "p_" + String(repeating: "-", count: 22 - digits.count) + digits
}

@Suite("The index of a segment")
struct IndexTests {
    /// Every key of an event by its definition, from the parsed event.
    static func keys(_ event: Event) -> Set<UInt64> {
        var keys = [
            IndexedArchive.hash("type", event.type), IndexedArchive.hash("actor", event.actor),
            IndexedArchive.hash("outcome", event.outcome.rawValue),
        ]
        for (place, character) in event.type.enumerated() where character == "." {
            keys.append(IndexedArchive.hash("type", String(event.type.prefix(place + 1))))
        }
        for field in IndexedArchive.fields {
            if let text = event.subject[field]?.scalarText {
                keys.append(IndexedArchive.hash("subject.\(field)", text))
            }
        }
        let text = String(decoding: event.bytes, as: UTF8.self)
        for match in text.matches(of: /p_[A-Za-z0-9_\-]{22}/) {
            keys.append(IndexedArchive.hash("pseudonym", String(match.output)))
        }
        return Set(keys)
    }

    @Test("A walk over a line finds the keys that its parsed event has")
    func keysOfALine() throws {
        let archive = try IndexedArchive(paymentDrafts(400, seed: 3))
        for line in archive.lines {
            let found = Self.walked(line)
            #expect(found == Self.keys(try Event(line: line)))
            #expect(found == Self.checked(line))
        }
    }

    /// Keys by the walk that looks for parts only.
    static func walked(_ line: [UInt8]) -> Set<UInt64>? {
        var parts = LineParts()
        return line.withUnsafeBytes { line in
            LineKeys.find(&parts, line) ? gathered(line, parts) : nil
        }
    }

    /// Keys by the walk that also holds the line to its form; nil where it is not sure.
    static func checked(_ line: [UInt8]) -> Set<UInt64>? {
        guard let number = (try? Event(line: line))?.sequence else { return nil }
        var canonical = CanonicalLine()
        return line.withUnsafeBytes { line in
            guard case .canonical = canonical.check(line, sequence: number) else { return nil }
            return gathered(line, canonical.parts)
        }
    }

    private static func gathered(_ line: UnsafeRawBufferPointer, _ parts: LineParts) -> Set<UInt64>
    {
        var found: Set<UInt64> = []
        LineKeys(fields: IndexedArchive.fields).forEach(line, parts) { found.insert($0) }
        return found
    }

    @Test(
        "Both walks give the same keys for values of every kind",
        arguments: [
            #"{"file":"a","row":1,"batch":true,"controlNumber":null,"reference":"\"\\\u0001"}"#,
            #"{"file":[1,"p_AAAAAAAAAAAAAAAAAAAAAA"],"batch":{"file":"x"},"reference":-0.5e+3}"#,
            #"{}"#, #"{"file":""}"#, #"{"file":"é漢😀","batch":false}"#, #"{"f\"":"b","file":"c"}"#,
        ])
    func kinds(subject: String) throws {
        for type in ["payout.sent", "a", #"x\\.y.z"#] {
            let line = Array(
                (#"{"seq":7,"time":"2026-11-21T10:00:00.000000+08:00","type":""# + type
                    + #"","actor":"a\tb","outcome":"failure","origin":"o","subject":"#
                    + subject + #","data":{"file":"not me","q":"p_BBBBBBBBBBBBBBBBBBBBBB"}}"#).utf8)
            let found = try #require(Self.checked(line))
            #expect(found == Self.walked(line))
            #expect(found == Self.keys(try Event(line: line)))
        }
    }

    @Test("A line that is no event is refused, not misread", arguments: 0..<40)
    func cutLines(seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        let line = try #require(IndexedArchive(paymentDrafts(1, seed: seed)).lines.first)
        let cut = Int.random(in: 0..<line.count - 20, using: &random)
        let builder = SegmentIndexBuilder(first: 0, fields: IndexedArchive.fields)
        builder.memberBegan(at: 0)
        let problem = Array(line[..<cut]).withUnsafeBytes { builder.line($0) }
        // A cut inside data is not the index's to see.
        let data = line.firstRange(of: Array(",\"data\":{".utf8))?.upperBound ?? 0
        #expect((problem != nil) == (cut < data))
    }

    @Test("Every key leads to every member that holds it", arguments: [1, 4, 64])
    func findsAll(memberLeaves: Int) throws {
        let archive = try IndexedArchive(paymentDrafts(1_500, seed: 5), memberLeaves: memberLeaves)
        let index = try SegmentIndex(archive.index)
        var members: [UInt64: Set<Int>] = [:]
        for (place, line) in archive.lines.enumerated() {
            for key in Self.keys(try Event(line: line)) {
                members[key, default: []].insert(place / memberLeaves)
            }
        }
        for (key, expected) in members {
            #expect(expected.isSubset(of: index.members(holding: key)))
        }
        #expect(index.memberCount == (archive.lines.count + memberLeaves - 1) / memberLeaves)
    }

    @Test("A key that is not there is taken to be in a member about once in 4,096")
    func precision() throws {
        let archive = try IndexedArchive(paymentDrafts(2_000, seed: 8), memberLeaves: 4)
        let index = try SegmentIndex(archive.index)
        let tries = 2_000
        let wrong = (0..<tries).reduce(0) { sum, number in
            sum + index.members(holding: IndexedArchive.hash("subject.file", "no \(number)")).count
        }
        let expected = tries * index.memberCount / 4_096
        #expect(wrong < expected * 3)
        #expect(wrong > expected / 4)
    }

    @Test("The table tells where members start, their events and seconds")
    func table() throws {
        let archive = try IndexedArchive(paymentDrafts(10, seed: 1), first: 1_000)
        let index = try SegmentIndex(archive.index)
        #expect(index.first == 1_000)
        #expect(index.next == 1_010)
        #expect(index.fields == IndexedArchive.fields)
        #expect(index.members.map(\.first) == [1_000, 1_004, 1_008])
        #expect(index.members.allSatisfy { archive.bytes[Int($0.offset)] == 0x1F })
        let last = index.member(2)
        #expect(last.end == Int64(archive.bytes.count))
        #expect(last.firstSecond == 20_261_121_081_648)
        #expect(last.lastSecond == 20_261_121_081_649)
        #expect(
            (1_000..<1_010).map { index.memberIndex(of: $0) } == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
    }

    @Test("A full group is followed by another one")
    func groups() throws {
        let drafts = paymentDrafts(KeyGroup.memberLimit + 3, seed: 6)
        let archive = try IndexedArchive(drafts, memberLeaves: 1)
        let index = try SegmentIndex(archive.index)
        for (place, line) in archive.lines.enumerated().suffix(5) {
            for key in Self.keys(try Event(line: line)) {
                #expect(index.members(holding: key).contains(place))
            }
        }
    }

    @Test(
        "The hash is the one the document gives",
        arguments: [
            ("type", "payout.paid", 0x65F0459E586033A0 as UInt64),
            ("subject.controlNumber", "SKY9912345678", 0x74FC617E7AF2C217),
        ])
    func hashVectors(name: String, value: String, expected: UInt64) {
        #expect(IndexHash.hash(name: name, value: value) == expected)
    }

    @Test("Whatever its bytes, reading an index ends and never leaves the file")
    func flippedBytes() throws {
        let archive = try IndexedArchive(paymentDrafts(30, seed: 2))
        for place in archive.index.indices {
            var bytes = archive.index
            bytes[place] ^= UInt8(1 << (place % 8))
            guard let index = try? SegmentIndex(bytes) else { continue }
            _ = index.members(holding: IndexedArchive.hash("type", "payout.paid"))
            _ = index.members
        }
        for length in archive.index.indices {
            #expect(throws: AuditLogError.self) {
                try SegmentIndex(Array(archive.index[..<length]))
            }
        }
    }
}
