import AuditLog
import OrderedJSON
import SkyPay

/// Takes SkyPay's callbacks, dropped as files or posted. The order: event durable, then the answer;
/// what a payoutQueuePayout reports only asks for a query, because ECB has no integrity and a spliced
/// text must not move money (`skypay-api.md §3`).
struct CallbackDesk: Sendable {
    let journal: Journal
    let store: FileStore
    let configuration: RunnerConfiguration
    let reading: CallbackReading
    let counter: CounterDesk
    let clock: any RunnerClock
    /// Files and posted callbacks are judged side by side; each decision is folded before the next.
    let turn = Turn()

    /// Reads, records and thereby answers one callback; what is not one is set aside.
    func answer(_ file: StoredFile) async throws {
        guard file.isPosted || configuration.sender(file.sender).acceptsCallbacks else {
            return try await setAside(
                file,
                "callbacks are not taken from this folder; allow them with "
                    + "senders.\(file.sender.isEmpty ? "default" : file.sender).callbacks: true")
        }
        let contents: CallbackReading.Contents
        do {
            contents = try reading.contents(store.site.file(file.fileID))
        } catch {
            return try await setAside(file, error.description)
        }
        guard let action = Callback.action(of: contents.object) else {
            return try await setAside(file, "the field action names no callback of SkyPay")
        }
        try await turn.run {
            var note = try note(file, action, contents.object, contents.isEncrypted)
            note.withPreviousKey = contents.withPreviousKey
            try await record(note)
        }
    }

    /// Records registrations whose time has been over for so long, between two callbacks.
    func expire(postponedBy seconds: Int64) async throws {
        try await turn.run { try await counter.expire(at: clock.unixSeconds() - seconds) }
    }

    /// What a copied callback lacks to be whole; nil when more bytes could not mend it. A cut
    /// encrypted text cannot be told from one under another key, so it waits too.
    func missing(_ path: String) -> String? {
        do {
            _ = try reading.contents(path)
            return nil
        } catch {
            return error.couldGrow ? error.description : nil
        }
    }

    /// The callback with its answer: credentials first, then its form, then what it asks.
    private func note(
        _ file: StoredFile, _ action: String, _ object: JSONObject, _ isEncrypted: Bool
    ) throws -> CallbackNote {
        let content: CallbackNote.Content
        do {
            content = .whole(try Callback.parse(object))
        } catch {
            content = .malformed(action: action, reason: error.description)
        }
        var note = CallbackNote(
            file: file, content: content, isEncrypted: isEncrypted,
            verified: Callback.credentialsMatch(object, reading.credentials),
            response: [:])
        if Callback.alwaysAnswersSuccess(action) {
            note.response = response(.success, "Success")
        } else if !note.verified {
            note.response = response(.invalidAccountOrVerification, "verification error")
        } else if case .whole(let callback) = content {
            let decision = try counter.decide(callback, key: note.paymentKey, clock.unixSeconds())
            note.decision = decision
            note.response = response(decision.answer.code, decision.answer.description)
        } else {
            note.response = response(.unpredictableException, "a field is missing or malformed")
        }
        return note
    }

    private func response(_ code: ReturnCode, _ description: String) -> JSONValue {
        let now = clock.now()
        return CallbackAnswer(
            code: code, description: description,
            atUnixMicroseconds: now.seconds * 1_000_000 + Int64(now.microseconds)
        ).json
    }

    private func record(_ note: CallbackNote) async throws {
        let stored = try note.storedKey.map { try journal.ledger.isKnownCallback($0) } ?? false
        let replay = note.decision?.answer.replay ?? stored
        guard case .whole(.payoutQueuePayout(let result)) = note.content else {
            try await journal.record([note.draft(journal.author, replay: replay, known: true)])
            return
        }
        // What a query settles meanwhile may be what this report contradicts: then it is decided again.
        let isTaken = note.verified && !replay
        for _ in 1..<Self.maxDecisions {
            let effect = try effect(of: result, isTaken: isTaken)
            let drafts = effect.drafts(of: note, journal.author, replay: replay)
            if try await journal.record(drafts, while: effect.premise) { return }
        }
        let effect = try effect(of: result, isTaken: isTaken)
        try await journal.record(effect.drafts(of: note, journal.author, replay: replay))
    }

    /// Times a report is judged at most before it is recorded as judged.
    private static let maxDecisions = 10

    /// What a report does to its payout and the orders about it, and what that rests on.
    private struct Effect {
        var isKnown: Bool
        var moves: [EventDraft]
        var premise: Journal.Premise

        /// With the callback's own event before them.
        func drafts(
            of note: CallbackNote, _ author: EventAuthor, replay: Bool
        ) -> [EventDraft] {
            [note.draft(author, replay: replay, known: isKnown)] + moves
        }
    }

    private func effect(of result: PayoutResult, isTaken: Bool) throws -> Effect {
        let number = result.controlNumber
        let row = try journal.ledger.row(controlNumber: number)
        var concerned: [StoredRequest] = []
        var moves: [EventDraft] = []
        if isTaken {
            concerned = try orders.orders(concernedBy: result)
            if let row, row.isPayout { moves += try facts(about: row, result) }
            moves += try orders.drafts(for: result, about: concerned)
        }
        var rows = Set(concerned.map(\.key))
        if let row { rows.insert(row.key) }
        let premise = Journal.Premise(rows: rows) { [record = row?.record, concerned] ledger in
            guard try ledger.row(controlNumber: number)?.record == record else { return false }
            return try concerned.allSatisfy { try ledger.request($0.key)?.record == $0.record }
        }
        return Effect(isKnown: row != nil, moves: moves, premise: premise)
    }

    private var orders: OrderCallbacks {
        OrderCallbacks(journal: journal, confirm: configuration.callbacks.confirm)
    }

    /// What a reported result does to its payout.
    private func facts(about row: StoredRow, _ result: PayoutResult) throws -> [EventDraft] {
        let batch = try journal.ledger.file(row.key.fileID)?.batch ?? ""
        let confirm = configuration.callbacks.confirm
        let told = try journal.ledger.told(row)
        return CallbackMeaning.facts(
            for: row.record, told: told, result, confirm: confirm
        ).map { fact in
            var entry = row.note(
                fact, batch: batch, description: result.failDescription ?? "", source: "callback")
            // What only asks for a query tells nothing: ECB has no integrity.
            if fact.isTakenAsTold { entry.reference = result.referenceNumber.map(CallbackNote.cut) }
            entry.providerTime = CallbackNote.cut(result.dealTime)
            return entry.draft(journal.author)
        }
    }

    private func setAside(_ file: StoredFile, _ reason: String) async throws {
        try await journal.record(
            .fileQuarantined, outcome: .failure, subject: ["file": .string(file.fileID)],
            data: [
                "verdict": "quarantined", "kind": "callback", "reason": .string(reason),
                "name": .string(file.name), "sender": .string(file.sender),
                "outputName": .string(file.outputName),
            ])
    }
}
