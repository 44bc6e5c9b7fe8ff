import DurableFiles
import Testing

@testable import AuditLog

@Suite("Programs of others check our files", .serialized)
struct InteropTests {
    /// A log of several epochs, evidence of some events, its tiles, a checkpoint kept early and the
    /// proof that the log grew from there.
    private struct Files {
        let fixture = try? LogFixture()
        var key = ""
        var size: UInt64 = 0
        var keptSize: UInt64 = 0
        var evidence = ""
        var tiles = ""
        var kept = ""
        var grown = ""
    }

    private func files() async throws -> Files {
        var files = Files()
        let fixture = try #require(files.fixture)
        files.key = try fixture.create()
        let log = try await fixture.open()
        _ = try await log.append(LogFixture.drafts(0..<300))
        let kept = try await log.checkpoint()
        for part in 1..<3 {
            try await log.seal()
            _ = try await log.append(LogFixture.drafts(part * 300..<part * 300 + 300))
        }
        try await log.close()
        (files.size, files.keptSize) = (await log.size, kept.size)
        files.kept = "\(fixture.root)/kept"
        files.grown = "\(fixture.root)/grown"
        try LogFixture.write(files.kept, Array(kept.text.utf8))
        let grown = try LogProofs(directory: fixture.log).consistency(from: kept.size)
        try LogFixture.write(files.grown, Array(grown.text.utf8))
        var selection = ExportSelection()
        (selection.first, selection.last) = (250, 310)
        files.evidence = try ExportTests.export(fixture, .evidence, selection).path
        files.tiles = try ExportTests.export(fixture, .tiles).path
        return files
    }

    @Test(
        "Google's note and tlog packages accept notes, certificates, proofs and growth",
        .enabled(
            if: InteropTools.hasGo, "golang-go and golang-golang-x-mod-dev are not installed"))
    func google() async throws {
        let files = try await files()
        let environment = [
            "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "",
            "GOCACHE": "/tmp/auditlog-go-cache",
        ]
        let program = "\(try #require(files.fixture).root)/check"
        let build = try InteropTools.run(
            ["/usr/bin/go", "build", "-o", program, "\(InteropTools.folder)/check.go"],
            environment: environment)
        #expect(build.code == 0, "\(build.output)")
        let arguments = [program, files.evidence, files.key, files.kept, files.grown]
        let result = try InteropTools.run(arguments)
        #expect(result.output == "61 events, 3 epochs, \(files.keptSize) to \(files.size)\n")
        #expect(result.code == 0)
        try alter("\(files.evidence)/events.jsonl", "gate", "gaze")
        #expect(try InteropTools.run(arguments).code != 0)
    }

    @Test(
        "aics-tlog accepts checkpoints, proofs and growth, and audits the tiles",
        .enabled(if: InteropTools.aicsPython != nil, "no Python with aics-tlog is installed"))
    func aics() async throws {
        let files = try await files()
        let arguments = [
            try #require(InteropTools.aicsPython), "\(InteropTools.folder)/check_aics.py",
            files.evidence, files.tiles, files.kept, files.grown,
        ]
        let result = try InteropTools.run(arguments)
        #expect(result.output == "61 events, 5 tiles, 4 bundles\n")
        #expect(result.code == 0)
        try alter("\(files.tiles)/tile/entries/001", "gate", "gaze")
        #expect(try InteropTools.run(arguments).code != 0)
    }

    @Test(
        "A stranger checks the evidence with the script that comes with it",
        .enabled(if: InteropTools.python != nil, "no Python 3.8 or newer is installed"))
    func evidence() async throws {
        let files = try await files()
        let python = try #require(InteropTools.python)
        let script = "\(files.evidence)/check-evidence.py"
        func check(_ key: String?) throws -> (code: Int32, output: String) {
            let given = key.map { ["--key", $0] } ?? []
            return try InteropTools.run([python, "-O", script, files.evidence] + given)
        }
        let proved = try check(files.key)
        #expect(proved.code == 0)
        #expect(proved.output.hasPrefix("proved: 61 events (250 to 310) are in the log"))
        #expect(try check(nil).output.contains("who signed"))
        let stranger = SigningKey(name: "auditlog.example/test").verificationKey.text
        #expect(try check(stranger).code == 2)
        for (name, from, to) in [
            ("events.jsonl", "gate", "gaze"),
            ("checkpoint", "\n\(files.size)\n", "\n\(files.size - 1)\n"),
            ("epochs", "\n1\n", "\n2\n"), ("proofs/000000000250.tlog-proof", "250", "251"),
            ("events.jsonl", "{\"seq\":250,", "{\"seq\":249,"),
        ] {
            let whole = try DurableFiles.read("\(files.evidence)/\(name)")
            try alter("\(files.evidence)/\(name)", from, to)
            let refused = try check(files.key)
            #expect(refused.code == 2 && !refused.output.contains("proved: 61"), "\(name)")
            try LogFixture.write("\(files.evidence)/\(name)", whole)
        }
        try DurableFiles.remove("\(files.evidence)/proofs/000000000300.tlog-proof")
        #expect(try check(files.key).code == 2)
    }

    @Test("The script in docs and the one in evidence folders are the same, within 100 lines")
    func script() throws {
        let bytes = try DurableFiles.read("\(InteropTools.docs)/check-evidence.py")
        #expect(EvidenceScript.text == String(decoding: bytes, as: UTF8.self))
        #expect(bytes.filter { $0 == 0x0A }.count <= 100)
    }

    /// Replaces the first place of a text by one of the same length.
    private func alter(_ path: String, _ from: String, _ to: String) throws {
        let text = String(decoding: try DurableFiles.read(path), as: UTF8.self)
        let place = try #require(text.firstRange(of: from))
        try LogFixture.write(path, Array(text.replacingCharacters(in: place, with: to).utf8))
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
