import AuditLog
import DurableFiles
import Glibc
import OrderedJSON
import SkyPay

/// Takes SkyPay's callbacks that arrive as files. The order: event durable, then the answer 1000;
/// what the callback reports only asks for a query, because ECB has no integrity and a spliced text
/// must not move money (`skypay-api.md §3`).
struct CallbackDesk: Sendable {
    let journal: Journal
    let store: FileStore
    let configuration: RunnerConfiguration
    let credentials: SkyPayCredentials
    let clock: any RunnerClock

    /// Longest callback that is read, in bytes.
    static let maxBytes = 65_536

    /// Reads, records and thereby answers one callback; what is not one is set aside.
    func answer(_ file: StoredFile, isEncrypted: Bool) async throws {
        guard configuration.sender(file.sender).acceptsCallbacks else {
            return try await setAside(
                file,
                "callbacks are not taken from this folder; allow them with "
                    + "senders.\(file.sender.isEmpty ? "default" : file.sender).callbacks: true")
        }
        let object: JSONObject
        let callback: Callback
        do {
            object = try read(file)
            callback = try Callback.parse(object)
        } catch let error as CallbackFault {
            return try await setAside(file, error.description)
        } catch let error as CallbackError {
            return try await setAside(file, error.description)
        }
        if case .other(let action) = callback {
            return try await setAside(file, "\(action) is not available in this version")
        }
        let verified = Callback.credentialsMatch(object, credentials)
        try await record(
            CallbackNote(
                file: file, callback: callback, isEncrypted: isEncrypted, verified: verified,
                response: response()))
    }

    /// What a copied callback lacks to be whole; nil when more bytes could not mend it. A cut
    /// encrypted text cannot be told from one under another key, so it waits too.
    func missing(_ path: String) -> String? {
        do {
            _ = try object(path)
            return nil
        } catch {
            return error.couldGrow ? error.description : nil
        }
    }

    private func read(_ file: StoredFile) throws(CallbackFault) -> JSONObject {
        try object(store.site.file(file.fileID))
    }

    private func object(_ path: String) throws(CallbackFault) -> JSONObject {
        let bytes: [UInt8]
        do {
            bytes = try DurableFiles.read(path, limit: Self.maxBytes)
        } catch  where error.code == EFBIG {
            throw CallbackFault("a callback has at most \(Self.maxBytes) bytes")
        } catch {
            throw CallbackFault(error.description)
        }
        let text: [UInt8]
        do {
            text = try Callback.open(bytes, credentials)
        } catch {
            throw CallbackFault(
                "the text cannot be decrypted; check skypay.passwordKey, and during a key change "
                    + "skypay.previousPasswordKeyFile", couldGrow: true)
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text)
        } catch {
            throw CallbackFault(
                "the callback is not JSON: line \(error.line), \(error.message)",
                couldGrow: error.kind == .incomplete)
        }
        guard let object = value.objectValue else {
            throw CallbackFault("a callback is one JSON object")
        }
        return object
    }

    private func response() -> JSONValue {
        let now = clock.now()
        let answer = CallbackAnswer(
            code: .success, description: "Success",
            atUnixMicroseconds: now.seconds * 1_000_000 + Int64(now.microseconds))
        return answer.json
    }

    private func record(_ note: CallbackNote) async throws {
        let replay = try note.storedKey.map { try journal.ledger.isKnownCallback($0) } ?? false
        var row: StoredRow?
        if case .payoutQueuePayout(let result) = note.callback {
            row = try journal.ledger.row(controlNumber: result.controlNumber)
        }
        var drafts = [
            note.draft(journal.author, replay: replay, known: row != nil)
        ]
        if let row, note.verified, !replay, case .payoutQueuePayout(let result) = note.callback {
            let batch = try journal.ledger.file(row.key.fileID)?.batch ?? ""
            let confirm = configuration.callbacks.confirm
            for fact in CallbackMeaning.facts(for: row.record, result, confirm: confirm) {
                var entry = row.note(
                    fact, batch: batch, description: result.failDescription ?? "",
                    source: "callback")
                entry.reference = result.referenceNumber.map {
                    String($0.prefix(CallbackNote.maxTextLength))
                }
                entry.providerTime = String(result.dealTime.prefix(CallbackNote.maxTextLength))
                drafts.append(entry.draft(journal.author))
            }
        }
        try await journal.record(drafts)
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

/// Why a callback cannot be read, in words.
struct CallbackFault: Error, CustomStringConvertible {
    let description: String
    /// More bytes could mend it.
    let couldGrow: Bool

    init(_ description: String, couldGrow: Bool = false) {
        self.description = description
        self.couldGrow = couldGrow
    }
}

/// What a reported result does to its row. Pure.
enum CallbackMeaning {
    /// The facts to record; with `confirm` a report only asks for a query.
    static func facts(
        for record: PayoutRecord, _ result: PayoutResult, confirm: Bool
    ) -> [PayoutFact] {
        guard !confirm else { return [.reported] }
        var facts: [PayoutFact] = [.reported]
        switch record.state {
        // -1008 on a repeat: the number may carry another amount than ours; the query decides.
        case .unknown where record.numberInUse: return facts
        case .unknown: facts.append(.accepted)
        case .accepted: break
        default: return facts
        }
        switch result.payType {
        case .paid: facts.append(.paid)
        case .failed: facts.append(.failed)
        case .cancelled: facts.append(.cancelled)
        case .uploaded, .amended, .amendFailed: break
        }
        return facts
    }
}
