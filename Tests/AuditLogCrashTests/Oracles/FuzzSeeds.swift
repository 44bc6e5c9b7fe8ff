import OrderedJSON

@testable import AuditLog

/// Valid inputs of every subject, made by the log's own code.
enum FuzzSeeds {
    static func make(_ subject: FuzzSubject) throws -> [[UInt8]] {
        switch subject {
        case .segment: try segments()
        case .note: [Array(try notes().utf8), Array(try note(9).utf8)]
        case .epochs: [try certificates()]
        case .key: [Array(signer.text.utf8), Array(signer.verificationKey.text.utf8)]
        case .proof: [try proof()]
        case .manifest: [try manifest()]
        case .hints:
            [
                [(0, 0), (700, 3), (4_096, 1_024)].flatMap {
                    MemberHint(offset: $0, first: $1).bytes
                }
            ]
        case .index: indexes()
        case .description: [description()]
        case .event: events(3) + [events(1)[0] + [0x0A]]
        case .draft: drafts()
        }
    }

    private static let origin = "auditlog.example/fuzz"
    private static let signer = SigningKey(name: origin)

    private static func events(_ count: Int) -> [[UInt8]] {
        (0..<count).map { number in
            Event(
                sequence: UInt64(number), time: "2026-11-21T08:00:00.00000\(number % 10)+08:00",
                draft: EventDraft(
                    type: "door.opened", actor: "badge \"7\"\n", outcome: .success,
                    origin: "g\u{e9}",
                    subject: ["reference": .string("R\(number)")],
                    data: [
                        "n": .number("-1.5e\(number)"), "list": .array([.null, .boolean(true)]),
                    ]
                )
            ).bytes
        }
    }

    /// Two members, flushed as commits are; whole, cut, and with two stored blocks.
    private static func segments() throws -> [[UInt8]] {
        let deflater = try MemberDeflater()
        var bytes: [UInt8] = []
        var boundary = 0
        for member in 0..<2 {
            deflater.begin(&bytes)
            for line in events(4).dropFirst(member) {
                deflater.add(line + [0x0A], to: &bytes)
                deflater.flush(&bytes)
                boundary = bytes.count
            }
            deflater.finish(&bytes)
        }
        let line: [UInt8] = [0x61, 0x0A]
        let checksum = SlowSegment.checksum(line)
        let stored: [UInt8] =
            [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 0, 0xFD, 0xFF] + line
            + (0..<4).map { UInt8(checksum >> ($0 * 8) & 255) } + [2, 0, 0, 0]
        return [bytes, Array(bytes[..<boundary]), Array(bytes[..<(boundary - 9)]), stored]
    }

    private static func note(_ size: UInt64) throws -> String {
        try signer.sign(size: size, root: TreeHash(leaf: [UInt8(size & 255)])).text
    }

    private static func notes() throws -> String { try note(1) + note(2) + note(1_000_000) }

    private static func certificates() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var key = signer
        for epoch in 0..<3 as Range<UInt64> {
            let next = SigningKey(name: origin)
            bytes += try EpochCertificate.sign(
                epoch: epoch, size: epoch * 10, root: TreeHash(leaf: [UInt8(epoch)]),
                key: next.verificationKey, by: key
            ).text.utf8
            key = next
        }
        return bytes
    }

    private static func proof() throws -> [UInt8] {
        let hashes = (0..<3 as Range<UInt8>).map { TreeHash(leaf: [$0]).bytes }
        let lines = hashes.map { Base64.encode($0) + "\n" }.joined()
        return Array("\(InclusionProof.firstLine)\nindex 5\n\(lines)\n\(try note(8))".utf8)
    }

    private static func manifest() throws -> [UInt8] {
        var edge = TreeEdge()
        for number in 0..<5 as Range<UInt8> { edge.append(TreeHash(leaf: [number])) { _, _ in } }
        return SegmentManifest(
            origin: origin, first: 0, firstTime: "2026-11-21T08:00:00.000000+08:00",
            lastTime: "2026-11-21T09:00:00.000000+08:00", bytes: 700, sha256: sha256Text([1]),
            indexSha256: sha256Text([2]), edge: edge
        ).encoded
    }

    /// Of few members, and of many, so that keys lie in buckets; then what indexes are made of.
    private static func indexes() -> [[UInt8]] {
        let built = [(2, 2), (40, 3)].map { members, events in
            let builder = SegmentIndexBuilder(first: 0, fields: IndexOracle.fields)
            let lines = self.events(members * events)
            for member in 0..<members {
                builder.memberBegan(at: Int64(member) * 100)
                for line in lines[(member * events)..<((member + 1) * events)] {
                    _ = line.withUnsafeBytes { builder.line($0) }
                }
                builder.memberEnded(at: Int64(member + 1) * 100)
            }
            return builder.finish(fileLength: Int64(members) * 100)
        }
        let texts = ["", "a.b.", "R1", "p_", "\"\\}", "\u{e9}\n"]
        let script = (0..<48).flatMap { number -> [UInt8] in
            [UInt8(number)] + Array(texts[number % texts.count].utf8)
                + [number % 3 == 0 ? IndexOracle.memberEnd : IndexOracle.eventEnd]
        }
        return built + [script]
    }

    private static func description() -> [UInt8] {
        LogDescription(
            origin: origin, created: "2026-11-21T08:00:00.000000+08:00",
            rootKey: signer.verificationKey,
            options: CreationOptions(
                origin: origin, reservedPrefixes: ["payout."],
                reportProfile: ["amount": .string("data.amount")], actor: "tester")
        ).bytes
    }

    private static func drafts() -> [[UInt8]] {
        [
            #"{"type":"a","actor":"b","outcome":"success","origin":"c"}"#,
            #"{"data":{"x":[1,2.5,{"y":null}]},"type":"a.b","actor":"\u00e9\n","outcome":"failure","#
                + #""origin":"c","subject":{"reference":"4111 1111 1111 1112"}}"#,
        ].map { Array($0.utf8) }
    }
}
