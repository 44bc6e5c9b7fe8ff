import AuditLog
import SkyPay

/// Decides about suspended rows: answers that may mean that this installation, not the row, is
/// wrong (`skypay-api.md §4`: -1000, -1002, -1032, -1001). A balanceQuery tells.
struct Probe: Sendable {
    let journal: Journal
    let client: SkyPayClient
    let clock: any RunnerClock
    /// The batch id of a file.
    let batchOf: @Sendable (_ fileID: String) throws -> String

    /// What the probe found.
    enum Finding: Sendable, Equatable {
        /// There was nothing to decide.
        case nothingSuspended
        /// The installation is fine; the rows are decided.
        case good
        /// The installation is misconfigured; the rows are unsent again.
        case misconfigured(String)
        /// No answer: the rows stay suspended until there is one.
        case noAnswer(String)
    }

    /// Asks for the balance and settles every suspended row by the answer.
    /// - Parameter evenSo: asks also where nothing is suspended, since repeats of what may have been sent
    ///   were turned away: those are unknown by now.
    func settle(evenSo: Bool = false) async throws -> Finding {
        let ledger = journal.ledger
        guard
            try evenSo || !ledger.rows(in: .suspended, limit: 1).isEmpty
                || !ledger.requests(in: .suspended, limit: 1).isEmpty
        else { return .nothingSuspended }
        let finding = await ask()
        while true {
            let rows = try ledger.rows(in: .suspended, limit: Self.groupRows)
            let requests = try ledger.requests(in: .suspended, limit: Self.groupRows)
            let drafts =
                try rows.compactMap { try note($0, finding)?.draft(journal.author) }
                + requests.compactMap { try note($0, finding)?.draft(journal.author) }
            if drafts.isEmpty { return finding }
            try await journal.record(drafts)
        }
    }

    private func ask() async -> Finding {
        switch await client.balance() {
        case .balance: .good
        case .refused(let answer): Self.finding(answer)
        case .notReachable(let reason), .noInformation(let reason): .noAnswer(reason)
        }
    }

    /// A code that says nothing, such as -9999, says nothing about this installation either.
    private static func finding(_ answer: Answer) -> Finding {
        let what =
            "balanceQuery answered \(answer.code.rawValue) "
            + PersonalData.freeText(answer.description)
        return answer.code.payoutMeaning == .unknown ? .noAnswer(what) : .misconfigured(what)
    }

    /// A -1000 in plain may be anybody's: of a gateway that failed behind the back of a request that
    /// went through. So what it holds may have been sent, and is asked about.
    private func note(_ row: StoredRow, _ finding: Finding) throws -> PayoutNote? {
        let fact: PayoutFact
        let why = try whyGivenUp(
            row.lastCode, journal.ledger.action(ofFile: row.key.fileID) ?? "", finding)
        switch (finding, row.lastCode) {
        case _ where why != nil: fact = .held(possiblySent: !row.doubtDecrypted)
        case (.good, ReturnCode.invalidAccountOrVerification.rawValue): fact = .refused
        case (.good, ReturnCode.contextNotValid.rawValue):
            let isKeyChange = mayBeSealedAnew(
                row.record.attempts, wasDecrypted: row.doubtDecrypted)
            fact = isKeyChange ? .unsent : .held(possiblySent: !row.doubtDecrypted)
        case (.good, _), (.misconfigured, _): fact = .unsent
        case (.noAnswer, _), (.nothingSuspended, _): return nil
        }
        var note = row.note(
            fact, batch: try batchOf(row.key.fileID), code: row.lastCode,
            description: why ?? row.lastDescription ?? "", source: "probe")
        note.wasTurnedAway = fact == .unsent && Self.isTurnedAway(row.lastCode, finding)
        return note
    }

    /// As for payouts; but a question that SkyPay could not read, or turned away for a day, is refused,
    /// since nothing is lost by asking it in another file. And a transfer has no number by which SkyPay
    /// would know a second one: a refusal in plain, which may be anybody's, of an installation that is fine
    /// leaves it held, and a -1000 in plain in every case.
    private func note(_ row: StoredRequest, _ finding: Finding) throws -> RequestNote? {
        let fact: RequestFact
        let why = try whyGivenUp(row.lastCode, row.action, finding)
        let isPlainTransfer = row.record.family == .transfer && !row.doubtDecrypted
        let givenUp =
            row.record.family.mayRepeat
            ? RequestFact.refused : .held(possiblySent: !row.doubtDecrypted)
        switch (finding, row.lastCode) {
        case (.good, _) where isPlainTransfer: fact = .held(possiblySent: true)
        case _ where why != nil: fact = givenUp
        case (.good, ReturnCode.invalidAccountOrVerification.rawValue): fact = .refused
        case (.good, ReturnCode.contextNotValid.rawValue):
            if mayBeSealedAnew(row.record.attempts, wasDecrypted: row.doubtDecrypted) {
                fact = .unsent
            } else {
                fact = givenUp
            }
        case (.misconfigured, ReturnCode.contextNotValid.rawValue) where isPlainTransfer:
            fact = row.record.nobodyKnows
        case (.good, _), (.misconfigured, _): fact = .unsent
        case (.noAnswer, _), (.nothingSuspended, _): return nil
        }
        var note = row.note(
            fact, batch: try batchOf(row.key.fileID), code: row.lastCode,
            description: why ?? row.lastDescription ?? "", source: "probe")
        note.wasTurnedAway = fact == .unsent && Self.isTurnedAway(row.lastCode, finding)
        return note
    }

    /// SkyPay turned it away and not this installation.
    private static func isTurnedAway(_ code: String?, _ finding: Finding) -> Bool {
        guard finding == .good, let code else { return false }
        return ReturnCode.turningAway.contains(ReturnCode(rawValue: code))
    }

    /// Why what is turned away is not sent once more; nil while it is. Unsent it would come first in every
    /// round for ever, and no command takes it away: so it is a person's a day after the first time that
    /// its action was. Not a day after it was sent first: until then it may have been the installation, or
    /// the network.
    private func whyGivenUp(
        _ code: String?, _ action: String, _ finding: Finding
    ) throws -> String? {
        guard Self.isTurnedAway(code, finding),
            let since = try journal.ledger.turnedAwaySince(action),
            clock.unixSeconds() - since >= PayoutPolicy.turnedAwayLimitSeconds
        else { return nil }
        let answer = ReturnCode(rawValue: code ?? "")
        return "turned away for a day and more: SkyPay answered \(answer.rawValue) "
            + "(\(answer.summary)), though it answers balance queries"
    }

    /// Around a key change a decrypted -1000 may only mean that the keys changed between the choice
    /// and the request: the one case in which a request is sealed anew (`skypay-api.md §1`), once.
    /// A -1000 in plain proves no key wrong, and may be anybody's.
    private func mayBeSealedAnew(_ attempts: Int, wasDecrypted: Bool) -> Bool {
        client.isChangingKeys && attempts == 1 && wasDecrypted
    }

    private static let groupRows = 500
}
