import AuditLog
import OrderedJSON
import SkyPay

/// One callback as it enters the audit log: what it says without secrets or full account numbers,
/// and the answer it got, so that the answer can be given again byte for byte. What an inquiry's
/// answer says about a person is not in here: it is read from the private copy again.
struct CallbackNote: Sendable {
    /// What could be read of it.
    enum Content: Sendable, Equatable {
        case whole(Callback)
        /// Of a known action, but a field is missing or has a value nobody knows.
        case malformed(action: String, reason: String)
    }

    /// What a counter's callback came to.
    struct Decision: Sendable, Equatable {
        var answer: Counter.Answer
        /// What it is about; nil when nothing is registered under its number.
        var registration: Registration?
        /// Who is paid, in a booked payment.
        var payee: Payee?
    }

    var file: StoredFile
    var content: Content
    var isEncrypted: Bool
    /// It was sealed with the key before a change, and so is its answer.
    var withPreviousKey = false
    /// userName and authentication are ours.
    var verified: Bool
    /// For a counter's callbacks with the right credentials.
    var decision: Decision?
    /// The base of the answer: time, code, description.
    var response: JSONValue

    /// What makes a repetition a repetition. Without the right credentials there is none: the
    /// callback is applied to nothing and can be dropped again once the cause is mended.
    var key: String? {
        guard verified, case .whole(let callback) = content else { return nil }
        return callback.idempotencyKey.map { $0.map(Self.escaped).joined(separator: "|") }
    }

    /// The event. `known` tells whether the number belongs to a row of ours.
    func draft(_ author: EventAuthor, replay: Bool, known: Bool) -> EventDraft {
        var subject: JSONObject = ["file": .string(file.fileID)]
        var data: JSONObject = [
            "kind": "callback", "encrypted": .boolean(isEncrypted),
            "verified": .boolean(verified), "replay": .boolean(replay),
        ]
        data["key"] = replay ? nil : storedKey.map { .string($0) }
        if withPreviousKey { data["previousKey"] = true }
        describe(known, &subject, &data)
        decision?.describe(&data)
        if !verified { data["reason"] = "userName or authentication is not ours" }
        data["response"] = response
        return author.draft(
            type, outcome: isGood ? .success : .failure, subject: subject, data: data)
    }

    private var isGood: Bool {
        guard verified, case .whole = content else { return false }
        return decision.map { $0.answer.code == .success } ?? true
    }

    private var type: EventType {
        guard case .settled = decision?.answer.fact else { return .callbackReceived }
        return decision?.registration?.kind == .collection ? .callbackCollected : .callbackPaid
    }

    /// The key as log and ledger know it: a hash, since it may hold account numbers. A refused
    /// payment has none: it may be told again and be right then.
    var storedKey: String? {
        if let decision, decision.answer.fact == nil { return nil }
        return paymentKey
    }

    /// The hash of the key.
    var paymentKey: String? { key.map { "sha256:" + SHA256Text.of($0) } }

    /// By scalars: a mark behind a separator would make another character of it.
    private static func escaped(_ part: String) -> String {
        var escaped = ""
        for scalar in part.unicodeScalars {
            if scalar == "\\" || scalar == "|" { escaped += "\\" }
            escaped.unicodeScalars.append(scalar)
        }
        return escaped
    }

    /// Longest text taken over from a callback, in characters: the wire's longest field has 255.
    static let maxTextLength = 255

    static func cut(_ text: String) -> String { text.cut(to: maxTextLength) }

    /// All but the last four characters masked; short ones wholly.
    static func lastFour(_ number: String) -> String {
        let hidden = min(number.count > 4 ? number.count - 4 : number.count, 16)
        return String(repeating: "*", count: hidden) + (number.count > 4 ? number.suffix(4) : "")
    }
}

extension CallbackNote.Decision {
    /// What the event says of the decision.
    fileprivate func describe(_ data: inout JSONObject) {
        data["code"] = .string(answer.code.rawValue)
        if let registration {
            CounterNote.add(registration.row, to: &data)
            data["amount"] = .string(registration.amount.text)
            if let fact = answer.fact {
                CounterNote(row: registration.row, fact: fact).add(to: &data)
            }
        }
        payee?.add(to: &data)
        if answer.code != .success { data["reason"] = .string(answer.description) }
        if answer.raised { data["raised"] = true }
    }
}
