import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Exports")
struct ExportTests {
    /// A closed log of two sealed segments and an open one.
    static func log(_ fixture: LogFixture) async throws -> String {
        let key = try fixture.create()
        let log = try await fixture.open()
        for part in 0..<3 {
            _ = try await log.append(LogFixture.drafts(part * 300..<part * 300 + 300))
            if part < 2 { try await log.seal() }
        }
        try await log.close()
        return key
    }

    private static func text(_ events: ArraySlice<Event>) -> [UInt8] {
        var bytes: [UInt8] = []
        for event in events { bytes += event.bytes + [0x0A] }
        return bytes
    }

    static func export(
        _ fixture: LogFixture, _ format: ExportFormat,
        _ selection: ExportSelection = ExportSelection()
    ) throws -> (path: String, summary: ExportSummary) {
        let path = "\(fixture.root)/out-\(format.rawValue)"
        let summary = try LogExport(directory: fixture.log, output: path).run(format, selection)
        return (path, summary)
    }

    @Test("jsonl is the exact lines, within the numbers asked for")
    func lines() async throws {
        let fixture = try LogFixture()
        _ = try await Self.log(fixture)
        let all = try fixture.events()
        var selection = ExportSelection()
        (selection.first, selection.last) = (290, 620)
        let (path, summary) = try Self.export(fixture, .jsonl, selection)
        let expected = Self.text(all[290...620])
        #expect(try DurableFiles.read(path) == expected)
        #expect(summary.events == 331)
        #expect(summary.unsigned == 0)
    }

