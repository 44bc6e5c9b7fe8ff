import AuditLog
import SkyPay

/// Decides about suspended rows: answers that may mean that this installation, not the row, is
/// wrong (`skypay-api.md §4`: -1000, -1002, -1032, -1001). A balanceQuery tells.
struct Probe: Sendable {
    let journal: Journal
    let client: SkyPayClient
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
    func settle() async throws -> Finding {
        let ledger = journal.ledger
        guard
            try !ledger.rows(in: .suspended, limit: 1).isEmpty
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
        switch (finding, row.lastCode) {
        case (.good, ReturnCode.invalidAccountOrVerification.rawValue): fact = .refused
        case (.good, ReturnCode.contextNotValid.rawValue):
            let isKeyChange = mayBeSealedAnew(
                row.record.attempts, wasDecrypted: row.doubtDecrypted)
            fact = isKeyChange ? .unsent : .held(possiblySent: !row.doubtDecrypted)
        case (.good, _), (.misconfigured, _): fact = .unsent
        case (.noAnswer, _), (.nothingSuspended, _): return nil
        }
        return row.note(
            fact, batch: try batchOf(row.key.fileID), code: row.lastCode,
            description: row.lastDescription ?? "", source: "probe")
    }

    /// As for payouts; but a question that SkyPay could not read is refused, since nothing is lost
    /// by asking it in another file. And a transfer has no number by which SkyPay would know a
    /// second one: a refusal in plain, which may be anybody's, of an installation that is fine leaves it
    /// held, and a -1000 in plain in every case.
    private func note(_ row: StoredRequest, _ finding: Finding) throws -> RequestNote? {
        let fact: RequestFact
        let isPlainTransfer = row.record.family == .transfer && !row.doubtDecrypted
        switch (finding, row.lastCode) {
        case (.good, _) where isPlainTransfer: fact = .held(possiblySent: true)
        case (.good, ReturnCode.invalidAccountOrVerification.rawValue): fact = .refused
        case (.good, ReturnCode.contextNotValid.rawValue):
            if mayBeSealedAnew(row.record.attempts, wasDecrypted: row.doubtDecrypted) {
                fact = .unsent
            } else {
                fact =
                    row.record.family.mayRepeat
                    ? .refused : .held(possiblySent: !row.doubtDecrypted)
            }
        case (.misconfigured, ReturnCode.contextNotValid.rawValue) where isPlainTransfer:
            fact = row.record.nobodyKnows
        case (.good, _), (.misconfigured, _): fact = .unsent
        case (.noAnswer, _), (.nothingSuspended, _): return nil
        }
        return row.note(
            fact, batch: try batchOf(row.key.fileID), code: row.lastCode,
            description: row.lastDescription ?? "", source: "probe")
    }

    /// Around a key change a decrypted -1000 may only mean that the keys changed between the choice
    /// and the request: the one case in which a request is sealed anew (`skypay-api.md §1`), once.
    /// A -1000 in plain proves no key wrong, and may be anybody's.
    private func mayBeSealedAnew(_ attempts: Int, wasDecrypted: Bool) -> Bool {
        client.isChangingKeys && attempts == 1 && wasDecrypted
    }

    private static let groupRows = 500
}
