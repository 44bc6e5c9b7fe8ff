import DurableFiles
import GRDB
import Locks
import Logging
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

/// The door of posted callbacks on a real site, without a listener.
@Suite("The door of posted callbacks")
struct CallbackDoorTests {
    private static let yaml = ConfigurationTests.least

    /// An open site with its door; closed afterwards unless the test did.
    private struct Stage {
        let temporary: TemporarySite
        let runner: Runner
        let stop = StopRequest()
        let door: CallbackDoor

        init() async throws {
            temporary = try TemporarySite()
            try temporary.write("batchrunner.yaml", CallbackDoorTests.yaml)
            runner = try await Runner.open(root: temporary.site.root, environment: [:])
            let silent = Logger(label: "door") { _ in SwiftLogNoOpLogHandler() }
            door = CallbackDoor(
                site: runner.site, judge: runner.judge, responses: runner.responses, stop: stop,
                logger: silent
            ) { _ in }
        }

        var next: UInt64 { get throws { try runner.site.journal.ledger.nextSequence() } }

        func copies() throws -> [String] { try temporary.names("state/files") }
    }

    private static func report(_ number: String, payType: Int = 2) -> [UInt8] {
        let text = """
            {"userName":"Demo@skypay","authentication":"an-invented-credential",
            "action":"payoutQueuePayout","controlNumber":"\(number)","payType":\(payType),
            "dealTime":"2026-11-21 12:00:00"}
            """
        return Array(text.utf8)
    }

    private static func code(_ reply: CallbackReply) throws -> String? {
        guard case .answer(let bytes, false) = reply else { return nil }
        return try JSONValue(parsing: bytes)["responseCode"]?.stringValue
    }

    @Test("An answer means: kept, claimed with its way, judged, folded")
    func taken() async throws {
        let stage = try await Stage()
        let reply = await stage.door.take(Self.report("SKY9912345678"), from: "203.0.113.7")
        #expect(try Self.code(reply) == "1000")
        let fileID = try #require(try stage.copies().first)
        let file = try #require(try stage.runner.site.journal.ledger.file(fileID))
        #expect(file.isPosted)
        #expect(file.verdict == .answered && file.acknowledged)
        #expect(file.identity["from"] == "203.0.113.7")
        #expect(file.sha256 == SHA256Text.of(Self.report("SKY9912345678")))
        let replay = await stage.door.take(Self.report("SKY9912345678"), from: "203.0.113.7")
        #expect(try Self.code(replay) == "1000")
        #expect(try stage.runner.site.journal.ledger.filesToAcknowledge().isEmpty)
        try await stage.runner.close()
    }

    @Test("An amount whose exponent is the least of integers is answered, and ends nobody")
    func leastExponent() async throws {
        let stage = try await Stage()
        let text =
            #"{"action":"collectionInquiry","contractNumber":"X","amount":"1e-9223372036854775808"}"#
        let reply = await stage.door.take(Array(text.utf8), from: "203.0.113.7")
        #expect(try Self.code(reply) != "1000")
        try await stage.runner.close()
    }

