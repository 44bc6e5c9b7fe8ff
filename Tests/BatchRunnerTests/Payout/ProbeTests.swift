import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("The probe of the balance")
struct ProbeTests {
    private func settle(
        suspendedWith code: String, balanceAnswers answer: String
    ) async throws -> (finding: Probe.Finding, state: PayoutState?) {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        let key = RowKey(fileID: SendingStage.file, row: 1)
        for fact in [PayoutFact.intended(attempt: 1), .suspended] {
            let row = try #require(try stage.ledger.row(key))
            try await stage.journal.record(
                [row.note(fact, batch: "B-1", code: code).draft(LedgerStage.author)])
        }
        let client = stage.client { _ in ScriptedProvider.coded(answer, ["balance": "1.00"]) }
        return (try await stage.probe(client).settle(), try stage.state(1)?.state)
    }

    @Test(
        "A good balance: what was wrong was the row",
        arguments: [
            ("-1001", PayoutState.refused), ("-1000", .held), ("-1002", .unsent),
            ("-1032", .unsent),
        ])
    func good(_ code: String, _ state: PayoutState) async throws {
        let found = try await settle(suspendedWith: code, balanceAnswers: "1000")
        #expect(found == (.good, state))
    }

    @Test(
        "A code that refuses the balance query: this installation is wrong, the row stays unsent",
        arguments: ["-1000", "-1001", "-1002", "-1032"])
    func bad(_ answer: String) async throws {
        let found = try await settle(suspendedWith: "-1001", balanceAnswers: answer)
        guard case .misconfigured = found.finding else {
            Issue.record("\(found.finding)")
            return
        }
        #expect(found.state == .unsent)
    }

    @Test(
        "A provider in trouble says nothing about this installation, and decides nothing",
        arguments: ["-9999", "-1009", "-1010", "-1013", "7777"])
    func trouble(_ answer: String) async throws {
        let found = try await settle(suspendedWith: "-1001", balanceAnswers: answer)
        guard case .noAnswer = found.finding else {
            Issue.record("\(found.finding)")
            return
        }
        #expect(found.state == .suspended)
    }

    @Test(
        "Around a key change, too, a code that shows nothing decides nothing",
        arguments: ["-9999", "-1009", "-1032", "7777"])
    func troubleBetweenKeys(_ answer: String) async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1), .suspended)
        let one = ScriptedProvider.credentials
        let client = SkyPayClient(
            url: "http://127.0.0.1:1/services",
            credentials: SkyPayCredentials(
                callerName: one.callerName, userName: one.userName,
                authentication: one.authentication, passwordKey: one.passwordKey,
                previousPasswordKey: "the key before"),
            transport: ScriptedProvider { _ in ScriptedProvider.coded(answer) },
            choosesSealingKey: true)
        guard case .noAnswer(let reason) = try await stage.probe(client).settle() else {
            Issue.record("decided")
            return
        }
        #expect(reason.contains(answer))
        #expect(try stage.state(1)?.state == .suspended)
    }

    /// A row of its own action whose answers were -1000, each sealed or not; a probe after each that was
    /// bad but for the last.
    private func held(_ isOrder: Bool, sealed answers: [Bool]) async throws -> Bool? {
        let stage = try await SendingStage()
        if isOrder {
            try await stage.takeCancellation(of: "SKY9900000001")
        } else {
            try await stage.take(rows: 1)
        }
        let key = RowKey(fileID: SendingStage.file, row: 1)
        for (place, isSealed) in answers.enumerated() {
            if isOrder {
                try await stage.recordRequest(key, .intended(attempt: place + 1))
                try await stage.recordRequest(key, .suspended, code: "-1000", isSealed: isSealed)
            } else {
                try await stage.record(1, .intended(attempt: place + 1))
                var note = try #require(try stage.ledger.row(key))
                    .note(.suspended, batch: "B-1", code: "-1000")
                note.wasDecrypted = isSealed
                try await stage.journal.record([note.draft(LedgerStage.author)])
            }
            let balance = place + 1 == answers.count ? "1000" : "-1000"
            let client = stage.client { _ in ScriptedProvider.coded(balance, ["balance": "1.00"]) }
            _ = try await stage.probe(client).settle()
        }
        if isOrder {
            let row = try #require(try stage.ledger.request(key))
            return row.record.state == .held ? row.record.possiblySent : nil
        }
        let row = try #require(try stage.state(1))
        return row.state == .held ? row.possiblySent : nil
    }

    @Test(
        "Held after -1000, a row may have been sent unless every such answer came sealed",
        arguments: [false, true],
        [([true], false), ([false], true), ([false, true], true), ([true, true], false)])
    func heldInDoubt(_ isOrder: Bool, _ answers: ([Bool], Bool)) async throws {
        #expect(try await held(isOrder, sealed: answers.0) == answers.1)
    }

    /// A transfer refused so, sealed or in plain, and a probe with this balance.
    private func transfer(
        _ code: String, isSealed: Bool, balanceAnswers answer: String
    ) async throws -> RequestRecord {
        let stage = try await SendingStage()
        try await stage.takeTransfer(of: "1000.00")
        let key = RowKey(fileID: SendingStage.file, row: 1)
        try await stage.recordRequest(key, .intended(attempt: 1))
        try await stage.recordRequest(key, .suspended, code: code, isSealed: isSealed)
        let client = stage.client { _ in ScriptedProvider.coded(answer, ["balance": "1.00"]) }
        _ = try await stage.probe(client).settle()
        return try stage.request().record
    }

    @Test(
        "A transfer refused in plain where the installation is fine is held: nobody would know a second",
        arguments: ["-1000", "-1001", "-1002", "-1032"])
    func plainTransfer(_ code: String) async throws {
        let held = try await transfer(code, isSealed: false, balanceAnswers: "1000")
        #expect(held.state == .held && held.possiblySent)
        let sealed = try await transfer(code, isSealed: true, balanceAnswers: "1000")
        let expected: [String: RequestState] = ["-1000": .held, "-1001": .refused]
        #expect(sealed.state == expected[code] ?? .unsent && !sealed.possiblySent)
    }

    @Test("Refused as the whole installation is, a transfer goes out again; a plain -1000 holds it")
    func transferOfWrongInstallation() async throws {
        for code in ["-1001", "-1002", "-1032"] {
            let refused = try await transfer(code, isSealed: false, balanceAnswers: code)
            #expect(refused.state == .unsent, "\(code)")
        }
        let held = try await transfer("-1000", isSealed: false, balanceAnswers: "-1000")
        #expect(held.state == .held && held.possiblySent)
    }
}
