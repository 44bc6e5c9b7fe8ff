import DurableFiles
import OrderedJSON
import Testing

@testable import BatchRunner

/// Registrations whose time is over, beside payments that lie in the inbox unread.
@Suite("When a registration expires")
struct ExpiryTurnTests {
    private static let number = "SKY9900000001"
    private static let daySeconds: Int64 = 86_400

    private let temporary: TemporarySite
    /// 2026-11-21T17:30:00+08:00.
    private let clock = StandingClock(1_795_253_400)

    init() throws { temporary = try TemporarySite() }

    private func configure(_ more: String) throws {
        try temporary.write("batchrunner.yaml", ConfigurationTests.least + more)
    }

    /// Works on the site as one process does, and leaves it.
    private func working(_ body: (Runner) async throws -> Void) async throws {
        let folder = temporary.site
        let configuration = try RunnerConfiguration.load(site: folder, environment: [:])
        let runner = Runner(try await RunnerSite.open(folder, configuration, clock: clock))
        _ = try await runner.intake.recover()
        try await body(runner)
        try await runner.close()
    }

    /// Collections of 300.00, numbered from the first, that are over at these times.
    private func register(endingAt ends: String...) throws {
        var lines = [
            "H,batch=REG-1,action=registerCollection,mode=test",
            "C,contractNumber,amount,payerName,payerAddress,payerPhone,expiresAt",
        ]
        for (index, end) in ends.enumerated() {
            lines.append(
                "D,SKY990000000\(index + 1),300.00,\"Bayad,Uno\",Pasig,09171234567,\(end)")
        }
        lines.append("T,count=\(ends.count),amount=\(ends.count * 300).00\n")
        try temporary.drop("reg.csv", lines.joined(separator: "\n"))
    }

    /// What a counter says of the first collection, as a file.
    private func drop(_ name: String, _ action: String, _ more: JSONObject = [:]) throws {
        var callback: JSONObject = [
            "userName": "Demo@skypay", "authentication": "an-invented-credential",
            "action": .string(action), "contractNumber": .string(Self.number),
            "amount": "300.00", "phone": "09171234567",
        ]
        callback.members += more.members
        try temporary.drop(name, JSONValue.object(callback).text())
    }

    private func state(_ runner: Runner, _ number: String = Self.number) throws -> CounterState? {
        try runner.site.journal.ledger.registration(.collection, number: number)?.record.state
    }

    /// Registered until 18:00, asked for at 17:30; then a day and a minute go by, and nobody runs.
    private func leaveAsked() async throws {
        try configure("intake: {settleSeconds: 2}\n")
        try await working { runner in
            try register(endingAt: "2026-11-21 18:00:00")
            _ = try await runner.intake.look(at: .zero)
            _ = try await runner.intake.look(at: .seconds(2))
            try drop("ask.json", "collectionInquiry")
            _ = try await runner.intake.look(at: .seconds(3))
            _ = try await runner.intake.look(at: .seconds(5))
            #expect(try state(runner) == .inquired)
        }
        clock.advance(Self.daySeconds + 60)
    }

    @Test("A payment that was dropped while nobody ran is booked, though the day is over by then")
    func droppedMeanwhile() async throws {
        try await leaveAsked()
        try drop(
            "collect.json", "collectionCollect",
            [
                "receiptNumber": "R-1", "collectedTime": "2026-11-21 17:40:00",
                "payChannel": "10",
            ])
        try await working { runner in
            _ = try await runner.intake.look(at: .zero)
            #expect(try state(runner) == .inquired, "its payment has only not settled yet")
            #expect(try await runner.intake.look(at: .seconds(2)).judged.count == 1)
            #expect(try state(runner) == .settled)
        }
        let answer = try temporary.text("outbox/collect.json.response.json")
        #expect(try JSONValue(parsing: Array(answer.utf8))["responseCode"] == "1000")
        let final = try temporary.text("outbox/reg.csv.final.json")
        #expect(try JSONValue(parsing: Array(final.utf8))["counts"]?["paid"] == 1)
    }

