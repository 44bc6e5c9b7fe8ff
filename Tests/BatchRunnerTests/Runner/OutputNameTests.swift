import AuditLog
import OrderedJSON
import Testing

@testable import BatchRunner

/// What is set aside is answered under its file id, which may be another file's name.
@Suite("Names of answers", .timeLimit(.minutes(10)))
struct OutputNameTests {
    private static let fileID = "20261121-000007"

    private static func claim(_ fileID: String, name: String, outputName: String) -> EventDraft {
        FileClaim(
            fileID: fileID, sender: "", name: name, outputName: outputName, sha256: "ab", bytes: 1,
            sideSHA256: nil, identity: [:]
        ).draft(LedgerStage.author)
    }

    @Test(
        "Files named like a file id, and what is set aside under it, never share an answer's name",
        arguments: 0..<4)
    func likeAFileID(_ setAside: Int) throws {
        let stage = try LedgerStage()
        var script = EventScript()
        var given: [String] = []
        for number in 0..<4 {
            let name = try stage.ledger.nextOutputName(Self.fileID, sender: "")
            given.append(name)
            if number == setAside {
                script.add(
                    .fileQuarantined, file: Self.fileID,
                    data: [
                        "verdict": "quarantined", "reason": "odd", "name": "odd%7E2",
                        "sender": "", "outputName": .string(name),
                    ])
            } else {
                script.add(
                    Self.claim("20261120-00000\(number)", name: Self.fileID, outputName: name))
            }
            try stage.apply(script.events)
        }
        #expect(given == [Self.fileID] + (2...4).map { "\(Self.fileID)~\($0)" })
        #expect(try stage.ledger.nextOutputName(Self.fileID, sender: "acme") == Self.fileID)
    }

    @Test("The id of a file that is answered under its own name takes no name from another")
    func ownName() throws {
        let stage = try LedgerStage()
        var script = EventScript()
        script.add(Self.claim(Self.fileID, name: "pay.csv", outputName: "pay.csv"))
        try stage.apply(script.events)
        #expect(try stage.ledger.nextOutputName(Self.fileID, sender: "") == Self.fileID)
        #expect(try stage.ledger.nextOutputName("pay.csv", sender: "") == "pay.csv~2")
    }

    @Test("A file named like the id of something set aside is answered beside it")
    func bothAnswered() async throws {
        let temporary = try TemporarySite()
        try temporary.write(
            "batchrunner.yaml",
            ConfigurationTests.least + "intake: {settleSeconds: 0, scanSeconds: 1}\n")
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        try temporary.drop("odd~2", "x")
        let first = try await runner.intake.look(at: .zero)
        let fileID = try #require(first.judged.first)
        try temporary.drop(
            fileID,
            """
            H,batch=B-1,action=payoutQueue,mode=test
            C,controlNumber,name,phone,amount,accountNo,withdrawChannel
            T,count=0,amount=0.00

            """)
        let second = try await runner.intake.look(at: .seconds(1))
        #expect(second.judged.count == 1 && second.conflicts.isEmpty)
        for name in [fileID, "\(fileID)~2"] {
            #expect(temporary.exists("outbox/\(name).ack.json"), "\(name)")
        }
        try await runner.close()
    }
}
