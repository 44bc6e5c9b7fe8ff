import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("Callbacks about amendments that are settled")
struct AmendmentReportTests {
    private static let number = "SKY9900000001"
    private static let files = ["20261121-000002", "20261121-000003"]

    /// A payout that SkyPay has, and so many amendments of it; each held, and called done by a person.
    private func stage(amendments: Int) async throws -> SendingStage {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1), .accepted)
        for file in Self.files.prefix(amendments) {
            try await stage.takeAmendment(of: Self.number, as: file)
            let key = RowKey(fileID: file, row: 1)
            try await stage.recordRequest(
                key, .intended(attempt: 1), .unknown, .held(possiblySent: true), .resolved(.done))
        }
        stage.clock.advance(3_600)
        return stage
    }

    /// What the callbacks desk records of the orders about the payout.
    private func report(_ payType: PayType, _ stage: SendingStage) async throws {
        let callback = try Callback.parse([
            "action": "payoutQueuePayout", "controlNumber": .string(Self.number),
            "payType": .string(String(payType.rawValue)), "dealTime": "2026-11-21 10:00:00",
        ])
        guard case .payoutQueuePayout(let result) = callback else {
            Issue.record("\(callback)")
            return
        }
        for confirm in [true, false] {
            let desk = OrderCallbacks(journal: stage.journal, confirm: confirm)
            let orders = try desk.orders(concernedBy: result)
            try await stage.journal.record(try desk.drafts(for: result, about: orders))
        }
    }

    private func ask(_ stage: SendingStage, _ status: String) async throws {
        let client = stage.client { _ in
            ScriptedProvider.statuses([(Self.number, status)])
        }
        _ = try await stage.inquiry(client).ask(until: StopRequest())
    }

    @Test("Called done, and reported failed: asked about once, corrected, raised, the state stays")
    func contradicted() async throws {
        let stage = try await stage(amendments: 1)
        try await report(.amended, stage)
        #expect(try !stage.request(of: Self.files[0]).record.queryAsked, "it agrees")
        try await report(.amendFailed, stage)
        #expect(try stage.request(of: Self.files[0]).record.queryAsked)
        try await ask(stage, "2")
        let row = try stage.request(of: Self.files[0])
        #expect(row.record.state == .confirmed && !row.record.queryAsked)
        #expect(row.final == .confirmed)
        #expect(try stage.ledger.latestFinding(about: row.key)?.outcome == "failed")
        #expect(try stage.ledger.contradictions() == 1)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test(
        "Reported otherwise again and again: each time asked about once, and corrected to the last",
        arguments: [ResolvedRequest.done, .failed])
    func flipped(_ word: ResolvedRequest) async throws {
        let stage = try await stage(amendments: 0)
        try await stage.takeAmendment(of: Self.number, as: Self.files[0])
        let key = RowKey(fileID: Self.files[0], row: 1)
        try await stage.recordRequest(
            key, .intended(attempt: 1), .unknown, .held(possiblySent: true), .resolved(word))
        var told = try stage.ledger.told(try stage.request(of: key.fileID))
        for (count, payType) in [PayType.amendFailed, .amended, .amendFailed, .amended].enumerated()
        {
            let says = payType == .amended ? "amended" : "failed"
            try await report(payType, stage)
            #expect(try stage.request(of: key.fileID).record.queryAsked == (told != says))
            stage.clock.advance(3_600)
            try await ask(stage, "2")
            told = try stage.ledger.told(try stage.request(of: key.fileID))
            #expect(told == says, "after \(count + 1) reports")
        }
        #expect(try stage.request(of: key.fileID).record.state == word.state)
        #expect(try stage.ledger.contradictions() == (word == .done ? 4 : 3))
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("A number SkyPay does not know says nothing of it")
    func notFound() async throws {
        let stage = try await stage(amendments: 1)
        try await report(.amendFailed, stage)
        let client = stage.client { _ in ScriptedProvider.statuses([]) }
        _ = try await stage.inquiry(client).ask(until: StopRequest())
        #expect(try stage.ledger.contradictions() == 0)
        #expect(try !stage.request(of: Self.files[0]).record.queryAsked)
    }

    @Test("Of two amendments the later is meant, and none that is done while another is open")
    func several() async throws {
        let stage = try await stage(amendments: 2)
        try await report(.amendFailed, stage)
        #expect(try !stage.request(of: Self.files[0]).record.queryAsked)
        #expect(try stage.request(of: Self.files[1]).record.queryAsked)

        let open = try await self.stage(amendments: 1)
        try await open.takeAmendment(of: Self.number, as: Self.files[1])
        let key = RowKey(fileID: Self.files[1], row: 1)
        try await open.recordRequest(key, .intended(attempt: 1), .accepted)
        try await report(.amendFailed, open)
        #expect(try !open.request(of: Self.files[0]).record.queryAsked)
        #expect(try open.request(of: Self.files[1]).record.reported == 6)
    }

    /// Two amendments that are open: SkyPay took the first, and the second did not get a readable answer.
    private func openStage() async throws -> SendingStage {
        let stage = try await stage(amendments: 0)
        for (file, fact) in zip(Self.files, [RequestFact.accepted, .unknown]) {
            try await stage.takeAmendment(of: Self.number, as: file)
            try await stage.recordRequest(
                RowKey(fileID: file, row: 1), .intended(attempt: 1), fact)
        }
        stage.clock.advance(3_600)
        return stage
    }

    @Test(
        "Of two open amendments a report tells of neither: both go to a person, for good",
        arguments: [[PayType.amended], [.amended, .amendFailed], [.amendFailed, .amended]])
    func oneOfTwo(_ payTypes: [PayType]) async throws {
        let stage = try await openStage()
        for payType in payTypes {
            try await report(payType, stage)
            for file in Self.files {
                let row = try stage.request(of: file)
                #expect(row.record.state == .held && row.record.possiblySent)
                #expect(row.record.reported == nil && !row.record.queryAsked)
                #expect(row.lastDescription?.contains("one of 2 amendments") == true)
            }
        }
        for status in ["2", "1"] {
            try await ask(stage, status)
            stage.clock.advance(3_600)
            for file in Self.files {
                #expect(try stage.request(of: file).record.state == .held)
                #expect(try stage.request(of: file).final == nil)
            }
        }
        #expect(try stage.ledger.contradictions() == 0)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test(
        "What was reported before there was a second one confirms nothing after such a doubt",
        arguments: [RequestFact.accepted, .unknown])
    func reportedBefore(_ first: RequestFact) async throws {
        let stage = try await stage(amendments: 0)
        let keys = Self.files.map { RowKey(fileID: $0, row: 1) }
        try await stage.takeAmendment(of: Self.number, as: Self.files[0])
        try await stage.recordRequest(
            keys[0], .intended(attempt: 1), first, .reported(payType: 5))
        try await stage.takeAmendment(of: Self.number, as: Self.files[1])
        try await stage.recordRequest(keys[1], .intended(attempt: 1), .accepted)
        stage.clock.advance(3_600)
        try await report(.amendFailed, stage)
        try await ask(stage, "2")
        for file in Self.files { #expect(try stage.request(of: file).record.state == .held) }
    }

    @Test("While one amendment is open a report is its own, and not a later one's that failed")
    func failedLater() async throws {
        let stage = try await stage(amendments: 0)
        let keys = Self.files.map { RowKey(fileID: $0, row: 1) }
        try await stage.takeAmendment(of: Self.number, as: Self.files[0])
        try await stage.recordRequest(keys[0], .intended(attempt: 1), .accepted)
        try await stage.takeAmendment(of: Self.number, as: Self.files[1])
        try await stage.recordRequest(
            keys[1], .intended(attempt: 1), .unknown, .held(possiblySent: true),
            .resolved(.failed))
        try await report(.amended, stage)
        #expect(try stage.request(of: Self.files[0]).record.state == .confirmed)
        #expect(try !stage.request(of: Self.files[1]).record.queryAsked)
        #expect(try stage.ledger.contradictions() == 0)
    }
}