    @Test("What is told of a refused text has no control characters, and little of the text")
    func refusedText() async throws {
        let stage = try await Stage()
        let name = #"\n\u001b[2J"# + String(repeating: "x", count: 9_000)
        let text = "{\"\(name)\":1,\"\(name)\":2}"
        let fault = #expect(throws: CallbackFault.self) {
            try stage.runner.judge.callbacks.reading.contents(Array(text.utf8))
        }
        let told = try #require(fault).description
        #expect(told.unicodeScalars.allSatisfy { $0.value >= 0x20 } && told.count < 300)
        try await stage.runner.close()
    }

    @Test("A report that only asks for a question tells no reference")
    func reference() async throws {
        let stage = try await Stage()
        try stage.temporary.drop("pay.csv", TypedBatch(rows: 1).text)
        for seconds in [0, 60] {
            _ = try await stage.runner.intake.look(at: .seconds(seconds))
        }
        let journal = stage.runner.site.journal
        let number = "SKY9900000001"
        let row = try #require(try journal.ledger.row(controlNumber: number))
        try await journal.record(
            [PayoutFact.intended(attempt: 1), .accepted].map {
                row.note($0, batch: "B-1").draft(journal.author)
            })
        let report = String(decoding: Self.report(number), as: UTF8.self)
            .replacing("\"payType\"", with: "\"referenceNumber\":\"R-1\",\"payType\"")
        let reply = await stage.door.take(Array(report.utf8), from: "203.0.113.7")
        #expect(try Self.code(reply) == "1000")
        let after = try #require(try journal.ledger.row(controlNumber: number))
        #expect(after.record.queryAsked && after.reference == nil)
        try await stage.runner.close()
    }

    @Test("Many at once get ids and verdicts of their own, beside files that take ids too")
    func together() async throws {
        let stage = try await Stage()
        let replies = await withTaskGroup(of: CallbackReply.self) { group in
            for number in 10_000_000..<10_000_040 {
                group.addTask {
                    await stage.door.take(Self.report("SKY99\(number)"), from: "127.0.0.1")
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for reply in replies { #expect(try Self.code(reply) == "1000") }
        let names = try stage.copies()
        #expect(names.count == 40 && Set(names).count == 40)
        #expect(names.map { String($0.suffix(6)) } == (1...40).map { Self.padded($0) })
        try await stage.runner.close()
    }

    private static func padded(_ number: Int) -> String {
        String(repeating: "0", count: 6 - String(number).count) + String(number)
    }

    @Test(
        "What is no callback is refused and records nothing",
        arguments: [
            "", "{}", "[]", "{", #"{"action":"payoutQueue"}"#, #"{"action":5}"#, "QUJD",
            "QUJDREVGR0hJSktMTU5PUA==", #"{"batch":"B","action":"registerPayout"}"#,
        ])
    func refused(_ text: String) async throws {
        let stage = try await Stage()
        let before = try stage.next
        #expect(await stage.door.take(Array(text.utf8), from: "127.0.0.1") == .refused)
        #expect(try stage.next == before)
        #expect(try stage.copies().isEmpty)
        try await stage.runner.close()
    }

    @Test("A text longer than any callback is refused")
    func tooLong() async throws {
        let stage = try await Stage()
        let text = Self.report("SKY9912345678") + [UInt8](repeating: 0x20, count: 65_536)
        #expect(await stage.door.take(text, from: "127.0.0.1") == .refused)
        try await stage.runner.close()
    }

    @Test("Once a stop is requested nothing more is taken, and nothing of it is kept")
    func stopping() async throws {
        let stage = try await Stage()
        let before = try stage.next
        stage.stop.request()
        let reply = await stage.door.take(Self.report("SKY9912345678"), from: "127.0.0.1")
        #expect(reply == .unavailable)
        #expect(try stage.next == before)
        #expect(try stage.copies().isEmpty)
        #expect(stage.door.failure == nil)
        try await stage.runner.close()
    }

    @Test("A copy that cannot be made is not taken, and the next delivery may be")
    func noRoom() async throws {
        let stage = try await Stage()
        let before = try stage.next
        let files = stage.temporary.site.files
        try DurableFiles.move(files, to: files + ".away")
        let refused = await stage.door.take(Self.report("SKY9912345678"), from: "127.0.0.1")
        #expect(refused == .unavailable)
        #expect(try stage.next == before)
        #expect(stage.door.failure == nil && !stage.stop.isRequested)
        try DurableFiles.move(files + ".away", to: files)
        let taken = await stage.door.take(Self.report("SKY9912345678"), from: "127.0.0.1")
        #expect(try Self.code(taken) == "1000")
        try await stage.runner.close()
    }

    @Test("With the log stopped nobody is told 1000, and everything else stops too")
    func stoppedLog() async throws {
        let stage = try await Stage()
        try await stage.runner.site.journal.close()
        let reply = await stage.door.take(Self.report("SKY9912345678"), from: "127.0.0.1")
        #expect(reply == .unavailable)
        #expect(stage.door.failure != nil)
        #expect(stage.stop.isRequested)
        #expect(try stage.runner.site.journal.ledger.filesWithoutVerdict().isEmpty)
        await #expect(throws: (any Error).self) { try await stage.runner.close() }
    }
}

@Suite("File ids")
struct FileNumbersTests {
    private static let noon: Int64 = 1_795_233_600

    @Test("Ids count up, each is given once, and the last may be taken back")
    func counting() throws {
        let stage = try LedgerStage()
        let numbers = FileNumbers(stage.ledger)
        let first = try numbers.next(at: Self.noon)
        #expect(first.hasSuffix("-000001"))
        let second = try numbers.next(at: Self.noon)
        #expect(second.hasSuffix("-000002"))
        numbers.giveBack(first)
        #expect(try numbers.next(at: Self.noon).hasSuffix("-000003"))
        numbers.giveBack(second)
        numbers.giveBack(second.replacing("-000002", with: "-000003"))
        #expect(try numbers.next(at: Self.noon).hasSuffix("-000003"))
        #expect(try numbers.next(at: Self.noon + 86_400).hasSuffix("-000001"))
    }

    @Test("Past 999,999 files of a day the ids grow longer, and none comes twice")
    func long() throws {
        let stage = try LedgerStage()
        let day = try FileNumbers(stage.ledger).next(at: Self.noon).prefix(8)
        try stage.ledger.database.write { database in
            for number in ["000007", "999999", "1000000"] {
                try database.execute(
                    sql: """
                        INSERT INTO files (fileId, sender, name, outputName, sha256, bytes,
                            identity, receivedAt, claimSequence)
                        VALUES (?, '', 'n', 'n', '', 0, '{}', '', ?)
                        """, arguments: ["\(day)-\(number)", Int(number)])
            }
        }
        #expect(try FileNumbers(stage.ledger).next(at: Self.noon) == "\(day)-1000001")
    }
}

@Suite("One after the other")
struct TurnTests {
    /// How many are inside, and the most there ever were.
    private final class Gauge: Sendable {
        private let counts = Locked((now: 0, most: 0))

        func enter() {
            counts.withLock { counts in
                counts.now += 1
                counts.most = max(counts.most, counts.now)
            }
        }

        func leave() { counts.withLock { $0.now -= 1 } }

        var most: Int { counts.withLock { $0.most } }
    }

    @Test("Whoever comes second waits for the first, also when the first fails")
    func order() async throws {
        let turn = Turn()
        let gauge = Gauge()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try? await turn.run {
                        gauge.enter()
                        await Task.yield()
                        gauge.leave()
                        if number % 3 == 0 { throw CancellationError() }
                    }
                }
            }
        }
        #expect(gauge.most == 1)
        // Nobody was forgotten: the next one gets its turn.
        #expect(try await turn.run { true })
    }
}