    @Test("Conditions and times select as a search does")
    func conditions() async throws {
        let fixture = try LogFixture()
        _ = try await Self.log(fixture)
        let all = try fixture.events()
        var selection = ExportSelection()
        selection.query.type = "auditlog."
        selection.query.to = all[620].time
        let (path, _) = try Self.export(fixture, .jsonl, selection)
        let expected = all[...620].filter { $0.type.hasPrefix("auditlog.") }[...]
        #expect(try DurableFiles.read(path) == Self.text(expected))
        var none = ExportSelection()
        none.query.subject = [("reference", "nobody")]
        for format in [ExportFormat.csv, .evidence] {
            let error = #expect(throws: AuditLogError.self) {
                try Self.export(fixture, format, none)
            }
            #expect(error?.code == .missing)
        }
        let outputs = LogLayout.names(in: fixture.root).filter { $0.contains("out-") }
        #expect(outputs == ["out-jsonl"])
    }

    @Test("An output that is there is refused and stays; what a crash left is replaced")
    func existing() async throws {
        let fixture = try LogFixture()
        _ = try await Self.log(fixture)
        for format in ExportFormat.allCases {
            let path = "\(fixture.root)/out-\(format.rawValue)"
            let temporary = DurableFiles.temporaryPath(for: path)
            if format == .tiles || format == .evidence {
                try DurableFiles.makeFolder("\(temporary)/proofs")
            }
            let leftover =
                DurableFiles.isFolder(temporary) ? "\(temporary)/proofs/x" : temporary
            try LogFixture.write(leftover, [1])
            var selection = ExportSelection()
            if format == .evidence { selection.last = 3 }
            let (_, summary) = try Self.export(fixture, format, selection)
            #expect(summary.events > 0)
            #expect(!DurableFiles.exists(temporary))
            #expect(!DurableFiles.exists("\(path)/proofs/x"))
            let error = #expect(throws: AuditLogError.self) {
                try Self.export(fixture, format, selection)
            }
            #expect(error?.code == .exists)
        }
    }

    @Test("csv has a column for each member of subject, and quotes as RFC 4180 says")
    func table() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        var draft = LogFixture.draft(1)
        draft.actor = "=cmd()"
        draft.subject = ["batch": "a,\"b\"", "party": ["id": 7]]
        _ = try await log.append([LogFixture.draft(0), draft])
        try await log.close()
        var selection = ExportSelection()
        selection.query.type = "door.opened"
        let (path, _) = try Self.export(fixture, .csv, selection)
        let rows = String(decoding: try DurableFiles.read(path), as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(rows.count == 4)
        #expect(
            rows[0] == "seq,time,type,actor,outcome,origin,subject.reference,subject.batch,"
                + "subject.party,subject,data")
        #expect(rows[1].hasSuffix(",door.opened,badge 7,success,gate,R0,,,,\"{\"\"n\"\":0}\""))
        #expect(
            rows[2].hasSuffix(
                ",'=cmd(),success,gate,,\"a,\"\"b\"\"\",\"{\"\"id\"\":7}\",,\"{\"\"n\"\":1}\""))
    }

    @Test(
        "No cell is a formula",
        arguments: [
            ("=1", "'=1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\ta", "'\ta"),
            ("\ra", "\"'\ra\""), ("a=b", "a=b"), ("", ""), ("\"", "\"\"\"\""),
            ("a\"\u{301},=1", "\"a\"\"\u{301},=1\""), ("=\u{301}1", "'=\u{301}1"),
        ])
    func cells(text: String, cell: String) { #expect(CSVExport.cell(text) == cell) }

    @Test(
        "Tile numbers are grouped as C2SP tlog-tiles says",
        arguments: [
            (0, "000"), (7, "007"), (999, "999"), (1_000, "x001/000"),
            (1_234_067, "x001/x234/067"),
        ] as [(UInt64, String)])
    func tileNames(number: UInt64, path: String) { #expect(TileWriter.path(number) == path) }

    @Test("Tiles hold every hash of the tree and every entry")
    func tiles() async throws {
        let fixture = try LogFixture()
        _ = try await Self.log(fixture)
        let events = try fixture.events()
        let (path, summary) = try Self.export(fixture, .tiles)
        #expect(summary.events == UInt64(events.count))
        let partial = events.count % 256
        var leaves: [UInt8] = []
        var entries: [UInt8] = []
        for number in ["000", "001", "002", "003.p/\(partial)"] {
            leaves += try DurableFiles.read("\(path)/tile/0/\(number)")
            entries += try DurableFiles.read("\(path)/tile/entries/\(number)")
        }
        var expected: (leaves: [UInt8], entries: [UInt8]) = ([], [])
        for event in events {
            let bytes = event.bytes
            expected.leaves += TreeHash(leaf: bytes).bytes
            expected.entries += [UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
        }
        #expect(leaves == expected.leaves)
        #expect(entries == expected.entries)
        let level = try DurableFiles.read("\(path)/tile/1/000.p/3")
        #expect(try level == DurableFiles.read("\(fixture.log)/tree/1"))
        #expect(
            try DurableFiles.read("\(path)/checkpoint")
                == DurableFiles.read("\(fixture.log)/checkpoint"))
    }

    @Test("Tiles of an altered log are not given out")
    func alteredTiles() throws {
        let log = try HandmadeLog(size: 300)
        var edge = TreeEdge()
        for line in log.lines.dropLast() { edge.append(TreeHash(leaf: line)) }
        edge.append(TreeHash(leaf: [1]))
        try Self.sign(log, log.key.sign(size: 300, root: edge.root))
        let error = #expect(throws: AuditLogError.self) { try Self.export(log.fixture, .tiles) }
        #expect(error?.code == .damaged)
        #expect(!DurableFiles.exists("\(log.fixture.root)/out-tiles"))
    }

    /// log.json, epochs and checkpoint for a log written by hand.
    static func sign(_ log: HandmadeLog, _ checkpoint: SignedCheckpoint) throws {
        let root = SigningKey(name: log.key.verificationKey.name)
        let certificate = try EpochCertificate.sign(
            epoch: 0, size: 0, root: .empty, key: log.key.verificationKey, by: root)
        try LogFixture.write(log.layout.epochs, Array(certificate.text.utf8))
        try LogFixture.write(log.layout.checkpoint, Array(checkpoint.text.utf8))
        let description = LogDescription(
            origin: root.verificationKey.name, created: "2026-11-21T10:00:00.000000+08:00",
            rootKey: root.verificationKey,
            options: CreationOptions(origin: root.verificationKey.name, actor: "tester"))
        try LogFixture.write(log.layout.description, description.bytes)
    }
}
