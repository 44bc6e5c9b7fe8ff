import Glibc
import OrderedJSON
import Testing

@testable import BatchRunner

/// U+0600 is one character with whatever stands behind it, the dot of an ending too.
@Suite("Names whose ending is no character of its own")
struct MarkedNameTests {
    private let stage: LedgerStage
    private static let name = "a\u{600}"

    init() throws { stage = try LedgerStage() }

    @Test("A status that an earlier process left goes")
    func status() throws {
        let path = "outbox/\(Self.name).status.json"
        try stage.temporary.write(path, "{}")
        let board = WaitingBoard(outbox: stage.temporary.site.outbox, ledger: stage.ledger)
        #expect(board.clear().isEmpty)
        #expect(!stage.temporary.exists(path))
    }

    @Test("A side file that could not be moved is known by its file")
    func leftSideFile() throws {
        let sideName = Self.name + NameRules.sideSuffix
        try stage.temporary.drop(sideName, "{}")
        let entry = try stage.temporary.entry(sideName)
        let claim = FileClaim(
            fileID: "20261121-000001", sender: "", name: Self.name, outputName: Self.name,
            sha256: "ab", bytes: 1, sideSHA256: "cd",
            identity: ClaimRecord.identity(file: .unknown, side: entry.identity))
        var script = EventScript()
        script.add(claim.draft(LedgerStage.author))
        try stage.apply(script.events)
        var left = LeftOriginals()
        try left.recall([entry], stage.ledger, stage.temporary.site)
        var claims = Claims(site: stage.temporary.site)
        claims.movingFails = { _ in EPERM }
        let (others, waiting) = try left.finish([entry], by: claims)
        #expect(others.isEmpty)
        #expect(waiting.map(\.entry) == [entry])
    }
}