    @Test("Where nothing was dropped it expires at the second look")
    func nothingDropped() async throws {
        try await leaveAsked()
        try await working { runner in
            _ = try await runner.intake.look(at: .zero)
            #expect(try state(runner) == .inquired)
            _ = try await runner.intake.look(at: .zero)
            #expect(try state(runner) == .expired)
        }
        let final = try temporary.text("outbox/reg.csv.final.json")
        #expect(try JSONValue(parsing: Array(final.utf8))["counts"]?["withdrawn"] == 1)
    }

    @Test("A file that waits by a limit of ours postpones an expiry, by a week and no longer")
    func waiting() async throws {
        try configure(
            "intake: {settleSeconds: 0}\nsenders: {default: {callbacks: true, filesPerDay: 1}}\n")
        try await working { runner in
            // Over for half an hour, and for half an hour and a week.
            try register(endingAt: "2026-11-21 17:00:00", "2026-11-14 17:00:00")
            #expect(try await runner.intake.look(at: .zero).judged.count == 1)
            try drop("report.json", "collectionInquiry")
            let look = try await runner.intake.look(at: .seconds(1))
            #expect(look.judged.isEmpty && look.waiting.count == 1)
            #expect(try state(runner) == .registered)
            #expect(try state(runner, "SKY9900000002") == .expired)
            try DurableFiles.remove(temporary.site.resolve("inbox/report.json"))
            _ = try await runner.intake.look(at: .seconds(2))
            #expect(try state(runner) == .expired)
        }
    }

    private func waitingFile(of sender: String) throws -> WaitingFile {
        try DurableFiles.makeFolder(temporary.site.inbox(of: sender))
        try temporary.drop("\(sender)/x", "x")
        return WaitingFile(try temporary.entry("x", sender: sender), "waiting")
    }

    @Test("Only what senders of callbacks have unread postpones an expiry")
    func postponements() throws {
        let configuration = try ConfigurationTests.load(
            ConfigurationTests.least
                + "senders: {counter: {callbacks: true}, default: {callbacks: false}}\n")
        let (counter, other) = (try waitingFile(of: "counter"), try waitingFile(of: "acme"))
        /// After a first look that found files which settle in two seconds.
        func after(_ look: IntakeDesk.Look, at second: Int = 2) -> Int64? {
            var turn = ExpiryTurn(isListening: false)
            let first = IntakeDesk.Look(settlesAt: .seconds(2))
            #expect(turn.postponement(after: first, at: .zero, configuration) == nil)
            return turn.postponement(after: look, at: .seconds(second), configuration)
        }
        let most = ExpiryTurn.mostPostponedSeconds
        #expect(after(IntakeDesk.Look(), at: 1) == nil)
        #expect(after(IntakeDesk.Look()) == 0)
        #expect(after(IntakeDesk.Look(waiting: [other])) == 0)
        #expect(after(IntakeDesk.Look(waiting: [other, counter])) == most)
        // What cannot be moved away was read, and has its answers.
        #expect(after(IntakeDesk.Look(waiting: [counter], leftOriginals: 1)) == 0)
        #expect(after(IntakeDesk.Look(waiting: [counter, counter], leftOriginals: 1)) == most)
        #expect(after(IntakeDesk.Look(unreadable: ["acme"], crowded: ["", "beta"])) == 0)
        #expect(after(IntakeDesk.Look(unreadable: ["counter"])) == most)
        #expect(after(IntakeDesk.Look(crowded: ["counter"])) == most)
        #expect(after(IntakeDesk.Look(isCut: true, unreached: ["acme"])) == 0)
        #expect(after(IntakeDesk.Look(isCut: true, unreached: ["acme", "counter"])) == nil)
    }

    @Test("Where callbacks are posted, what was posted in vain while nobody listened is waited for")
    func posts() throws {
        let configuration = try ConfigurationTests.load(ConfigurationTests.least)
        var turn = ExpiryTurn(isListening: true)
        func postponement(_ seconds: Int64) -> Int64? {
            turn.postponement(after: IntakeDesk.Look(), at: .seconds(seconds), configuration)
        }
        #expect(postponement(0) == nil)
        #expect(postponement(5) == ExpiryTurn.mostPostponedSeconds)
        #expect(postponement(ExpiryTurn.postedAgainSeconds - 1) == ExpiryTurn.mostPostponedSeconds)
        #expect(postponement(ExpiryTurn.postedAgainSeconds) == 0)
    }
}
